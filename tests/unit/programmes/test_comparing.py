"""The two engines over one snapshot."""

from datetime import date, timedelta
from itertools import pairwise
from random import Random

import duckdb
import pytest

from amparo.kernel.errors import Refused
from amparo.programmes import answers, models
from amparo.programmes.actions import cross_check
from amparo.programmes.actions.comparing import evaluation
from amparo.programmes.answers import kept
from amparo.programmes.types import Engine
from amparo.snapshot import spark
from tests.lib.country import GROUND, household
from tests.unit.programmes.country import DAY, OPERATOR, installed, run, snapshot

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(scope="module")
def frozen(database):
    """Homes of every size, with holes in what is known of them."""
    installed()
    draw = Random(1)
    for _ in range(60):
        known = {"income": draw.randrange(0, 60_000)} if draw.random() < 0.8 else {}
        on = DAY - timedelta(days=draw.randrange(500))
        household(draw.choice(["n1", "n2", "s1"]), *(person(draw) for _ in range(draw.randrange(6))), on=on, **known)
    return snapshot()


def person(draw: Random) -> dict:
    every = {
        "birth_date": date(1930, 1, 1) + timedelta(days=draw.randrange(35_000)),
        "sex": draw.choice(["female", "male"]),
        "pregnant": draw.random() < 0.2,
    }
    return {name: value for name, value in every.items() if draw.random() < 0.8}


def test_both_engines_decide_every_unit_the_same_stale_facts_and_empty_homes_included(frozen):
    found = cross_check(frozen.id, on=DAY, by=OPERATOR, under=GROUND)
    assert (found.households_equal, found.equal) == (found.households, found.decisions) == (60, found.equal)
    assert found.decisions > 100
    assert not models.Decision.objects.using("bulk").exists()


def test_a_run_of_either_engine_has_the_same_shares(frozen):
    assert run(of=frozen).share_true_weighted == run(of=frozen, engine="reference").share_true_weighted


@pytest.mark.spark
def test_a_run_on_spark_has_the_same_hash_and_says_what_it_ran_on(frozen):
    hashes = {engine: run(of=frozen, engine=engine).result_hash for engine in Engine}
    assert len(set(hashes.values())) == 1
    assert hashes[Engine.SPARK] != "0" * 32
    made = models.Determination.objects.using("bulk").filter(engine=Engine.SPARK).last()
    assert made.engine_version.endswith(f" spark {spark.version()}")


@pytest.mark.parametrize("engine", [Engine.COLUMNAR, Engine.REFERENCE])
def test_a_country_answered_in_pieces_and_put_aside_in_files_has_the_same_totals(frozen, monkeypatch, engine):
    whole = run(of=frozen, engine=engine, is_full=True)
    monkeypatch.setattr(answers, "PIECE", 7)
    monkeypatch.setattr(answers, "IN_MEMORY", 1)
    in_pieces = run(of=frozen, engine=engine, is_full=True)
    assert in_pieces.result_hash == whole.result_hash
    assert in_pieces.share_true_weighted == whole.share_true_weighted
    assert in_pieces.counts == whole.counts
    assert in_pieces.total.unchanged == in_pieces.total.decisions


def test_every_household_is_in_one_piece(monkeypatch):
    monkeypatch.setattr(answers, "PIECE", 3)
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE household AS SELECT n * n AS area_number FROM range(9) each(n), range(n) more(m)"
        )
        found = answers.pieces(connection)
        held = [
            connection.execute("SELECT count(*) FROM household WHERE area_number BETWEEN ? AND ?", each).fetchone()[0]
            for each in found
        ]
    assert sum(held) == sum(range(9))
    assert min(held) >= 3
    assert all(before[1] < after[0] for before, after in pairwise(found))


def test_a_household_without_an_area_ends_the_evaluation(monkeypatch):
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE household AS SELECT unnest([1, NULL, 2]) AS area_number")
        with pytest.raises(Refused, match="programmes-home-without-area"):
            answers.pieces(connection)


@pytest.mark.spark
def test_a_country_of_several_batches_has_the_same_hash_on_spark(frozen, monkeypatch):
    monkeypatch.setattr(spark, "BATCH", 25)
    assert run(of=frozen, engine=Engine.SPARK, is_full=True).result_hash == run(of=frozen, is_full=True).result_hash


def test_without_spark_a_run_on_it_is_refused_and_nothing_is_planned(frozen, monkeypatch):
    def absent(name: str) -> str:
        raise spark.PackageNotFoundError(name)

    monkeypatch.setattr(spark, "version_of", absent)
    before = models.Determination.objects.using("bulk").count()
    with pytest.raises(Refused, match="snapshot-spark-missing"):
        run(of=frozen, engine=Engine.SPARK)
    assert models.Determination.objects.using("bulk").count() == before


def test_a_difference_is_counted_and_named(frozen, monkeypatch):
    """What a broken engine would be found by: one outcome turned after the columnar run."""
    evaluate = evaluation.evaluate

    def turned(connection, book, *, engine, into="answer"):
        evaluate(connection, book, engine=engine, into=into)
        if engine == "columnar":
            first = f"SELECT min(unit_id) FROM {into} WHERE outcome"
            connection.execute(f"UPDATE {kept(into)} SET outcome = NOT outcome WHERE unit_id = ({first})")

    monkeypatch.setattr(evaluation, "evaluate", turned)
    found = cross_check(frozen.id, on=DAY, by=OPERATOR, under=GROUND)
    assert found.decisions - found.equal >= 1
    assert found.households - found.households_equal == 1
    assert found.differing
