"""What an agreement may hand over beside facts: as it is, of the programme that it names, and out (PRV-2)."""

from dataclasses import replace

import pytest

from amparo.profiles import lendable
from amparo.trust.covering import Comparison, Direction, FieldTerm, Given
from tests.lib import country
from tests.lib.agreeing import TERMS


@pytest.mark.parametrize("grain", lendable.WORDS)
def test_each_word_is_lent_as_it_is_and_in_no_other_form(grain):
    for name in lendable.WORDS[grain]:
        assert lendable.unfit(FieldTerm(grain, name), country.DICTIONARY) is None
        for given, limits, comparison in (
            (Given.KNOWN, (), None),
            (Given.BAND, (1,), None),
            (Given.TEST, (1,), Comparison.AT_LEAST),
            (Given.VALUE, (1,), None),
        ):
            refused = lendable.unfit(FieldTerm(grain, name, given, limits, comparison), country.DICTIONARY)
            assert refused.message.id == "profiles-lent-as-it-is"


@pytest.mark.parametrize(
    "place", [("check", "rich"), ("payment", "account"), ("enrolment", "amount"), ("decision", "x")]
)
def test_a_word_that_there_is_not_is_refused(place):
    assert lendable.unfit(FieldTerm(*place), country.DICTIONARY).message.id == "registry-field-not-lent"


def test_facts_are_held_to_the_dictionary_as_before():
    assert lendable.unfit(FieldTerm("person", "birth_date"), country.DICTIONARY) is None
    assert lendable.unfit(FieldTerm("person", "shoe_size"), country.DICTIONARY).message.id == "registry-field-not-lent"


def faults(**changes) -> list[str]:
    return [each.message.id for each in lendable.unfounded(replace(TERMS, **changes))]


def test_what_is_of_a_programme_needs_one_and_goes_out():
    of_one = (FieldTerm("check", "enrolled"), FieldTerm("enrolment", "state"), FieldTerm("payment", "amount"))
    assert faults(fields=of_one, programme="poor_home") == []
    assert faults(fields=of_one) == ["profiles-lent-of-a-programme"] * 3
    assert faults(fields=(FieldTerm("check", "registered"),)) == []
    assert faults(fields=of_one, programme="poor_home", direction=Direction.IN) == ["registry-field-not-lent"] * 3
    assert faults() == []
