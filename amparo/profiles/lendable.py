"""What an agreement may hand over: facts of the dictionary, and the words that programmes and payments have beside them.

Shape   a field as an agreement lists it, or its whole terms, in; why it cannot be so, out
Nulls   None, or nothing, where it can
"""

from collections.abc import Iterator, Mapping

from amparo.kernel.errors import Refused
from amparo.payments import lent_words as of_payments
from amparo.programmes import lent_words as of_programmes
from amparo.registry import lent
from amparo.registry.dictionary import Dictionary
from amparo.trust.covering import Direction, FieldTerm, Given, Terms

# Grain → names, each handed over as it is and in no other form.
WORDS: Mapping[str, tuple[str, ...]] = {**of_programmes.WORDS, **of_payments.WORDS}


def unfit(field: FieldTerm, words: Dictionary) -> Refused | None:
    """Return why a field cannot be handed over in the form that an agreement says; None where it can."""
    place = f"{field.grain}.{field.name}"
    if field.grain not in WORDS:
        return lent.unfit(field, words)
    if field.name not in WORDS[field.grain]:
        return Refused("registry-field-not-lent", field=place)
    if field.given is not Given.VALUE or not field.is_sound:
        return Refused("profiles-lent-as-it-is", field=place)
    return None


def unfounded(terms: Terms) -> Iterator[Refused]:
    """Yield why fields cannot be in terms, whatever their form: they are of a programme that the terms do not name, or come in."""
    for each in terms.fields:
        is_of_one = each.grain in WORDS and (each.grain, each.name) not in of_programmes.OF_NOBODYS_PROGRAMME
        if each.grain in WORDS and terms.direction is Direction.IN:
            yield Refused("registry-field-not-lent", field=f"{each.grain}.{each.name}")
        elif is_of_one and not terms.programme:
            yield Refused("profiles-lent-of-a-programme", field=f"{each.grain}.{each.name}")
