"""Turns one column of the mapping into SQL: its text made plain, its typed value, and what may be wrong with it.

Nulls   a blank text has no value, and nothing is wrong with it unless the field is required
Units   money in minor units; other numbers in the dictionary's unit
Errors  a text that is no value of the type, or none of the vocabulary, or out of range, has a rule that says so
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from amparo.intake.config import AreaColumn, DateColumn, FieldColumn, Table
from amparo.registry.dictionary import Dictionary, Type

TYPED = "__typed"  # the file had types of its own, so its numbers have a point whatever the mapping says
_CASES = 40
_TEXT_LENGTH = 1_000
_NUMBER = r"[+-]?[0-9]{1,15}(\.[0-9]+)?"
_WHOLE = r"[+-]?[0-9]{1,18}(\.0+)?"
_ISO = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
# What cannot be seen, turns the direction of writing, or stands for what was lost: it can make a name look like another.
_CONTROL = (
    r"[\x00-\x1f\x7f-\x{9f}\x{61C}\x{200B}\x{200E}\x{200F}\x{2028}-\x{202E}\x{2060}\x{2066}-\x{2069}\x{FEFF}\x{FFFD}]"
)
_DIGITS = "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९০১২৩৪৫৬৭৮৯٫"
_ASCII = "0123456789" * 4 + "."


def name(text: str) -> str:
    """Quote an identifier."""
    return '"' + text.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True)
class Reading:
    """How one field is read, in three layers of SQL, each naming the one before.

    `text`   over the delivered columns: the text, translated, or null where nothing is said
    `plain`  over column `t`: the text as the type's own parser wants it
    `value`  over `t` and `n` (plain): the typed value or null
    `rules`  over `t`, `n` and `v` (value): (message id, condition under which the row is quarantined)
    """

    text: str
    plain: str
    value: str
    rules: tuple[tuple[str, str], ...]


def reading(column: FieldColumn, table: Table, dictionary: Dictionary, n: int) -> Reading:
    """Return how the n-th field of a part is read; its layers are the columns `t<n>`, `n<n>` and `v<n>`."""
    t, plain, v = f"t{n}", f"n{n}", f"v{n}"
    value, rules = _TYPES[column.field.type](column, dictionary, plain, v)
    wrong = [(rule, f"{t} IS NOT NULL AND ({condition})") for rule, condition in rules]
    if column.required:
        wrong.append(("intake-value-missing", f"{t} IS NULL"))
    return Reading(cleaned(column, table), _plain(column, table, t), value, tuple(wrong))


def cleaned(column: FieldColumn, table: Table) -> str:
    if column.fixed is not None:
        return literal(column.fixed)
    return translated(column.column or "", column.values, (*table.blank, *column.blank))


def translated(column: str, values: tuple[tuple[str, str], ...], blank: tuple[str, ...]) -> str:
    """The column's text without outer spaces; blank texts as null; delivered texts as the mapping translates them."""
    text = f"trim({name(column)})"
    nothing = [*blank, *(delivered for delivered, to in values if to == "")]
    said = [(delivered, to) for delivered, to in values if to != ""]
    text_or_null = (
        f"NULLIF({text}, '')" if set(nothing) <= {""} else f"CASE WHEN {text} NOT IN ({_list(nothing)}) THEN {text} END"
    )
    if not said:
        return text_or_null
    if len(said) > _CASES:
        pairs = ", ".join(f"{literal(delivered)}: {literal(to)}" for delivered, to in said)
        return f"coalesce(map_extract_value(MAP {{{pairs}}}, {text}), {text_or_null})"
    cases = " ".join(f"WHEN {literal(delivered)} THEN {literal(to)}" for delivered, to in said)
    return f"CASE {text} {cases} ELSE {text_or_null} END"


def _list(texts: list[str]) -> str:
    return ", ".join(literal(each) for each in dict.fromkeys(texts))


def _plain(column: FieldColumn, table: Table, t: str) -> str:
    kind = column.field.type
    if kind is Type.TEXT:
        return f"nfc_normalize({t})"
    if kind is Type.DATE:
        return _with_ascii_digits(t, _ISO)
    if kind in (Type.INTEGER, Type.NUMBER, Type.MONEY):
        text = _with_ascii_digits(t, _NUMBER)
        return text if table.decimal == "." else _from_comma(text)
    return t


def _with_ascii_digits(t: str, form: str) -> str:
    """Digits of other scripts become 0–9; the translation is slow, so only texts that need it are given to it."""
    return f"CASE WHEN regexp_full_match({t}, '{form}') THEN {t} ELSE translate({t}, '{_DIGITS}', '{_ASCII}') END"


def _from_comma(text: str) -> str:
    """With a decimal comma a point would be a thousands mark, or a slip: neither is guessed."""
    return f"CASE WHEN {TYPED} THEN {text} WHEN contains({text}, '.') THEN 'point' ELSE replace({text}, ',', '.') END"


def _boolean(column: FieldColumn, dictionary: Dictionary, n: str, v: str) -> tuple[str, list[tuple[str, str]]]:
    if column.matches is not None:
        return f"regexp_matches({n}, {literal(column.matches)})", []
    cases = "WHEN lower({n}) IN ('true', 'yes', '1') THEN true WHEN lower({n}) IN ('false', 'no', '0') THEN false"
    return f"CASE {cases.format(n=n)} END", [_not_the_type(v)]


def _integer(column: FieldColumn, dictionary: Dictionary, n: str, v: str) -> tuple[str, list[tuple[str, str]]]:
    if column.scale == 1:
        value = f"CASE WHEN regexp_full_match({n}, '{_WHOLE}') THEN TRY_CAST({n} AS BIGINT) END"
    else:
        numerator, denominator = _scaled(column.scale, 1)
        exact = f"{_millionths(n)} * {numerator}"
        value = f"CASE WHEN ({exact}) % {denominator} = 0 THEN CAST(({exact}) // {denominator} AS BIGINT) END"
    return value, [_not_the_type(v), *_range(column, v)]


def _number(column: FieldColumn, dictionary: Dictionary, n: str, v: str) -> tuple[str, list[tuple[str, str]]]:
    # The exponent is written by programs, never by people: only in numbers, which are doubles anyway.
    value = f"CASE WHEN regexp_full_match({n}, '{_NUMBER}([eE][+-]?[0-9]{{1,3}})?') THEN TRY_CAST({n} AS DOUBLE) END"
    if column.scale != 1:
        value = f"({value}) * {column.scale.numerator} / {column.scale.denominator}"
    return value, [(_not_the_type(v)[0], f"{v} IS NULL OR NOT isfinite({v})"), *_range(column, v)]


def _money(column: FieldColumn, dictionary: Dictionary, n: str, v: str) -> tuple[str, list[tuple[str, str]]]:
    decimals = dictionary.decimals
    if column.scale == 1 and not column.round:
        form = rf"[+-]?[0-9]{{1,12}}(\.[0-9]{{0,{decimals}}}0*)?"
        minor = f"CAST(TRY_CAST({n} AS DECIMAL(18, {decimals})) * {10**decimals} AS BIGINT)"
        value = f"CASE WHEN regexp_full_match({n}, '{form}') THEN {minor} END"
        too_fine = f"{v} IS NULL AND regexp_full_match({n}, '{_NUMBER}')"
        rules = [("intake-value-decimals", too_fine), (_not_the_type(v)[0], f"{v} IS NULL AND NOT ({too_fine})")]
        return value, [*rules, *_range(column, v)]
    numerator, denominator = _scaled(column.scale, 10**decimals)
    value = _half_even(f"{_millionths(n)} * {numerator}", denominator)
    rule = ("intake-value-decimals", f"({_millionths(n)} * {numerator}) % {denominator} <> 0")
    return value, [_not_the_type(v), *([] if column.round else [rule]), *_range(column, v)]


def _date(column: FieldColumn, dictionary: Dictionary, n: str, v: str) -> tuple[str, list[tuple[str, str]]]:
    return read_date(n, column.format or "%Y-%m-%d"), [_not_the_type(v), *_range(column, v)]


def _code(column: FieldColumn, dictionary: Dictionary, n: str, v: str) -> tuple[str, list[tuple[str, str]]]:
    codes = _list(list(dictionary.vocabulary(column.field.vocabulary or "").codes))
    return n, [("intake-value-code", f"{v} NOT IN ({codes})")]


def _text(column: FieldColumn, dictionary: Dictionary, n: str, v: str) -> tuple[str, list[tuple[str, str]]]:
    return n, [
        ("intake-value-control", f"regexp_matches({v}, '{_CONTROL}')"),
        ("intake-value-long", f"length({v}) > {_TEXT_LENGTH}"),
    ]


_TYPES = {
    Type.BOOLEAN: _boolean,
    Type.INTEGER: _integer,
    Type.NUMBER: _number,
    Type.MONEY: _money,
    Type.DATE: _date,
    Type.CODE: _code,
    Type.TEXT: _text,
}


def _not_the_type(v: str) -> tuple[str, str]:
    return "intake-value-type", f"{v} IS NULL"


def _range(column: FieldColumn, v: str) -> list[tuple[str, str]]:
    limits = [(column.field.minimum, "<"), (column.field.maximum, ">")]
    outside = [f"{v} {sign} {_limit(limit)}" for limit, sign in limits if limit is not None]
    return [("intake-value-range", " OR ".join(outside))] if outside else []


def _limit(limit: int | float | date) -> str:
    return f"DATE '{limit.isoformat()}'" if isinstance(limit, date) else repr(limit)


def _millionths(n: str) -> str:
    """The number as a whole count of millionths; null where the text is no number."""
    number = f"TRY_CAST({n} AS DECIMAL(18, 6))"
    return f"CASE WHEN regexp_full_match({n}, '{_NUMBER}') THEN CAST({number} * 1000000 AS HUGEINT) END"


def _scaled(scale: Fraction, units: int) -> tuple[int, int]:
    exact = scale * units
    return exact.numerator, exact.denominator * 1_000_000


def _half_even(numerator: str, denominator: int) -> str:
    """Divide whole numbers, rounding half to even, on the size of the number so that signs are treated alike."""
    size = f"abs({numerator})"
    whole, rest = f"({size} // {denominator})", f"({size} % {denominator})"
    up = f"CASE WHEN 2 * {rest} > {denominator} OR (2 * {rest} = {denominator} AND {whole} % 2 = 1) THEN 1 ELSE 0 END"
    return f"CAST(sign({numerator}) * ({whole} + {up}) AS BIGINT)"


def read_date(text: str, format: str) -> str:
    """A day in the mapping's format, or in ISO, which is what files with types of their own become."""
    iso = f"CASE WHEN regexp_full_match({text}, '{_ISO}') THEN TRY_CAST({text} AS DATE) END"
    if format == "%Y-%m-%d":
        return iso
    return f"coalesce(CAST(try_strptime({text}, {literal(format)}) AS DATE), {iso})"


def key(columns: tuple[str, ...]) -> str:
    """The key as one text; null when any part of it is blank."""
    parts = [f"NULLIF(trim({name(each)}), '')" for each in columns]
    return " || '/' || ".join(parts) if parts else "NULL::VARCHAR"


def compared(text: str) -> str:
    """An identifier as it is compared (`registry.schemes`): the function is called for the few with other signs only."""
    return (
        f"CASE WHEN regexp_full_match({text}, '[0-9A-Za-z]*') THEN upper({text}) ELSE normalised_identifier({text}) END"
    )


def area_text(column: AreaColumn | None, table: Table) -> str:
    return translated(column.column, column.values, table.blank) if column else "NULL::VARCHAR"


def observed_on(column: DateColumn | None, fixed: date | None) -> str:
    if column is not None:
        return read_date(f"trim({name(column.column)})", column.format)
    return f"DATE '{fixed.isoformat()}'" if fixed else "NULL::DATE"
