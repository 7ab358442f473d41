"""`transitions.toml`: what in a life opens a case, and what is refused of it."""

from dataclasses import replace

import pytest

from amparo.cases.config import LEAD_DAYS, TransitionConfig, Trigger
from amparo.profiles.checking import transitions as checking
from amparo.profiles.places import Problems
from amparo.profiles.reading.transitions import FILE, read_transitions

HEAD = 'source = "office"\ncategory = "life"\n'
SOUND = HEAD + '[[transition]]\ncode = "adult"\nat_age = 18\nnext = ["one"]\n'


def read(text: str, folder) -> tuple[tuple[TransitionConfig, ...], list[str]]:
    (folder / FILE).write_text(text)
    problems = Problems()
    return read_transitions(folder, problems), [each.message.id for each in problems.found]


def test_without_the_file_no_transition_opens_anything(tmp_path):
    assert read_transitions(tmp_path, Problems()) == ()


def test_an_age_opens_ninety_days_ahead_where_nothing_else_is_said(tmp_path):
    (found,), problems = read(SOUND, tmp_path)
    assert (found, problems) == (
        TransitionConfig("adult", Trigger.AGE, "life", "office", years=18, days=LEAD_DAYS, next=("one",)),
        [],
    )


@pytest.mark.parametrize(
    ("begins", "wanted"),
    [
        ('fact = "works"', {"trigger": Trigger.FACT, "field": "works", "value": "true"}),
        ('fact = "at_school"\nvalue = false', {"trigger": Trigger.FACT, "field": "at_school", "value": "false"}),
        ('fact = "status"\nvalue = "retired"', {"trigger": Trigger.FACT, "field": "status", "value": "retired"}),
        ("born = true", {"trigger": Trigger.BORN}),
        ('told = ["fund"]', {"trigger": Trigger.TOLD, "told": ("fund",)}),
        ("moved = true", {"trigger": Trigger.MOVED}),
    ],
)
def test_each_way_to_begin(tmp_path, begins, wanted):
    (found,), problems = read(SOUND.replace("at_age = 18", begins), tmp_path)
    assert problems == []
    assert {name: getattr(found, name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("was", "wrong", "id"),
    [
        ("at_age = 18", "at_age = 18\nborn = true", "profiles-transition-begins"),
        ("at_age = 18\n", "", "profiles-transition-begins"),
        ("at_age = 18", "at_age = 18\ndays_ahead = 89", "profiles-value-wrong"),
        ("at_age = 18", "at_age = 130", "profiles-value-wrong"),
        ("at_age = 18", "born = false", "profiles-value-wrong"),
        ("at_age = 18", "told = []", "profiles-key-missing"),
        ('next = ["one"]', "", "profiles-transition-empty"),
        ('next = ["one"]', 'next = ["one"]\nreceiving = true', "profiles-transition-receiving"),
        ('code = "adult"', 'code = "Adult"', "profiles-name-wrong"),
        ("at_age = 18", "at_age = 18\nlaw = 1", "profiles-key-unknown"),
        ('source = "office"\n', "", "profiles-key-missing"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, was, wrong, id):
    assert read(SOUND.replace(was, wrong), tmp_path)[1] == [id]


def test_a_code_is_given_once(tmp_path):
    found, problems = read(SOUND + SOUND.removeprefix(HEAD), tmp_path)
    assert (len(found), problems) == (1, ["profiles-code-given-twice"])


def checked(velmora, **more) -> list[tuple[str, str]]:
    problems = Problems()
    stated = replace(velmora.transitions[1], **more)
    checking.check(replace(velmora, transitions=(stated,)), problems)
    return [(each.message.id, str(each.message.values.get("key", ""))) for each in problems.found]


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"next": ("nothing",)}, "next"),
        ({"ends": ("nothing",)}, "ends"),
        ({"told": ("child_grant",)}, "told"),
        ({"category": "find_out"}, "category"),
        ({"source": "nobody"}, "source"),
        ({"trigger": Trigger.FACT, "field": "birth_date", "value": "true"}, "fact"),
        ({"trigger": Trigger.FACT, "field": "nothing", "value": "true"}, "fact"),
        ({"trigger": Trigger.FACT, "field": "attends_school", "value": "perhaps"}, "value"),
    ],
)
def test_what_names_nothing_of_the_country_is_named(velmora, more, key):
    assert checked(velmora, **more) == [("profiles-value-unknown", key)]


def test_an_age_without_birth_dates_is_named(velmora):
    fields = tuple(replace(each, role=None) for each in velmora.dictionary.fields)
    velmora = replace(velmora, dictionary=replace(velmora.dictionary, fields=fields, _by_key={}))
    assert checked(velmora) == [("profiles-transition-without-births", "")]


def test_the_example_country_has_a_transition_of_each_kind(velmora):
    assert {each.trigger for each in velmora.transitions} == set(Trigger)
    assert checked(velmora) == []
