"""Reads of decisions, scoped by `by` and on a ground; whose decision was read is on the record."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from amparo.kernel.errors import NotFound, NotPermitted
from amparo.kernel.ids import HouseholdId
from amparo.programmes import models
from amparo.programmes.types import Decision, State
from amparo.programmes.withholding import expect_decisions, shown
from amparo.registry.queries import all_groups_of, dictionary, members_at
from amparo.trust.log.recording import record
from amparo.trust.scope import inside, where, within
from amparo.trust.types import Actor, Event, Ground, Standing

PAGE = 50
Place = tuple[int, UUID]


@dataclass(frozen=True)
class Listed:
    """One line of a list of decisions, with the number of the household it is about or of the person's household."""

    decision: Decision
    number: int

    @property
    def place(self) -> Place:
        """Where the line stands in the list: give the last one's to `decisions_in` to go on after it."""
        return self.decision.area_number, self.decision.id


def decision(id: UUID, *, by: Actor, under: Ground) -> Decision:
    """Return one decision, without its facts: `explain` tells those that `by` may read.

    Raises NotFound also when it lies outside the actor's areas.
    """
    return _shown(_read(_rows().defer("facts"), id, by, under), by)


def with_facts(id: UUID, *, by: Actor, under: Ground) -> Decision:
    """Return one decision with the facts it kept, whatever `by` may read of them: for this package, to explain it."""
    return decision_of(_read(_rows(), id, by, under))


def _read(rows: QuerySet[models.Decision], id: UUID, by: Actor, under: Ground) -> models.Decision:
    row = within(rows.filter(id=id), by).first()
    if row is None or _standing(row) not in by.standings_at(row.area_number):
        raise NotFound("programmes-decision-unknown")
    _record_read(row, by, under)
    return row


def _standing(row: models.Decision) -> Standing:
    return Standing.SUPERSEDED if row.superseded_at else Standing(row.state)


def _shown(row: models.Decision, by: Actor) -> Decision:
    return shown(decision_of(row, has_facts=False), by, dictionary())


def decisions_of_household(household_id: UUID, *, by: Actor, under: Ground) -> list[Decision]:
    """Return the decisions about a household, its groups and its present members: by programme and unit, the latest first.

    Those that stand as `by` may read them.
    """
    people = within(members_at(household_id), by).values_list("person_id", flat=True)
    groups = all_groups_of(household_id, by=by)
    rows = within(_rows().defer("facts").filter(unit_id__in=[household_id, *groups, *people]), by)
    ordered = rows.order_by("programme__position", "programme__code", "unit_id", "-decided_at", "-id")
    found = [each for each in ordered if _standing(each) in by.standings_at(each.area_number)]
    for each in found[:1]:
        _record_read(each, by, under, decisions=len(found))
    return [_shown(each, by) for each in found]


def decisions_in(
    programme: str,
    first: int,
    last: int,
    *,
    by: Actor,
    under: Ground,
    state: State = State.IN_EFFECT,
    outcomes: Sequence[bool | None] = (True, False, None),
    after: Place | None = None,
    at_most: int = PAGE,
    not_enrolled: bool = False,
    beside: str = "",
    asked: Sequence[Any] = (),
) -> list[Listed]:
    """Return a page of a programme's standing decisions in a range of areas, by area and then by age.

    `not_enrolled`  of those alone who take no part in the programme, and wait for none
    `beside`  a further condition of this package's own, which begins with AND, and `asked` what it is asked with
    Raises NotPermitted for whoever may not read decisions wherever they reach. One audit row names everybody on the page.
    """
    beside += _NOT_ENROLLED if not_enrolled else ""
    statement, values = _listing(
        programme, first, last, by=by, state=state, outcomes=outcomes, after=after, beside=beside, asked=asked
    )
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} LIMIT %s", [*values, at_most])
        listed = [_listed(row, by) for row in cursor.fetchall()]
    record(
        Event.DECISIONS_LISTED,
        by=by,
        under=under,
        about_kind="programme",
        about_id=programme,
        area_number=first,
        units=[str(each.decision.unit_id) for each in listed],
        households=sorted({str(each.decision.household_id) for each in listed}),
    )
    return listed


def exported_decisions(
    programme: str, first: int, last: int, *, by: Actor, under: Ground, state: State = State.IN_EFFECT
) -> Iterator[Listed]:
    """Yield all of a programme's standing decisions in a range of areas; on the record with their number at the end.

    To be read to its end within one transaction of the caller's.
    """
    statement, values = _listing(programme, first, last, by=by, state=state, outcomes=(True, False, None), after=None)
    exported = 0
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, values)
        while rows := cursor.fetchmany(2_000):
            yield from (_listed(row, by) for row in rows)
            exported += len(rows)
    record(
        Event.DECISIONS_EXPORTED,
        by=by,
        under=under,
        about_kind="programme",
        about_id=programme,
        area_number=first,
        decisions=exported,
    )


def standing_of(units: Sequence[UUID], *, by: Actor) -> list[models.Decision]:
    """Return what stands about these units: in effect, proposed and under review, with their rule versions."""
    rows = within(_rows().filter(unit_id__in=units, superseded_at=None), by)
    return list(rows.order_by("-decided_at", "-id"))


def decision_of(row: models.Decision, *, has_facts: bool = True) -> Decision:
    return Decision(
        id=row.id,
        decided_at=row.decided_at,
        programme=row.programme.code,
        unit=row.grain,
        unit_id=row.unit_id,
        household_id=HouseholdId(row.household_id),
        area_number=row.area_number,
        outcome=row.outcome,
        amount=row.amount_minor,
        missing=tuple(row.missing),
        on=row.on_day,
        state=State(row.state),
        superseded_at=row.superseded_at,
        run=row.run_id,
        rule_version=row.rule_version_id,
        facts=row.facts if has_facts else None,
        rank=row.rank,
        places=row.places,
    )


def _rows() -> QuerySet[models.Decision]:
    return models.Decision.objects.select_related("programme", "rule_version")


def _record_read(row: models.Decision, by: Actor, under: Ground, **details: Any) -> None:
    record(
        Event.DECISION_READ,
        by=by,
        under=under,
        about_kind=row.grain,
        about_id=row.unit_id,
        area_number=row.area_number,
        programme=row.programme.code,
        **details,
    )


_LISTED = (
    "id, decided_at, run_id, grain, unit_id, household_id, area_number, outcome, amount_minor, missing, on_day, state,"
    " superseded_at, rule_version_id, rank, places"
)


_NOT_ENROLLED = """AND NOT EXISTS (SELECT FROM programmes_enrolment e
    WHERE e.programme_id = d.programme_id AND e.unit_id = d.unit_id AND e.state <> 'ended')"""


def _listing(
    programme: str,
    first: int,
    last: int,
    *,
    by: Actor,
    state: State,
    outcomes: Sequence[bool | None],
    after: Place | None,
    beside: str = "",
    asked: Sequence[Any] = (),
) -> tuple[str, list[Any]]:
    expect_decisions(by.classes)
    if Standing(state.value) not in by.standings:
        raise NotPermitted("programmes-decisions-withheld")
    condition, scope = where(by, of="programmes_decision", row="d")
    place, ends = inside(first, last, by, column="d.area_number")
    columns = ", ".join(f"d.{each.strip()}" for each in _LISTED.split(","))
    beyond = "AND (d.area_number, d.id) > (%s, %s)" if after else ""
    statement = f"""
        SELECT {columns}, p.code, h.number
        FROM programmes_decision d
        JOIN programmes_programme p ON p.id = d.programme_id
        JOIN registry_household h ON h.id = d.household_id
        WHERE d.programme_id = (SELECT id FROM programmes_programme WHERE code = %s)
            AND d.superseded_at IS NULL AND d.state = %s AND {place} AND {condition}
            AND coalesce(d.outcome::text, '') = ANY (%s) {beside} {beyond}
        ORDER BY d.area_number, d.id
    """
    wanted = [{True: "true", False: "false", None: ""}[each] for each in outcomes]
    return statement, [programme, state.value, *ends, *scope, wanted, *asked, *(after or ())]


def _listed(row: tuple[Any, ...], by: Actor) -> Listed:
    *values, code, number = row
    held = dict(zip((each.strip() for each in _LISTED.split(",")), values, strict=True))
    found = Decision(
        id=held["id"],
        decided_at=held["decided_at"],
        programme=code,
        unit=held["grain"],
        unit_id=held["unit_id"],
        household_id=held["household_id"],
        area_number=held["area_number"],
        outcome=held["outcome"],
        amount=held["amount_minor"],
        missing=tuple(held["missing"]),
        on=held["on_day"],
        state=State(held["state"]),
        superseded_at=held["superseded_at"],
        run=held["run_id"],
        rule_version=held["rule_version_id"],
        rank=held["rank"],
        places=held["places"],
    )
    return Listed(shown(found, by, dictionary()), number)
