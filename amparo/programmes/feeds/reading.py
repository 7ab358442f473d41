"""Reads the rows of a programme system's file: which can be taken in, and what is wrong with each of the others.

Shape   Parquet of text columns in; the tables `sound` (one row per beneficiary, programme and month) and `unsound` (line,
        reasons) out, in DuckDB
Units   amounts in minor units; a period is the first day of its month
Nulls   an empty cell is not told; an amount must be told where cash is given
Errors  Refused where the file has no row at all; whatever is wrong with one row is a reason beside its line
"""

from collections.abc import Iterator, Mapping
from datetime import date

import duckdb
import pyarrow as pa

from amparo.kernel.errors import Refused
from amparo.programmes.feeds.mapping import CODES, WORDS, FeedConfig
from amparo.programmes.types import BenefitKind, Delivered
from amparo.registry.schemes import normalised_identifier
from amparo.trust.keys.encryption import blind_indexes

AHEAD_DAYS = 366  # a payroll is told before it is paid; a month further off is a slip of the pen
_AT_ONCE = 50_000
_LINE = "__line"
_NUMBER = r"\d{1,13}(\.\d{1,6})?"
_CODED = ("scheme", *CODES)
# What a row tells of a benefit: by a hash of these it is recognised as told before.
_TOLD = ("scheme", "period", "status", "kind", "amount_minor", "currency", "payment", "receiver", "since")

# Reason → the condition of a row that has it, of the table `typed`.
_REASONS: Mapping[str, str] = {
    "nobody-named": "who IS NULL",
    "scheme-unknown": "scheme IS NULL",
    "status-unknown": "status IS NULL",
    "kind-unknown": "kind IS NULL",
    "payment-unknown": "payment IS NULL AND said_payment IS NOT NULL",
    "receiver-unknown": "receiver IS NULL AND said_receiver IS NOT NULL",
    "period-unreadable": "period IS NULL",
    "period-ahead": f"period > $day::DATE + {AHEAD_DAYS}",
    "amount-missing": f"said_amount IS NULL AND kind = '{BenefitKind.CASH.value}'",
    "amount-unreadable": "amount_minor IS NULL AND said_amount IS NOT NULL",
    "currency-unknown": "currency IS NULL OR NOT regexp_full_match(currency, '[A-Z]{3}')",
    "birth-date-unreadable": "birth_date IS NULL AND said_birth_date IS NOT NULL",
    "since-unreadable": "since IS NULL AND said_since IS NOT NULL",
    "contradicting": "kinds > 1",
    "repeated": "kinds = 1 AND place > 1",
}
REASONS = (*_REASONS, "ragged")


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
    db.execute(f"CREATE TABLE typed AS SELECT *, {_WHO} AS who, md5({_hashed()}) AS said FROM ({_typed(feed)})")
    reasons = ", ".join(f"CASE WHEN {condition} THEN '{reason}' END" for reason, condition in _REASONS.items())
    db.execute(
        f"""CREATE TABLE judged AS
            SELECT * EXCLUDE (kinds, place), list_filter([{reasons}], each -> each IS NOT NULL) AS reasons
            FROM (SELECT *, {_TWICE} FROM typed WINDOW same AS (PARTITION BY who, scheme, period))""",
        {"day": day},
    )
    db.execute("CREATE TABLE sound AS SELECT * FROM judged WHERE len(reasons) = 0")
    db.execute("INSERT INTO unsound SELECT line, reasons FROM judged WHERE len(reasons) > 0")
    return rows + ragged


# Whom a row is about: by the system's own number of them, and else by their identifier.
_WHO = "coalesce('reference:' || said_reference, 'identifier:' || said_identifier_scheme || ':' || blind)"
# What is told twice of one month is told once if it says the same, and not at all if it does not.
_TWICE = """CASE WHEN who IS NULL OR scheme IS NULL OR period IS NULL THEN 0 ELSE count(DISTINCT said) OVER same END AS kinds,
    row_number() OVER (PARTITION BY who, scheme, period ORDER BY line) AS place"""


def _said(feed: FeedConfig) -> Iterator[str]:
    """Yield, for each of our words, what a row says in the system's own."""
    yield f"{_LINE} AS line"
    for word in WORDS:
        if word in feed.columns:
            yield f"nullif(trim({name(feed.columns[word])}), '') AS said_{word}"
        else:
            yield f"{text(feed.fixed[word]) if word in feed.fixed else 'NULL::VARCHAR'} AS said_{word}"


def _typed(feed: FeedConfig) -> str:
    """Return the query of what each row says in our words."""
    coded = ", ".join(f"{_coded(word, feed)} AS {word}" for word in _CODED)
    number = f"replace(said_amount, {text(feed.decimal)}, '.')"
    exact = (
        f"CASE WHEN regexp_full_match({number}, '{_NUMBER}') THEN {number}::DECIMAL(24, 6) * {10**feed.decimals} END"
    )
    days = ", ".join(f"try_strptime(said_{word}, {text(feed.day)})::DATE AS {word}" for word in ("birth_date", "since"))
    return f"""
        SELECT d.*, n.number, n.blind, {coded}, {days}, upper(said_currency) AS currency,
            date_trunc('month', try_strptime(said_period, {text(feed.month)}))::DATE AS period,
            CASE WHEN exact = trunc(exact) THEN exact::BIGINT END AS amount_minor
        FROM (SELECT *, {exact} AS exact FROM delivered) d
        LEFT JOIN numbers n ON n.scheme = d.said_identifier_scheme AND n.written = d.said_identifier
    """


def _coded(word: str, feed: FeedConfig) -> str:
    """Return one of our codes for what a row says; null for any other."""
    pairs = feed.codes.get(word) or {each: each for each in feed.allowed(word)}
    cases = " ".join(f"WHEN {text(theirs)} THEN {text(ours)}" for theirs, ours in pairs.items())
    return f"CASE said_{word} {cases} END"


def _hashed() -> str:
    return " || '|' || ".join(f"coalesce({each}::VARCHAR, '-')" for each in _TOLD)


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
