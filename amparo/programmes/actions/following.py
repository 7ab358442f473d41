"""Following conditions: who met them in a period, and what follows where they did not. Nothing is taken away by it.

Shape   of each condition and period that is due: counts by area, breaches found or taken back, and what follows each
Units   a period is due once it has ended, and again as soon as something else is told of it
Nulls   what is not known is never a breach (`following`)
Errors  RuleRefused where the rule of any condition is none: then nobody is found in breach, and it is said; Refused where no
        run over everybody has been, of whose snapshot those are known of whom a condition is asked
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.dates import add_months
from amparo.kernel.errors import Refused
from amparo.kernel.events import announce
from amparo.notices.actions import take_back, tell, tell_again
from amparo.notices.types import Kind
from amparo.programmes import evaluation, following, models, publishing
from amparo.programmes.conditions import Condition, restored
from amparo.programmes.config import Unit
from amparo.programmes.inforce import InForce
from amparo.programmes.publishing import BULK
from amparo.programmes.queries.runs import latest_run
from amparo.programmes.rulebook import Rulebook, compiled_condition, conditions_installed, installed_parameters
from amparo.programmes.types import BreachAct, ConditionFollowed, Engine, Followed
from amparo.registry.queries import dictionary
from amparo.snapshot.queries import open_snapshot, snapshot
from amparo.snapshot.types import Snapshot
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Ground, Permission, system

OPENER = system("coverage")
_ANSWERS = "asked"
_WATCHED = {"number": "smallint", "person_id": "uuid", "household_id": "uuid"}
Asked = tuple[models.Programme, Condition, date]


def follow_conditions(*, by: Actor, under: Ground, on: date) -> list[Followed]:
    """Follow every condition in every period that is due on a day, the earliest first; return what was found of each.

    Done twice, it finds nothing new. Each period is a transaction of its own, so that it may be stopped and goes on.
    """
    by = by.narrowed(Permission.DETERMINE)
    if on > clock.today():
        raise Refused("programmes-effect-ahead", day=on)
    asked = list(_due(on))
    if not asked:
        return []
    run = latest_run(using=BULK)
    if run is None or run.snapshot is None:
        raise Refused("programmes-coverage-without-run")
    frozen, book = snapshot(run.snapshot), _book(asked, on)
    found: list[Followed] = []
    for period in sorted({each[2] for each in asked}):
        found += _follow_period(period, asked, frozen, book, {"by": by, "under": under, "on": on})
    return found


def _due(on: date) -> Iterator[Asked]:
    """Yield each condition and period that ended last or of which something was told since it was followed."""
    for programme, conditions in conditions_installed(using=BULK).items():
        for each in conditions:
            until = each.every.first_of(on)
            last = each.every.first_of(add_months(until, -1))
            given = _given(programme, each) | {"since": add_months(until, -each.forgotten_after), "until": until}
            with connections[BULK].cursor() as cursor:
                cursor.execute(following.DUE, given | {"months": each.every.months})
                told = {each.every.first_of(month) for (month,) in cursor.fetchall()}
            yield from ((programme, each, period) for period in told | {last})


def _given(programme: models.Programme, condition: Condition) -> dict[str, Any]:
    return {
        "programme": programme.id,
        "code": programme.code,
        "condition": condition.code,
        "excused": list(condition.excused),
        "least": condition.least_share,
        "steps": [each.value for each in condition.steps],
        "forgotten": condition.forgotten_after,
    }


def _book(asked: list[Asked], on: date) -> Rulebook:
    """Return the rules of whom each condition is asked, numbered in their order. Raises RuleRefused for one that is none."""
    words, figures = dictionary(using=BULK), installed_parameters(using=BULK)
    rules = [
        InForce(number, _name(programme, condition), Unit.PERSON, 0, "", condition.law, rule)
        for number, (programme, condition) in enumerate(dict.fromkeys((each[0], each[1]) for each in asked))
        for rule in [compiled_condition(condition, words, figures)]
    ]
    return Rulebook(on, tuple(rules), figures, words)


def _name(programme: models.Programme, condition: Condition) -> str:
    return f"{programme.code}.{condition.code}"


@transaction.atomic(using=BULK)
def _follow_period(
    period: date, asked: list[Asked], frozen: Snapshot, book: Rulebook, told: dict[str, Any]
) -> list[Followed]:
    of_period = [each for each in asked if each[2] == period]
    names = {_name(programme, condition) for programme, condition, _ in of_period}
    rules = tuple(each.on(period) for each in book.programmes if each.code in names)
    numbers = {each.code: each.programme_id for each in rules}
    _watch(frozen, Rulebook(period, rules, book.parameters, book.dictionary), told["under"])
    return [
        _follow(programme, condition, period, numbers[_name(programme, condition)], frozen, **told)
        for programme, condition, _ in of_period
    ]


def _watch(frozen: Snapshot, book: Rulebook, under: Ground) -> None:
    """Fill `watched` with those of whom each condition is asked by their rule, as the snapshot knows them."""
    with open_snapshot(frozen.id, by=OPENER, under=under) as connection:
        evaluation.prepare(connection, frozen.exports["households"], book)
        evaluation.evaluate(connection, book, engine=Engine.COLUMNAR, into=_ANSWERS)
        with connections[BULK].cursor() as cursor:
            cursor.execute(following.WATCHED)
            asked = f"SELECT programme_id AS number, unit_id AS person_id, household_id FROM {_ANSWERS} WHERE outcome"
            publishing.copy(connection, asked, cursor, "watched", _WATCHED)
            cursor.execute("ANALYZE watched")


def _follow(
    programme: models.Programme,
    condition: Condition,
    period: date,
    number: int,
    frozen: Snapshot,
    *,
    by: Actor,
    under: Ground,
    on: date,
) -> Followed:
    row = models.Following.objects.using(BULK).create(
        programme_id=programme.id,
        condition=condition.code,
        period=period,
        day=on,
        known_at=frozen.taken_at,
        followed_by=by.id,
        followed_at=clock.now(),
    )
    given = _given(programme, condition) | {"first": period, "next": condition.every.next_after(period), "on": on}
    given |= {"number": number, "following": row.id, "now": clock.now()}
    with connections[BULK].cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS followed")
        cursor.execute(following.followed(Unit(programme.unit)), given)
        cursor.execute(following.COUNT, given)
        sums = [sum(each) for each in zip(*cursor.fetchall(), strict=True)] or [0] * 5
        found = _write_breaches(cursor, given)
    done = Followed(programme.code, condition.code, period, *sums, *found)
    _follow_up(programme, condition, given, by)
    _record(done, by, under)
    return done


def _record(done: Followed, by: Actor, under: Ground) -> None:
    counts = {name: value for name, value in vars(done).items() if isinstance(value, int)}
    about = {"about_kind": "programme", "about_id": done.programme, "using": BULK}
    about |= {"condition": done.condition, "period": done.period.isoformat()}
    record(Event.CONDITION_FOLLOWED, by=by, under=under, **about, **counts)


def _write_breaches(cursor: Any, given: dict[str, Any]) -> tuple[int, int]:
    """Write down what was missed, take back what was not, and put each where it stands among the steps."""
    cursor.execute(following.FOUND, given)
    found = cursor.rowcount
    cursor.execute(following.TAKEN_BACK, given)
    taken_back = cursor.rowcount
    # No step rests on itself: each pass settles one more of them.
    for _ in range(given["forgotten"] + 1):
        cursor.execute(following.NUMBERED, given)
        if not cursor.rowcount:
            break
    return found, taken_back


def _follow_up(programme: models.Programme, condition: Condition, given: dict[str, Any], by: Actor) -> None:
    """Have told, and looked into, what follows a breach; nothing of a programme whose condition states no such step."""
    if BreachAct.NOTICE in condition.steps:
        maker = system("conditions")
        take_back(Kind.CONDITION_MISSED, following.NOTICE_OVER, given, by=maker, using=BULK)
        tell_again(Kind.CONDITION_MISSED, following.NOTICE_DUE, given, by=maker, using=BULK)
        tell(Kind.CONDITION_MISSED, following.NOTICED, given, by=maker, using=BULK)
    if BreachAct.VISIT in condition.steps:
        shared = [each.code for each in map(restored, programme.conditions) if each.category == condition.category]
        visits, over = following.visits(programme.id, shared)
        announce(ConditionFollowed(programme.code, condition.category, given["on"], visits, over))
