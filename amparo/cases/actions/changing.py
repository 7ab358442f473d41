"""Opening a case for each transition of a life: ahead of a birthday, when a fact changes, when a scheme tells of somebody new.

Shape   whole tables or deliveries at once, in the worker's role; one audit row with how many. Done twice, or gone on with
        after it was stopped, nothing is opened twice: the database holds one case for a transition, person and day
Units   days; see `transitions`
Nulls   whoever is not known to reach, change or receive anything is asked about nothing
Errors  Refused where a transition asks for a field that the dictionary does not hold as it must be: it opens nothing and says
        so, after what the others open
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from amparo.cases import models, transitions
from amparo.cases.config import Trigger
from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.programmes import queries as programmes
from amparo.registry.dictionary import Dictionary, Type
from amparo.registry.queries import dictionary
from amparo.trust.log.recording import record
from amparo.trust.queries import area
from amparo.trust.types import Actor, Event, Permission

BULK = "bulk"


def open_ahead(*, on: date, by: Actor) -> int:
    """Open a case for everybody who reaches an age within its days, and close what will not happen; return how many opened."""
    ages = _stated(Trigger.AGE)
    if not ages:
        return 0
    born = _born(dictionary(using=BULK), ages[0])
    mended = tuple(each.format(born=born) for each in (transitions.OVER, transitions.AGAIN))
    return _written(transitions.OPEN.format(found=transitions.AGES.format(born=born)), on=on, by=by, mended=mended)


def open_changed(
    *, on: date, by: Actor, homes: Sequence[UUID] = (), delivery: tuple[int, datetime] | None = None
) -> int:
    """Open a case for everybody whose fact reached a value, or who was born, of some homes or of a delivery (id, received)."""
    touched = transitions.DELIVERED if delivery else transitions.HOMES
    id, received = delivery or (None, None)
    asked = {"homes": list(homes), "delivery": id, "received": received}
    opened, broken, words = 0, [], dictionary(using=BULK)
    for each in _stated(Trigger.FACT, Trigger.BORN):
        try:
            found = _changed(each, words, touched)
        except Refused as refused:
            broken.append(refused)
            continue
        opened += _opened(found, on=on, by=by, code=each.code, **asked)
    if broken:
        raise broken[0]
    return opened


def open_told(told: str, *, on: date, by: Actor) -> int:
    """Open a case for everybody of whom a statement says that a scheme tells of them anew. Part of the delivery's transaction."""
    if not _stated(Trigger.TOLD):
        return 0
    return _opened(transitions.TOLD.format(told=told), on=on, by=by)


def open_matched(beneficiary: UUID, *, on: date, by: Actor) -> int:
    """Do the same for whom a beneficiary of another programme's system was decided to be: who is known late is told of anew."""
    if not _stated(Trigger.TOLD):
        return 0
    return _opened(transitions.TOLD.format(told=programmes.matched_sql(beneficiary, on)), on=on, by=by)


def open_moved(*, on: date, by: Actor) -> int:
    """Open a case for whoever takes part in a programme of one area and lives outside it: nothing ends by itself."""
    bounds = list(_bounds())
    if not bounds or not _stated(Trigger.MOVED):
        return 0
    codes, firsts, lasts = zip(*bounds, strict=True)
    asked = {"codes": list(codes), "firsts": list(firsts), "lasts": list(lasts)}
    return _written(transitions.MOVED, on=on, by=by, **asked)


def measure_gaps(*, on: date, by: Actor) -> int:
    """Note of each transition that happened whether more than a payment cycle lay between two schemes; return of how many."""
    with transaction.atomic(using=BULK), connections[BULK].cursor() as cursor:
        cursor.execute(transitions.GAPS, transitions.asked(on, by.id, clock.now()))
        measured = cursor.rowcount
        if measured:
            about = {"about_kind": "case", "using": BULK}
            record(
                Event.CASES_OPENED, by=by.narrowed(Permission.WORK_CASE), opened=0, closed=0, measured=measured, **about
            )
    return measured


def _stated(*triggers: Trigger) -> list[models.Transition]:
    rows = models.Transition.objects.using(BULK).filter(withdrawn_at=None)
    return list(rows.filter(trigger__in=[each.value for each in triggers]).order_by("position"))


def _born(words: Dictionary, asked: models.Transition) -> str:
    """Return the column of birth dates. Raises Refused where the country keeps none."""
    field = words.with_role("person", "birth_date")
    if field is None:
        raise Refused("cases-transition-without-field", transition=asked.code, field="birth_date")
    return field.name


def _changed(asked: models.Transition, words: Dictionary, touched: str) -> str:
    """Return the finder of a fact that reached a value, or of who was born."""
    if asked.trigger == Trigger.BORN:
        return transitions.BORN.format(born=_born(words, asked), touched=touched)
    stored = words.stored_as_facts("person")
    if asked.field not in stored or words["person", asked.field].type not in (Type.BOOLEAN, Type.CODE):
        raise Refused("cases-transition-without-field", transition=asked.code, field=asked.field)
    return transitions.FACT.format(field=asked.field, touched=touched)


def _bounds() -> Iterable[tuple[str, int, int]]:
    """Yield each programme that is for the people of one area alone, with the first and last number of that."""
    for code in programmes.programme_codes():
        terms = programmes.terms_of(code)
        if terms.area is not None:
            with suppress(NotFound):  # an area that is none bounds nobody
                place = area(terms.area)
                yield code, place.number, place.last_number


def _opened(found: str, *, on: date, by: Actor, **asked: Any) -> int:
    return _written(transitions.OPEN.format(found=found), on=on, by=by, **asked)


def _written(statement: str, *, on: date, by: Actor, mended: tuple[str, str] | None = None, **asked: Any) -> int:
    """Do a statement that opens cases; write one audit row where anything was done.

    `mended`  what is done before it: a statement that closes cases, and one that opens closed ones again
    """
    by = by.narrowed(Permission.WORK_CASE)
    given = transitions.asked(on, by.id, clock.now(), **asked)
    with transaction.atomic(using=BULK), connections[BULK].cursor() as cursor:
        closed, again = [_done(cursor, each, given) for each in mended] if mended else (0, 0)
        opened = again + _done(cursor, statement, given)
        if opened or closed:
            record(Event.CASES_OPENED, by=by, about_kind="case", using=BULK, opened=opened, closed=closed)
    return opened


def _done(cursor: Any, statement: str, given: dict[str, Any]) -> int:
    cursor.execute(statement, given)
    return cursor.rowcount
