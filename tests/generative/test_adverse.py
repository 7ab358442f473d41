"""Over generated changes: nothing for the worse without its notice, none before its day, and unknown ends nothing (ELI-9).

AMPARO_CHANGES says how many changes of fact are generated: 2,000 here, 100,000 with
`AMPARO_CHANGES=100000 make test TESTS=tests/generative/test_adverse.py`. The judge reads decisions alone
(`adverse_effects`), and beside it the test keeps a book of its own of what each household was last granted.
"""

import os
import random
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connections

from amparo.kernel import clock, events
from amparo.kernel.errors import Refused
from amparo.programmes import models
from amparo.programmes.actions import (
    determine,
    determine_household,
    give_notices,
    install,
    record_reply,
    review,
    take_effect,
)
from amparo.programmes.freezing import freeze
from amparo.programmes.procedure import Procedure
from amparo.programmes.queries import adverse_effects
from amparo.registry.actions import observe
from amparo.trust.context import acting
from amparo.trust.types import Permission
from tests.lib import months
from tests.lib.country import GROUND, cast
from tests.unit.programmes.country import GRANT, LINE, OPERATOR, PENSION, POOR_HOME

CHANGES = int(os.environ.get("AMPARO_CHANGES", "2000"))
HOMES = CHANGES // 10 if CHANGES <= 10_000 else 5_000
SINGLY = 6  # in each round these change through an officer, and are decided at once
FIRST = date(2026, 12, 1)
PROGRAMMES = (
    replace(POOR_HOME, procedure=Procedure(law="law", notice_days=2)),
    replace(PENSION, procedure=Procedure(law="law", notice_days=4, needs_review=True)),
)


@pytest.fixture(autouse=True)
def _unwired(monkeypatch):
    """What is decided here, and when, the test says itself."""
    monkeypatch.setattr(events, "_reactions", defaultdict(list))


def at(day: date):
    months.ensure(day, *months.DECIDED)
    return clock.fixed(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def rows(statement: str, *values) -> list[tuple]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def registered(homes: int) -> None:
    """Register homes of two, set-based, as a delivery leaves them: two in three in the north, half of them poor."""
    rows("SELECT setseed(0.5)")
    rows(
        "INSERT INTO registry_household (id, area_id, area_number, created_at)"
        " SELECT amparo_uuid7(), a.id, a.number, now() FROM generate_series(1, %s) i"
        " JOIN trust_area a ON a.code = CASE WHEN i %% 3 = 0 THEN 's1' ELSE 'n1' END",
        homes,
    )
    rows(
        "INSERT INTO registry_fact_household (household_id, area_number, source_id, observed_on, received_at, income)"
        " SELECT id, area_number, (SELECT min(id) FROM registry_source), %s, now(),"
        " CASE WHEN random() < 0.5 THEN 3000 ELSE 40000 END FROM registry_household",
        FIRST,
    )
    for born in (date(1950, 1, 1), None):
        rows(
            "WITH h AS (SELECT id, area_id, area_number, amparo_uuid7() AS person FROM registry_household),"
            " p AS (INSERT INTO registry_person (id, area_id, area_number, created_at)"
            " SELECT person, area_id, area_number, now() FROM h RETURNING id),"
            " f AS (INSERT INTO registry_fact_person (person_id, area_number, source_id, observed_on, received_at,"
            " birth_date) SELECT person, area_number, (SELECT min(id) FROM registry_source), %s, now(), %s FROM h)"
            " INSERT INTO registry_membership (person_id, household_id, starts_on, area_number)"
            " SELECT person, id, %s, area_number FROM h",
            FIRST,
            born,
            FIRST,
        )


def changed_in_bulk(draw: random.Random) -> int:
    """Change the income or a birth date of about two in three homes, as a delivery would; return how many."""
    homes = [each[0] for each in rows("SELECT id FROM registry_household")]
    chosen = draw.sample(homes, k=len(homes) * 2 // 3)
    incomes = [draw.choice((None, 3_000, 9_000, 15_000, 40_000)) for _ in chosen]
    rows(
        "UPDATE registry_fact_household f SET income = n.income FROM unnest(%s::uuid[], %s::bigint[]) n (id, income)"
        " WHERE f.household_id = n.id",
        chosen,
        incomes,
    )
    rows("SELECT setseed(%s)", draw.random())
    rows(
        "UPDATE registry_fact_person SET birth_date = CASE WHEN birth_date IS NULL THEN DATE '1950-01-01'"
        " WHEN birth_date < DATE '1960-01-01' THEN DATE '1990-01-01' END WHERE random() < 0.1"
    )
    return len(chosen)


def changed_singly(draw: random.Random, on: date) -> int:
    by = cast().amina.narrowed(Permission.REGISTER)
    homes = rows(
        "SELECT household_id FROM registry_fact_household WHERE area_number IN"
        " (SELECT number FROM trust_area WHERE code IN ('n1', 'n2'))"
    )
    for (home,) in draw.sample(homes, k=SINGLY):
        with acting(by):
            observe(home, values={"income": draw.choice((3_000, 40_000))}, source="tax", by=by, on=on, under=GROUND)
            determine_household(home, by=OPERATOR, under=GROUND, on=on)
    return SINGLY


def answered_and_reviewed(draw: random.Random, on: date) -> None:
    """Some answer, some are reviewed by Bruno: confirmed or denied; others wait."""
    amina, bruno = (getattr(cast(), name) for name in ("amina", "bruno"))
    waiting = list(models.Notice.objects.using("bulk").filter(effect=None).order_by("?")[:20])
    for each in waiting:
        try:
            if draw.random() < 0.3:
                with acting(amina.narrowed(Permission.GIVE_NOTICE)):
                    record_reply(each.id, "It is not so.", by=amina, under=GROUND, on=on)
            if draw.random() < 0.7:
                with acting(bruno.narrowed(Permission.REVIEW_DECISION)):
                    confirms = draw.random() < 0.7
                    review(each.id, confirms=confirms, reason="Seen.", by=bruno, under=GROUND, on=on)
        except Refused:
            continue  # elsewhere than Amina works, or overtaken meanwhile


def standing() -> dict[tuple, tuple]:
    found = rows(
        "SELECT programme_id, unit_id, outcome, amount_minor FROM programmes_decision"
        " WHERE superseded_at IS NULL AND state = 'in-effect'"
    )
    return {each[:2]: each[2:] for each in found}


def is_worse(now: tuple, was: tuple) -> bool:
    return was[0] is True and (now[0] is not True or (now[1] or 0) < (was[1] or 0))


def a_round(draw: random.Random, on: date, before: dict[tuple, tuple]) -> tuple[int, dict[tuple, tuple]]:
    """Let facts change, decide, notice, answer, review and take effect, all on one day; return changes and what stands."""
    made = changed_in_bulk(draw) + changed_singly(draw, on)
    determine(freeze(on=on, by=OPERATOR, under=GROUND), on=on, by=OPERATOR, under=GROUND)
    decided = standing()
    worse = [unit for unit, was in before.items() if is_worse(decided[unit], was)]
    assert worse == [], "a run or an officer's change put something for the worse into effect by itself"
    give_notices([each.code for each in PROGRAMMES if draw.random() < 0.8], by=OPERATOR, under=GROUND, on=on)
    answered_and_reviewed(draw, on)
    took_effect = take_effect(on=on, by=OPERATOR)
    assert take_effect(on=on, by=OPERATOR) == 0
    now = standing()
    ended = [unit for unit, found in now.items() if found[0] is None and decided[unit][0]]
    assert ended == [], "the unknown ended a benefit"
    assert sum(now[unit] != was for unit, was in decided.items()) <= took_effect
    return made, now


@pytest.mark.usefixtures("fresh_database")
def test_nothing_for_the_worse_comes_without_notice_or_before_its_day():
    draw, on, changes = random.Random(CHANGES), FIRST, 0
    install(PROGRAMMES, (LINE, GRANT), by=OPERATOR)
    with at(FIRST):
        registered(HOMES)
    before: dict[tuple, tuple] = {}
    while changes < CHANGES:
        on += timedelta(days=draw.randrange(1, 6))
        with at(on):
            made, before = a_round(draw, on, before)
        changes += made
    found = adverse_effects()
    assert (found.without_notice, found.before_their_day) == (0, 0)
    assert found.decisions > CHANGES // 100, "the test has shown nothing: hardly anything ever took effect"
