"""Checks a list that a partner holds: of each number yes, no or unknown to one question of its agreement, and nothing else.

Shape   numbers in; one answer for each out, in their order. One question to the database for all of them
Units   numbers, found or not: each counts against the volume, because "not found" tells something too
Nulls   a number that nobody in reach has is not found, and never a no. Who takes part in what is known of enrolments here and of
        what programmes' systems told in the last months; where none of them is heard of a programme, nobody knows who is in it
Errors  NotCovered as `exchange_page`
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from amparo.programmes.lent import GRANTED
from amparo.programmes.lent_words import Answer, Question
from amparo.programmes.overlapping import OverlapRule
from amparo.programmes.types import OverlapClass
from amparo.registry.lent_records import holders, reached
from amparo.registry.queries import dictionary
from amparo.trust import prepared
from amparo.trust.actions.exchanging import OpenPage, exchange_page
from amparo.trust.covering import Request
from amparo.trust.grounds.pseudonyms import pseudonyms
from amparo.trust.types import Actor

_CHECKED = "SELECT person_id, answer FROM amparo_checked_lent(%s, %s, %s::text[], %s::text[])"


@dataclass(frozen=True)
class Checked:
    """What is answered of one number. `pseudonym`: the partner's own name for whoever has it; None: not found."""

    answer: Answer
    pseudonym: str | None


def check(
    agreement: UUID,
    request: Request,
    question: Question,
    numbers: Sequence[tuple[str, str]],
    rules: Sequence[OverlapRule],
    *,
    by: Actor,
    on: date,
) -> list[Checked]:
    """Return the answer to a question about the holder of each (scheme, number), as far as the agreement reaches them.

    `rules`: how programmes go together. A day's lists about one question are one exchange.
    """
    with exchange_page(agreement, request, by=by, on=on, of_day=True) as page:
        by_place = holders(numbers, page.keys)
        told = _told(page, question, list(set(by_place.values())), rules)
        page.records, page.about = len(numbers), {"persons": list(told)}
    names = pseudonyms(told, organisation=page.partner.id, sealed=page.partner.sealed_key)
    found = (by_place.get(place) for place in range(1, len(numbers) + 1))
    return [Checked(told[each], names[each]) if each in told else Checked(Answer.NOT_FOUND, None) for each in found]


def _told(
    page: OpenPage, question: Question, persons: list[UUID], rules: Sequence[OverlapRule]
) -> Mapping[UUID, Answer]:
    if question is Question.REGISTERED:
        return dict.fromkeys(reached(page.covered, persons, dictionary(), granted=GRANTED), Answer.YES)
    against, stated = beside(page.covered.programme, rules)
    rows = prepared.rows(_CHECKED, [persons, question.value, against, stated])
    return {person: Answer(answer) for person, answer in rows}


def beside(programme: str, rules: Sequence[OverlapRule]) -> tuple[list[str], list[str]]:
    """Return the programmes that do not go together with one, and all of which it is stated whether they do."""
    stated = {other: each.overlap for each in rules if programme in each.pair for other in each.pair}
    stated.pop(programme, None)
    known = {other: overlap for other, overlap in stated.items() if overlap is not OverlapClass.UNKNOWN}
    return sorted(each for each in known if known[each] is OverlapClass.INCOMPATIBLE), sorted(known)
