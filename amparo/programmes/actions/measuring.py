"""Measuring how local offices do: an index for each area of its level and those above, for a month. Nobody's record is kept.

Shape   indices as installed in; one row per area out, with the numbers that it is made of
Units   counts of households, and of those of whom a condition is asked
Nulls   what an index is made of may be unknown, and then it is. Who is in danger lies in no area and is in no count
Errors  Refused where no index is installed, no run over everybody has been, or a month has not begun
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.programmes import evaluation, models, performance, publishing
from amparo.programmes.performance import Compiled, Counted, IndexConfig
from amparo.programmes.publishing import BULK
from amparo.programmes.queries.measuring import measured_of
from amparo.programmes.queries.runs import latest_run
from amparo.programmes.rulebook import Rulebook, indices_installed, installed_parameters
from amparo.programmes.types import Engine, Measured, Performance, Rate
from amparo.programmes.untelling import note_measurement
from amparo.registry.attributes import AREA, resolved
from amparo.registry.queries import dictionary
from amparo.snapshot.queries import open_snapshot, snapshot
from amparo.snapshot.types import Snapshot
from amparo.trust.log.recording import record
from amparo.trust.queries import areas_of_level
from amparo.trust.types import Actor, Event, Ground, Permission, system

OWNER = "owner"
OPENER = system("coverage")
_ANSWERS = "rated"
_COUNTED = {"rate": "text", "area_number": "bigint", "met": "bigint", "whole": "bigint", "unknown": "bigint"}


@transaction.atomic(using=OWNER)
def install_indices(indices: Sequence[IndexConfig], *, by: Actor) -> int:
    """Write the indices as the profile states them; return how many rows changed. What was measured before stays as it was.

    Raises RuleRefused for a rule that is none, and then nothing is written.
    """
    by = by.narrowed(Permission.INSTALL_PROFILE)
    words, figures = dictionary(using=OWNER), installed_parameters(using=OWNER)
    for each in indices:
        performance.compiled(each, words, figures)
    rows = models.Index.objects.using(OWNER)
    changed = (
        rows.filter(withdrawn_at=None)
        .exclude(code__in=[each.code for each in indices])
        .update(withdrawn_at=clock.now())
    )
    for position, each in enumerate(indices):
        wanted = {"position": position, "terms": each.kept(), "withdrawn_at": None}
        if not rows.filter(code=each.code, **wanted).exists():
            rows.update_or_create(code=each.code, defaults=wanted)
            changed += 1
    if changed:
        codes = [each.code for each in indices]
        record(Event.INDICES_INSTALLED, by=by, using=OWNER, indices=codes, rows=changed)
    return changed


def measure(*, by: Actor, under: Ground, on: date) -> list[Measured]:
    """Measure every index for the month of a day, as of that day; return what was measured. Done again, the later counts."""
    by = by.narrowed(Permission.DETERMINE)
    if on > clock.today():
        raise Refused("programmes-effect-ahead", day=on)
    figures, words = installed_parameters(using=BULK), dictionary(using=BULK)
    indices = [performance.compiled(each, words, figures) for each in indices_installed(using=BULK)]
    if not indices:
        raise Refused("programmes-performance-without-index")
    run = latest_run(using=BULK)
    if run is None or run.snapshot is None:
        raise Refused("programmes-coverage-without-run")
    book = Rulebook(on, (), figures, words)
    return [_measured(each, snapshot(run.snapshot), book, by, under) for each in indices]


@transaction.atomic(using=BULK)
def _measured(index: Compiled, frozen: Snapshot, book: Rulebook, by: Actor, under: Ground) -> Measured:
    config = index.config
    given = {name: _written(book, name) for name in index.parameters}
    with connections[BULK].cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS counted")
        cursor.execute(performance.COUNTED)
        _count_households(cursor, index, frozen, book, under)
        periods = _count_conditions(cursor, index, book.on)
        sums = _summed(cursor, config, periods, book.on)
        stated = _stated(cursor, index, book)
    said = [
        performance.performance(index, number, rates, stated.get(number, {}), on=book.on, parameters=book.parameters)
        for number, rates in sums.items()
    ]
    row = models.Measurement.objects.using(BULK).create(
        index_id=config.code,
        month=book.on.replace(day=1),
        day=book.on,
        known_at=frozen.taken_at,
        terms=config.kept(),
        parameters=given,
        measured_by=by.id,
        measured_at=clock.now(),
    )
    models.MeasuredArea.objects.using(BULK).bulk_create(_rows(row, said), batch_size=2_000)
    note_measurement(row, sums)
    found = measured_of(row, areas=len(said), unknown=sum(each.value is None for each in said))
    about = {"about_kind": "index", "about_id": config.code, "using": BULK}
    counts = {"areas": found.areas, "unknown": found.unknown}
    record(Event.PERFORMANCE_MEASURED, by=by, under=under, month=found.month.isoformat(), **about, **counts)
    return found


def _count_households(cursor: Any, index: Compiled, frozen: Snapshot, book: Rulebook, under: Ground) -> None:
    """Fill `counted` with the rates of households, all of them by one reading of the snapshot."""
    rules = tuple(index.on(book.on))
    if not rules:
        return
    asked = Rulebook(book.on, rules, book.parameters, book.dictionary)
    with open_snapshot(frozen.id, by=OPENER, under=under) as connection:
        evaluation.prepare(connection, frozen.exports["households"], asked)
        evaluation.evaluate(connection, asked, engine=Engine.COLUMNAR, into=_ANSWERS)
        for number, rate in enumerate(index.whole):
            query = performance.OF_HOUSEHOLDS.format(rate=rate, answers=_ANSWERS, whole=2 * number, part=2 * number + 1)
            publishing.copy(connection, query, cursor, "counted", _COUNTED)


def _count_conditions(cursor: Any, index: Compiled, on: date) -> dict[str, date | None]:
    """Fill `counted` with the rates of conditions; return of which period each is."""
    periods: dict[str, date | None] = {}
    for each in index.config.rates:
        if not each.is_of_households:
            given = {"rate": each.code, "programme": each.programme, "conditions": list(each.conditions), "on": on}
            cursor.execute(performance.OF_CONDITIONS, given | {"is_told": each.counted is Counted.TOLD})
            periods[each.code] = cursor.fetchone()[0]
    return periods


def _summed(
    cursor: Any, config: IndexConfig, periods: Mapping[str, date | None], on: date
) -> dict[int, dict[str, Rate]]:
    """Return area number → rate → its counts, of the areas of the level and those above; of nobody, none of none."""
    places = areas_of_level(config.level, on=on, using=BULK).values()
    asked = {"firsts": [first for first, _ in places], "lasts": [last for _, last in places]}
    cursor.execute(performance.SUMMED, asked)
    found: dict[int, dict[str, Rate]] = {}
    for number, rate, met, whole, unknown in cursor.fetchall():
        rates = found.setdefault(
            number, {each.code: Rate(0, 0, period=periods.get(each.code)) for each in config.rates}
        )
        if rate is not None:
            rates[rate] = Rate(met, whole, unknown, periods.get(rate))
    return found


def _stated(cursor: Any, index: Compiled, book: Rulebook) -> dict[int, dict[str, Any]]:
    """Return area number → name → what is stated of the area on the day."""
    found: dict[int, dict[str, Any]] = {}
    for name in index.stated:
        field = book.dictionary[AREA, name]
        cursor.execute(f"SELECT number, value, until FROM ({resolved(field)}) r", {"on": book.on})
        for number, value, until in cursor.fetchall():
            if until is None or until >= book.on:
                found.setdefault(number, {})[name] = float(value) if isinstance(value, int | float) else value
    return found


def _rows(row: models.Measurement, said: Iterable[Performance]) -> list[models.MeasuredArea]:
    return [
        models.MeasuredArea(
            measurement=row,
            area_number=each.area_number,
            numbers={
                "rates": [[code, *_plain(rate)] for code, rate in each.rates.items()],
                "stated": dict(each.stated),
                "figures": [[code, value] for code, value in each.figures.items()],
            },
            value=each.value,
            pays=each.pays,
        )
        for each in said
    ]


def _plain(rate: Rate) -> list[Any]:
    return [rate.met, rate.of, rate.unknown, rate.period.isoformat() if rate.period else None]


def _written(book: Rulebook, name: str) -> dict[str, Any]:
    """Return a figure of the law on the day. Raises Refused where it has no value then."""
    value = book.parameters.on(book.on)[name]
    return {"value": value.value, "from": value.valid_from.isoformat(), "law": value.law}
