"""Decisions as the citizen whom they concern reads them, and why they say what they say.

An explanation rests on facts of everybody whom the rule asked. It is put together by the system, and told to a citizen with
its reckoning only where all of it is theirs to see; else with the answer, the law and how to appeal.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from amparo.kernel.errors import NotFound
from amparo.programmes import models
from amparo.programmes.explanation import Explanation, Input
from amparo.programmes.queries.decisions import decision_of
from amparo.programmes.queries.explaining import explain
from amparo.programmes.queries.noticing import amount_in_effect, notice, notice_about
from amparo.programmes.rulebook import rulebook
from amparo.programmes.types import Decision, Notice
from amparo.registry.insight import Relation, shows
from amparo.registry.lists import PERSON, grain_of
from amparo.registry.own import near, own_units
from amparo.registry.queries import dictionary
from amparo.rules.lower.names import plain
from amparo.trust.context import acting
from amparo.trust.log.tracker import LETTER, note_look
from amparo.trust.types import OWN_RIGHT, Actor, Ground, Permission, system


@dataclass(frozen=True)
class OwnLetter:
    """Why a decision says what it says, for the citizen: `is_whole` where all that it rests on is theirs to see."""

    why: Explanation
    notice: Notice | None
    was: int | None
    is_whole: bool


def own_decisions(*, by: Actor) -> list[Decision]:
    """Return what stands about whom the citizen looks at, by programme, the latest first."""
    rows = _own(by).filter(superseded_at=None)
    found = [_decision(each) for each in rows.order_by("programme__position", "programme__code", "-decided_at", "-id")]
    note_look(by.narrowed(Permission.SEE_OWN), part="decisions")
    return found


def own_letter(id: UUID, *, by: Actor) -> OwnLetter:
    """Return the explanation of a decision that concerns whom the citizen looks at. Raises NotFound for any other."""
    row = _own(by).filter(id=id).first()
    if row is None:
        raise NotFound("programmes-decision-unknown")
    note_look(by.narrowed(Permission.SEE_OWN), part="decisions")
    seen = near(by).relations
    ground = _ground(row)
    with acting(system(LETTER)) as writer:
        why = explain(id, by=writer, under=ground)
        given = notice_about(id, by=writer)
        told = notice(given, by=writer, under=ground) if given else None
        was = amount_in_effect(why.programme, why.unit_id, by=writer)
    is_whole = all(_may_see(each, why, seen) for each in why.inputs if each.fact is not None)
    return OwnLetter(why if is_whole else _kept_short(why), told, was, is_whole)


def is_own(id: UUID, *, by: Actor) -> bool:
    """Whether a decision concerns whom the citizen looks at."""
    return _own(by).filter(id=id).exists()


def _ground(row: models.Decision) -> Ground:
    """Return what the run was for; a single household's decision is read on no other ground than the person's own right."""
    run = models.Determination.objects.filter(id=row.run_id).first() if row.run_id else None
    return Ground(run.purpose) if run else OWN_RIGHT


def _may_see(one: Input, why: Explanation, seen: Mapping[UUID, Relation]) -> bool:
    """Whether a fact of an explanation may be told: by whose it is, which its place says. Of relatives elsewhere, none."""
    words, key = dictionary(), (one.grain, plain(one.name))
    if one.place[0] == "area":
        return True
    if key not in words or (one.grain == PERSON and len(one.place) > 2):
        return False
    whose = why.members[one.place[1]][0] if one.place[0] == "members" else why.household_id
    relation = seen.get(whose)
    return relation is not None and shows(relation, words[key])


def _kept_short(why: Explanation) -> Explanation:
    """Return an explanation without what it was reckoned from, and without who else lives there."""
    return replace(why, trace=None, amount_trace=None, inputs=(), figures={}, ranking=None, asked=None)


def _own(by: Actor) -> QuerySet[models.Decision]:
    """Return the rows about whom the citizen looks at, without the columns that are not for them."""
    units: Collection[UUID] = own_units(by)
    rows = models.Decision.objects.filter(unit_id__in=units).select_related("programme")
    return rows.defer("facts", "area_number", "made_by")


def _decision(row: models.Decision) -> Decision:
    row.facts, row.area_number = None, 0  # not read, so that nothing fetches them
    return decision_of(row)


def programmes_reading(on: date) -> Mapping[tuple[str, str], Sequence[str]]:
    """Return (grain, field) → the programmes whose rule on the day reads it."""
    found: dict[tuple[str, str], list[str]] = {}
    for programme in rulebook(on).programmes:
        for path, name in sorted(programme.reads):
            if name and programme.code not in (codes := found.setdefault((grain_of(path), plain(name)), [])):
                codes.append(programme.code)
    return found
