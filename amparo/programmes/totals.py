"""What a run found, in figures: units, weights and a hash of each programme, and how many units of each area were what.

One reading of the answers gives all of them. They are sums, so those of some households can be taken off and added:
a run that decides only what changed has the totals of one that decides everybody.

Shape   `summed`: one row per programme, area and outcome, with units, waiting, amount, weight, and the two halves of the hash
Units   weights: a household, family or couple counts with the sum of its members' survey weights, a person with their own;
        where no survey weight is collected every person counts once. Hashes are numbers modulo 2^64, in two halves
Nulls   outcome null is unknown: in the population, and not in the share granted
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb

from amparo.programmes.answers import ANSWER
from amparo.programmes.config import Unit
from amparo.programmes.inforce import InForce
from amparo.programmes.rulebook import Rulebook
from amparo.registry.dictionary import Field
from amparo.registry.exports import GROUP

HALF = 2**64
COUNTS = ("decisions", "true", "false", "unknown", "waiting")


@dataclass(frozen=True)
class Totals:
    """Of each programme: its part of the result hash, the weight granted and in all, units by outcome."""

    hashes: Mapping[str, str]
    weights: Mapping[str, tuple[float, float]]
    counts: Mapping[str, Mapping[str, int]]

    @property
    def hash(self) -> str:
        return sum_of_hashes(self.hashes.values())

    @property
    def shares(self) -> dict[str, float | None]:
        """The weighted share of the population for whom a programme holds true; None without population."""
        return {code: granted / whole if whole > 0 else None for code, (granted, whole) in self.weights.items()}


def total(connection: duckdb.DuckDBPyConnection, book: Rulebook, of: str = ANSWER) -> Totals:
    """Make `summed` of these answers, and return their totals."""
    connection.execute("DROP TABLE IF EXISTS summed")
    connection.execute(f"CREATE TABLE summed AS {_summed(book, of)}")
    reading = connection.execute(_BY_PROGRAMME)
    names = [each[0] for each in reading.description]
    held = {row[0]: dict(zip(names, row, strict=True)) for row in reading.fetchall()}
    found = {each.code: held.get(each.programme_id, dict.fromkeys(names, 0)) for each in book.programmes}
    return Totals(
        hashes={code: f"{each['high'] % HALF:016x}{each['low'] % HALF:016x}" for code, each in found.items()},
        weights={code: (each["granted"], each["weight"]) for code, each in found.items()},
        counts={code: {name: each[name] for name in COUNTS} for code, each in found.items()},
    )


_BY_PROGRAMME = """
SELECT programme_id, sum(units)::BIGINT AS decisions, coalesce(sum(units) FILTER (outcome), 0)::BIGINT AS true,
    coalesce(sum(units) FILTER (NOT outcome), 0)::BIGINT AS false,
    coalesce(sum(units) FILTER (outcome IS NULL), 0)::BIGINT AS unknown, sum(waiting)::BIGINT AS waiting,
    coalesce(fsum(weight) FILTER (outcome), 0) AS granted, coalesce(fsum(weight), 0) AS weight,
    sum(high) AS high, sum(low) AS low
FROM summed GROUP BY programme_id
"""


def _summed(book: Rulebook, of: str) -> str:
    """Return the one reading of the answers.

    A row in canonical form is `programme|unit|outcome|amount|missing,…`, with nothing for null, and where units are ranked
    `|rank|places` after it. Each MD5 is read as a little-endian number, and its two halves are summed, so that no order
    and no engine changes the hash. It tells equal results from unequal ones; it is no signature.
    """
    codes = " ".join(f"WHEN {each.programme_id} THEN '{each.code}'" for each in book.programmes)
    ranked = "CASE WHEN rank IS NOT NULL THEN concat('|', rank, '|', places) END"
    answered = "a.unit_id, '|', outcome, '|', amount, '|', array_to_string(missing, ',')"
    canonical = f"concat(CASE programme_id {codes or 'WHEN 0 THEN NULL'} END, '|', {answered}, {ranked})"
    weight, joined = _weight(book)
    return f"""
        SELECT programme_id, area_number, outcome, count(*) AS units,
            count(*) FILTER (NOT outcome AND rank IS NOT NULL) AS waiting, coalesce(sum(amount), 0)::BIGINT AS amount,
            fsum(weight) AS weight, sum((number >> 64)::UBIGINT) AS high, sum((number & {HALF - 1})::UBIGINT) AS low
        FROM (
            SELECT programme_id, area_number, outcome, amount, rank, {weight} AS weight, md5_number({canonical}) AS number
            FROM {of} a JOIN home USING (household_id) {joined}
        )
        GROUP BY ALL
    """


def _weight(book: Rulebook) -> tuple[str, str]:
    """Return what a unit weighs, and what has to be joined to know it."""
    field = book.dictionary.with_role("person", "survey_weight")
    of_homes = [each for each in book.programmes if each.unit is Unit.HOUSEHOLD]
    of_others = [each for each in book.programmes if each.unit is not Unit.HOUSEHOLD]
    cases = [(each, "home.weight", "") for each in of_homes] + [(each, *_of_members(each, field)) for each in of_others]
    whens = " ".join(f"WHEN {each.programme_id} THEN {weight}" for each, weight, _ in cases)
    return f"CASE a.programme_id {whens or 'WHEN 0 THEN NULL'} END", " ".join(
        dict.fromkeys(joined for *_, joined in cases)
    )


def _of_members(programme: InForce, field: Field | None) -> tuple[str, str]:
    """Return the weight of a person, family or couple."""
    if programme.group is None and field is None:
        return "1", ""
    name, own = f"of_{programme.group or Unit.PERSON}", f"m.{field.name}" if field else "1"
    key = f"coalesce(m.{programme.group}{GROUP}, m.person_id)" if programme.group else "m.person_id"
    members = (
        f"SELECT {key} AS unit_id, fsum({own}) AS weight FROM (SELECT unnest(members) AS m FROM household) GROUP BY ALL"
    )
    return f"{name}.weight", f"LEFT JOIN ({members}) {name} ON {name}.unit_id = a.unit_id"


def joined(one: Totals, other: Totals) -> Totals:
    """Return the totals of these programmes and those."""
    return Totals(**{name: {**each, **vars(other)[name]} for name, each in vars(one).items()})


def moved(last: Totals, before: Totals, now: Totals) -> Totals:
    """Return for each programme of `now` the totals of the last run, less what was, plus what is."""
    return Totals(
        hashes={
            code: sum_of_hashes([last.hashes[code], each], less=before.hashes[code])
            for code, each in now.hashes.items()
        },
        weights={
            code: tuple(
                was - less + plus
                for was, less, plus in zip(last.weights[code], before.weights[code], each, strict=True)
            )
            for code, each in now.weights.items()
        },
        counts={
            code: {name: last.counts[code][name] - before.counts[code][name] + each[name] for name in each}
            for code, each in now.counts.items()
        },
    )


def sum_of_hashes(hashes: Iterable[str], *, less: str = "0" * 32) -> str:
    """Return the sum of result hashes, half by half modulo 2^64, less one of them."""
    halves = [(int(each[:16], 16), int(each[16:], 16)) for each in hashes]
    gone = int(less[:16], 16), int(less[16:], 16)
    return "".join(
        f"{(sum(half) - minus) % HALF:016x}" for half, minus in zip(zip(*halves, strict=True), gone, strict=True)
    )
