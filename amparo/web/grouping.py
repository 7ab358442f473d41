"""Families, couples and ranks in words: whose members a rule asked, and how a unit stands where places are few."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from amparo.kernel.messages import Message, message
from amparo.programmes.config import Unit
from amparo.programmes.explanation import Explanation, Ranked
from amparo.programmes.ranking import RANK
from amparo.registry.types import HouseholdRecord
from amparo.web.explaining import Teller, Words
from amparo.web.presenting import worded


@dataclass(frozen=True)
class RankTold:
    """How a unit stands, in a sentence, and each thing it is ranked by, in order."""

    said: Message
    keys: tuple[Words, ...]


def named(kind: str, names: Sequence[Words]) -> Words:
    """Return a family or couple by its members; by its kind where nobody is in it now."""
    label = worded(f"group-{kind}", kind)
    return message("web-group-of", kind=label, names=list(names)) if names else label


def units(record: HouseholdRecord, kind: Unit, names: Mapping[UUID, Words]) -> list[tuple[UUID, Words]]:
    """Return the families or couples of a household, and who is in none, each with their names."""
    groups = [
        (each.id, named(each.kind, [names[id] for id in each.persons])) for each in record.groups if each.kind == kind
    ]
    return [*groups, *((id, name) for id, name in names.items() if record.group_of(kind, id) is None)]


def group(explanation: Explanation, teller: Teller) -> Words:
    """Return the family or couple decided about."""
    return named(explanation.unit.value, [teller.who(place) for place in explanation.asked or ()])


def whom(explanation: Explanation, teller: Teller) -> Words | None:
    """Return the person, family or couple decided about; None where it is the household."""
    if explanation.unit.is_group:
        return group(explanation, teller)
    places = (index for index, (id, _) in enumerate(explanation.members) if id == explanation.unit_id)
    index = next(places, None)
    return None if index is None else teller.who(index)


def asked(explanation: Explanation, teller: Teller) -> Message | None:
    """Return whose members the rule asked, where it is not the whole household."""
    if explanation.group is None or not explanation.asked:
        return None
    kind = worded(f"group-{explanation.group}", explanation.group.value)
    # Of somebody in no group, of whom the programme does not suppose that they are by themselves, nothing is decided.
    id = "web-group-supposed" if explanation.group in explanation.missing else "web-group-asked"
    return message(id, kind=kind, names=[teller.who(place) for place in explanation.asked])


def ranked(explanation: Explanation, teller: Teller) -> RankTold | None:
    """Return how the unit stands; None where nobody is ranked, or the unit need not be: it is refused, or not known."""
    ranking = explanation.ranking
    if ranking is None or (ranking.rank is None and explanation.missing != (RANK,)):
        return None
    keys = (_key(told.root, descending, teller) for _, descending, told in ranking.keys)
    return RankTold(_said(explanation, ranking), tuple(keys))


def _said(explanation: Explanation, ranking: Ranked) -> Message:
    if ranking.rank is None:
        return message("web-ranked-next-run")
    told = {"rank": ranking.rank, "places": ranking.places}
    if ranking.waiting:
        return message("web-ranked-waiting", waiting=ranking.waiting, **told)
    return message("web-ranked-granted" if explanation.outcome else "web-ranked-contested", **told)


def _key(step, descending: bool, teller: Teller) -> Message:
    return message("web-ranked-descending" if descending else "web-ranked-ascending", key=teller.phrase(step))
