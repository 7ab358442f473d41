"""What an agreement hands over beside facts has words on its contract and in what a person sees of who used their record (PRV-2)."""

import pytest

from amparo.profiles.languages import has_words, say
from amparo.profiles.lendable import WORDS
from amparo.trust.covering import FieldTerm
from amparo.web.agreed import handed_over, lent_label
from tests.lib import country

LENT = [(grain, name) for grain, names in WORDS.items() for name in names]


@pytest.mark.parametrize(("grain", "name"), LENT)
def test_each_word_has_words_of_its_own(grain, name):
    told = handed_over(FieldTerm(grain, name), country.DICTIONARY)
    assert told["label"] == lent_label(grain, name)
    for language in ("en", "ar"):
        assert say(told["label"], language)
        assert say(told["form"], language)
    assert has_words(f"web-agreement-grain-{grain}")


def test_no_two_are_called_the_same():
    assert len({say(lent_label(*each)) for each in LENT}) == len(LENT)
