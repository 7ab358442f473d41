"""Reads the rows of a programme system's file: which can be taken in, and what is wrong with each of the others.

Shape   Parquet of text columns in; the tables `sound` (one row per beneficiary, programme and month; of compliance also
        per condition; of grievances one per beneficiary, programme and grievance) and `unsound` (line, reasons) out, in DuckDB
Units   amounts in minor units; a period is the first day of its month
Nulls   an empty cell is not told; an amount must be told where cash is given. Of compliance neither an answer nor a share
        need be told: that it is not known is told too
Errors  Refused where the file has no row at all; whatever is wrong with one row is a reason beside its line
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from amparo.kernel.errors import Refused
from amparo.programmes.feeds.mapping import FeedConfig
from amparo.programmes.types import BenefitKind, Delivered, FeedKind, GrievanceState
from amparo.registry.schemes import normalised_identifier
from amparo.trust.keys.encryption import blind_indexes

AHEAD_DAYS = 366  # a payroll is told before it is paid; a month further off is a slip of the pen
LONGEST = 200  # of a programme's own number of a grievance
_AT_ONCE = 50_000
_LINE = "__line"
_NUMBER = r"\d{1,13}(\.\d{1,6})?"
# Reason → the condition of a row that has it, of the table `typed`.
_OF_ALL: Mapping[str, str] = {
    "nobody-named": "who IS NULL",
    "scheme-unknown": "scheme IS NULL",
    "birth-date-unreadable": "birth_date IS NULL AND said_birth_date IS NOT NULL",
    "contradicting": "kinds > 1",
    "repeated": "kinds = 1 AND place > 1",
}
_OF_MONTHS: Mapping[str, str] = {
    "period-unreadable": "period IS NULL",
    "period-ahead": f"period > $day::DATE + {AHEAD_DAYS}",
}


@dataclass(frozen=True)
class _Told:
    """What is made of the rows of one kind of feed.

    `days`, `number`  words that are days, and the one that is a number; "": none is
    `more`     columns beside them, of `exact`, the number as it was told
    `same`     what two rows about the same person share that tell of the same
    `said`     what a row tells: by a hash of these it is recognised as told before
    `reasons`  as above
    """

    days: tuple[str, ...]
    number: str
    more: str
    same: tuple[str, ...]
    said: tuple[str, ...]
    reasons: Mapping[str, str]


_TOLD: Mapping[FeedKind, _Told] = {
    FeedKind.BENEFITS: _Told(
        ("birth_date", "since"),
        "amount",
        "upper(said_currency) AS currency, CASE WHEN exact = trunc(exact) THEN exact::BIGINT END AS amount_minor",
        ("scheme", "period"),
        ("scheme", "period", "status", "kind", "amount_minor", "currency", "payment", "receiver", "since"),
        {
            **_OF_MONTHS,
            "status-unknown": "status IS NULL",
            "kind-unknown": "kind IS NULL",
            "payment-unknown": "payment IS NULL AND said_payment IS NOT NULL",
            "receiver-unknown": "receiver IS NULL AND said_receiver IS NOT NULL",
            "amount-missing": f"said_amount IS NULL AND kind = '{BenefitKind.CASH.value}'",
            "amount-unreadable": "amount_minor IS NULL AND said_amount IS NOT NULL",
            "currency-unknown": "currency IS NULL OR NOT regexp_full_match(currency, '[A-Z]{3}')",
            "since-unreadable": "since IS NULL AND said_since IS NOT NULL",
        },
    ),
    FeedKind.COMPLIANCE: _Told(
        ("birth_date",),
        "share",
        "CASE WHEN exact <= 1 THEN exact::DOUBLE END AS share",
        ("scheme", "condition", "period"),
        ("scheme", "condition", "period", "met", "share", "reason"),
        {
            **_OF_MONTHS,
            "condition-unknown": "condition IS NULL",
            "met-unknown": "met IS NULL AND said_met IS NOT NULL",
            "share-unreadable": "share IS NULL AND said_share IS NOT NULL",
            "reason-unknown": "reason IS NULL AND said_reason IS NOT NULL",
        },
    ),
    FeedKind.GRIEVANCES: _Told(
        ("birth_date", "filed", "closed"),
        "",
        f"CASE WHEN length(said_grievance) <= {LONGEST} THEN said_grievance END AS grievance",
        ("scheme", "grievance"),
        ("scheme", "grievance", "category", "state", "filed", "closed"),
        {
            "grievance-missing": "grievance IS NULL",
            "category-unknown": "category IS NULL",
            "state-unknown": "state IS NULL",
            "filed-unreadable": "filed IS NULL",
            "filed-ahead": "filed > $day::DATE",
            "closed-unreadable": "closed IS NULL AND said_closed IS NOT NULL",
            "closed-contradicting": f"closed < filed OR closed > $day::DATE OR state = '{GrievanceState.OPEN.value}' AND closed IS NOT NULL",
        },
    ),
}
REASONS = tuple(dict.fromkeys((*_OF_ALL, *(each for told in _TOLD.values() for each in told.reasons), "ragged")))


def read(db: duckdb.DuckDBPyConnection, feed: FeedConfig, delivered: Delivered, *, day: date, blinding: int) -> int:
    """Make `sound` and `unsound` of a file's rows, told as of a day; return how many rows there are.

    `blinding`  the master key of the blind indexes by which identifiers are told apart
    """
    db.execute(f"CREATE TABLE delivered AS SELECT {', '.join(_said(feed))} FROM read_parquet({text(delivered.rows)})")
    [(rows,)] = db.execute("SELECT count(*) FROM delivered").fetchall()
    ragged = _ragged(db, delivered)
    if not rows + ragged:
        raise Refused("programmes-feed-rows-missing", feed=feed.code)
    _blind(db, blinding)
    told = _TOLD[feed.kind]
    db.execute(f"CREATE TABLE typed AS SELECT *, {_WHO} AS who, md5({_hashed(told)}) AS said FROM ({_typed(feed)})")
    conditions = {**_OF_ALL, **told.reasons}.items()
    reasons = ", ".join(f"CASE WHEN {condition} THEN '{reason}' END" for reason, condition in conditions)
    db.execute(
        f"""CREATE TABLE judged AS
            SELECT * EXCLUDE (kinds, place), list_filter([{reasons}], each -> each IS NOT NULL) AS reasons
            FROM (SELECT *, {_twice(told)} FROM typed WINDOW same AS (PARTITION BY who, {", ".join(told.same)}))""",
        {"day": day},
    )
    db.execute("CREATE TABLE sound AS SELECT * FROM judged WHERE len(reasons) = 0")
    db.execute("INSERT INTO unsound SELECT line, reasons FROM judged WHERE len(reasons) > 0")
    return rows + ragged


# Whom a row is about: by the system's own number of them, and else by their identifier.
_WHO = "coalesce('reference:' || said_reference, 'identifier:' || said_identifier_scheme || ':' || blind)"


def _twice(told: _Told) -> str:
    """What is told twice of one month is told once if it says the same, and not at all if it does not."""
    keys = ("who", *told.same)
    unknown = " OR ".join(f"{each} IS NULL" for each in keys)
    return f"""CASE WHEN {unknown} THEN 0 ELSE count(DISTINCT said) OVER same END AS kinds,
        row_number() OVER (PARTITION BY {", ".join(keys)} ORDER BY line) AS place"""


def _said(feed: FeedConfig) -> Iterator[str]:
    """Yield, for each of our words, what a row says in the system's own."""
    yield f"{_LINE} AS line"
    for word in feed.vocabulary.words:
        if word in feed.columns:
            yield f"nullif(trim({name(feed.columns[word])}), '') AS said_{word}"
        else:
            yield f"{text(feed.fixed[word]) if word in feed.fixed else 'NULL::VARCHAR'} AS said_{word}"


def _typed(feed: FeedConfig) -> str:
    """Return the query of what each row says in our words."""
    told = _TOLD[feed.kind]
    coded = ", ".join(f"{_coded(word, feed)} AS {word}" for word in feed.vocabulary.coded)
    days = ", ".join(f"try_strptime(said_{word}, {text(feed.day)})::DATE AS {word}" for word in told.days)
    month = f"date_trunc('month', try_strptime(said_period, {text(feed.month)}))::DATE AS period"
    more = [told.more, f"{feed.decimals} AS decimals", *([month] if "period" in feed.vocabulary.words else [])]
    return f"""
        SELECT d.*, n.number, n.blind, {coded}, {days}, {", ".join(more)}
        FROM (SELECT *, {_exact(feed, told.number)} AS exact FROM delivered) d
        LEFT JOIN numbers n ON n.scheme = d.said_identifier_scheme AND n.written = d.said_identifier
    """


def _exact(feed: FeedConfig, word: str) -> str:
    """Return a number as it was told, in minor units or as a share of one; null for what is none."""
    if not word:
        return "NULL"
    number = f"replace(said_{word}, {text(feed.decimal)}, '.')"
    scale = f"* {10**feed.decimals}" if feed.kind is FeedKind.BENEFITS else f"/ {feed.whole}"
    return f"CASE WHEN regexp_full_match({number}, '{_NUMBER}') THEN {number}::DECIMAL(24, 6) {scale} END"


def _coded(word: str, feed: FeedConfig) -> str:
    """Return one of our codes for what a row says; null for any other."""
    pairs = feed.codes.get(word) or {each: each for each in feed.allowed(word)}
    cases = " ".join(f"WHEN {text(theirs)} THEN {text(ours)}" for theirs, ours in pairs.items())
    return f"CASE said_{word} {cases} END" if cases else "NULL::VARCHAR"


def _hashed(told: _Told) -> str:
    return " || '|' || ".join(f"coalesce({each}::VARCHAR, '-')" for each in told.said)


def _ragged(db: duckdb.DuckDBPyConnection, delivered: Delivered) -> int:
    """Make `unsound` with the rows of too few or too many cells; return how many there are."""
    db.execute("CREATE TABLE unsound (line BIGINT, reasons VARCHAR[])")
    if delivered.ragged is not None:
        db.execute(f"INSERT INTO unsound SELECT {_LINE}, ['ragged'] FROM read_parquet({text(delivered.ragged)})")
    return db.execute("SELECT count(*) FROM unsound").fetchall()[0][0]


def _blind(db: duckdb.DuckDBPyConnection, key: int) -> None:
    """Make `numbers`: each identifier as it is written, as it is compared, and its blind index in hex."""
    db.execute("CREATE TABLE numbers (scheme VARCHAR, written VARCHAR, number VARCHAR, blind VARCHAR)")
    asked = "SELECT DISTINCT said_identifier_scheme AS scheme, said_identifier AS written FROM delivered"
    for (scheme,) in db.execute(f"SELECT DISTINCT scheme FROM ({asked}) WHERE scheme IS NOT NULL").fetchall():
        wanted = f"SELECT written FROM ({asked}) WHERE scheme = {text(scheme)} AND written IS NOT NULL"
        for batch in db.cursor().execute(wanted).to_arrow_reader(_AT_ONCE):
            blinded = _blinded(scheme, batch.column(0).to_pylist(), key)  # noqa: F841 (DuckDB finds it by name)
            db.execute("INSERT INTO numbers SELECT * FROM blinded WHERE number <> ''")


def _blinded(scheme: str, written: list[str], key: int) -> pa.Table:
    numbers = list(map(normalised_identifier, written))
    blind = [each.hex() for each in blind_indexes(scheme, numbers, key=key)]
    return pa.table({"scheme": [scheme] * len(numbers), "written": written, "number": numbers, "blind": blind})


def name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
