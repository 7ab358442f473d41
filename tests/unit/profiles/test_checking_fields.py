"""The dictionary of a country: each field that is not sound is named, with its file; and every shipped profile is sound."""

import pytest

from amparo.profiles.checking import check
from amparo.profiles.finding import find, shipped


def field(**changes: object) -> str:
    """One more field, good but for the changes."""
    keys = {"name": '"extra"', "grain": '"household"', "type": '"boolean"', "purpose": '"assessment"'}
    keys |= {"used_by": '["health"]'} | {key: str(value) for key, value in changes.items()}
    return "\n[[field]]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items() if value != "None")


WORDS = '\n\nmsgid "field-household-extra"\nmsgstr "Extra"\n'


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_profile_is_sound(name):
    assert check(find(name)) == ()


@pytest.mark.parametrize(
    ("extra", "id"),
    [
        ({"purpose": '"curiosity"'}, "profiles-purpose-unknown"),
        ({"precedence": '["census", "gossip"]'}, "profiles-source-unknown"),
        ({"type": '"code"', "vocabulary": '"colours"'}, "profiles-vocabulary-unknown"),
        ({"type": '"code"'}, "profiles-vocabulary-misplaced"),
        ({"vocabulary": '"sex"'}, "profiles-vocabulary-misplaced"),
        ({"used_by": "[]"}, "profiles-field-unused"),
        ({"used_by": "None"}, "profiles-field-unused"),
        ({"used_by": '["astrology"]'}, "profiles-use-unknown"),
        ({"used_by": '["health", "programme:child_grant"]'}, "profiles-use-untrue"),
        ({"used_by": '["health", "programme:no_such"]'}, "profiles-use-unknown"),
        ({"type": '"text"', "minimum": '"a"'}, "profiles-limit-without-order"),
        ({"type": '"integer"', "minimum": "9", "maximum": "3"}, "profiles-limits-in-reverse"),
        ({"role": '"boss"'}, "profiles-value-unknown"),
        ({"type": '"date"', "effective_month": "true"}, "profiles-month-misplaced"),
        ({"type": '"bool"'}, "profiles-value-unknown"),
        ({"class": '"secret"'}, "profiles-value-unknown"),
        ({"valid_months": "12", "valid_days": "365"}, "profiles-validity-twice"),
        ({"valid_months": "0"}, "profiles-validity-none"),
        ({"colour": '"blue"'}, "profiles-key-unknown"),
        ({"purpose": "None"}, "profiles-key-missing"),
        ({"type": '"money"', "minimum": '"1.005"'}, "kernel-money-unreadable"),
        ({"type": '"integer"', "minimum": '"low"'}, "profiles-value-wrong"),
        ({"type": '"integer"', "minimum": "true"}, "profiles-value-wrong"),
    ],
)
def test_a_field_that_is_not_sound_is_named(country, extra, id):
    country.add("dictionary.toml", field(**extra))
    for language in ("en", "ar"):
        country.add(f"locale/{language}.po", WORDS)
    assert [(each.message.id, each.file) for each in country.problems()] == [(id, "dictionary.toml")]


@pytest.mark.parametrize("name", ["Extra", "2nd", "size", "area_number", "x y", "a" * 64])
def test_a_name_that_can_be_no_column_is_refused(country, name):
    country.add("dictionary.toml", field(name=f'"{name}"'))
    assert country.ids() == ["profiles-name-wrong"]
