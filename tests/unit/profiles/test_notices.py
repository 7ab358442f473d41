"""What a country tells its people: a text that names a programme, an amount or a reason does not pass (OPS-2, PRV-2)."""

import pytest

from amparo.notices.config import Use
from amparo.notices.kinds import KINDS, PARTS, may_hold
from amparo.notices.types import Channel, Kind
from amparo.profiles.checking import languages as words
from amparo.profiles.checking import notices as checking
from amparo.profiles.checking.notices import placeholders
from amparo.profiles.places import Problems
from amparo.profiles.reading import read
from amparo.profiles.reading.notices import read_notices

LANGUAGES = ("en", "ar")
TEXT = "There is news about your registration. Please ask at your office. Reference {reference}."


def read_ids(country) -> list[str]:
    problems = Problems()
    read_notices(country.folder, LANGUAGES, problems)
    return [each.message.id for each in problems.found]


def ids(country) -> list[str]:
    """Return what is wrong with what a country tells, and with its words."""
    problems, profile = Problems(), read(country.folder)
    checking.check(profile, problems)
    words.check(profile, problems)
    return sorted(each.message.id for each in problems.found)


def test_the_example_tells_of_everything_by_letter_where_nobody_was_asked(velmora):
    told = velmora.notices
    assert (told.kinds, told.unasked, told.languages) == (tuple(Kind), Channel.LETTER, LANGUAGES)
    assert told.contact[Use.PHONE] == ("household", "phone")
    assert told.spoken == {"english": "en", "arabic": "ar"}


def test_a_country_without_the_file_tells_nobody_anything(country):
    (country.folder / "notices.toml").unlink()
    assert read_notices(country.folder, LANGUAGES, Problems()).kinds == ()


@pytest.mark.parametrize(
    ("old", "new", "id"),
    [
        ('"case-received"', '"case-recieved"', "profiles-value-unknown"),
        ('unasked = "letter"', 'unasked = "none"', "profiles-value-unknown"),
        ('unasked = "letter"', 'unasked = "pigeon"', "profiles-value-unknown"),
        ('arabic = "ar"', 'arabic = "fr"', "profiles-value-unknown"),
        ("phone =", "fone =", "profiles-key-unknown"),
        ("kinds =", "kind =", "profiles-key-unknown"),
    ],
)
def test_a_slip_of_the_pen_is_said(country, old, new, id):
    assert read_ids(country) == []
    assert id in read_ids(country.replace("notices.toml", old, new))


@pytest.mark.parametrize(
    "field", ["household.fone", "phone", "household.safe_contact", "area.phone", "household.displaced"]
)
def test_people_are_reached_by_what_the_dictionary_has_and_by_nothing_that_is_kept_closer(country, field):
    assert ids(country.replace("notices.toml", '"household.phone"', f'"{field}"')) == ["profiles-notices-field"]


@pytest.mark.parametrize(
    ("wrong", "id"),
    [
        ("News about {programme}. Reference {reference}.", "profiles-notices-placeholder"),
        ("You get {amount}. Reference {reference}.", "profiles-notices-placeholder"),
        ("Because {reason}.", "profiles-notices-placeholder"),
        ("{0} {reference}", "profiles-notices-unreadable"),
        ("{reference.__class__}", "profiles-notices-unreadable"),
        ("{reference!r}", "profiles-notices-unreadable"),
        ("{reference:>20}", "profiles-notices-unreadable"),
        ("{reference", "profiles-notices-unreadable"),
        ("Your child grant ends. {reference}", "profiles-notices-named"),
        ("You lose 500 XVM. {reference}", "profiles-notices-named"),
        ("Ask. " * 100, "profiles-notices-long"),
    ],
)
def test_a_text_asks_for_nothing_but_what_is_neutral_and_names_no_programme_or_money(country, wrong, id):
    assert ids(country) == []
    old = f'msgid "notice-decision-in-effect-text"\nmsgstr "{TEXT}"'
    assert ids(country.replace("locale/en.po", old, old.replace(TEXT, wrong))) == [id]


def test_words_are_asked_for_in_every_language(country):
    country.replace("locale/ar.po", 'msgid "notice-case-closed-letter"', 'msgid "notice-case-closed-leter"')
    assert ids(country) == ["profiles-words-missing"]


def test_every_kind_has_a_line_and_no_neutral_part_may_hold_more_than_a_reference_a_day_and_a_code():
    assert set(KINDS) == set(Kind)
    for kind in Kind:
        for part, channel in PARTS.items():
            if channel is not Channel.LETTER:
                assert may_hold(kind, part) <= {"reference", "day", "code"}


def test_placeholders_are_names_alone():
    assert placeholders("{a} {b} {{c}}") == {"a", "b"}
    assert [placeholders(each) for each in ("{", "{a.b}", "{a[0]}", "{}", "{a!s}")] == [None] * 5
