"""Whether delivered identifiers are sound, as one expression over a whole column.

Shape   SQL over a column of text as it was delivered; `registry.schemes.is_sound` says the same of one number
Nulls   a number that was not delivered is not unsound
Errors  `intake-identifier-unsound`, as a reason where the profile says quarantine, else as a warning (ID-4)
Source  as `registry.schemes`
"""

from collections.abc import Iterable
from functools import cache

import duckdb

from amparo.intake.validation.expressions import literal
from amparo.registry.dictionary import Dictionary
from amparo.registry.schemes import (
    BY_PLACE,
    CPF_WEIGHTS,
    NIS_WEIGHTS,
    PRODUCT,
    RUN_DIGITS,
    RUN_WEIGHTS,
    CheckDigit,
    Scheme,
    Unsound,
)

RULE = "intake-identifier-unsound"
_PAST_DIGITS = 0x20000  # Unicode has a million code points more, and no decimal digit among them


def find_unsound(db: duckdb.DuckDBPyConnection, dictionary: Dictionary, columns: Iterable[tuple[str, str]]) -> None:
    """Write a reason or a warning for each row of `person` whose number is not sound. `columns`: (column, scheme)."""
    for column, name in columns:
        if scheme := dictionary.scheme(name):
            rows = f"FROM ({unsound(scheme, 'person', column)})"
            table = "reason" if scheme.unsound is Unsound.QUARANTINE else "warning"
            named = literal(scheme.scheme)
            db.execute(f"INSERT INTO {table} (row_at, rule, field) SELECT __at, '{RULE}', {named} {rows}")


def set_apart(db: duckdb.DuckDBPyConnection, dictionary: Dictionary) -> None:
    """Move unsound numbers from `identifier` to `identifier_unsound`: they are kept, and link nobody to anybody."""
    db.execute("CREATE OR REPLACE TABLE identifier_unsound AS SELECT * FROM identifier LIMIT 0")
    for each in dictionary.schemes:
        rows = f"(SELECT * FROM identifier WHERE scheme = {literal(each.scheme)})"
        db.execute(f"INSERT INTO identifier_unsound BY NAME {unsound(each, rows, 'text')}")
    db.execute("""
        DELETE FROM identifier WHERE (person_key, scheme, blind) IN (SELECT person_key, scheme, blind FROM identifier_unsound)
    """)


def add_set_apart(db: duckdb.DuckDBPyConnection) -> None:
    """Add what was set apart to `identifier_state`, contested: not live, and somebody must look."""
    db.execute("""
        INSERT INTO identifier_state BY NAME
        SELECT uuidv7() AS id, e.entity_id AS person_id, i.person_key, i.scheme, i.blind, i.text, false AS verified,
            true AS contested, false AS repeated, e.area_number
        FROM identifier_unsound i
        JOIN person_state s ON s.key = i.person_key AND NOT s.is_same
        JOIN person_entity e ON e.key = i.person_key
    """)


def unsound(scheme: Scheme, rows: str, column: str) -> str:
    """SQL for those of some rows whose column holds a text that is no sound number of the scheme."""
    form = f"[0-9]{{{scheme.least},{scheme.digits}}}"
    if scheme.check is CheckDigit.RUN:
        form = f"[0-9]{{{scheme.least - 1},{scheme.digits - 1}}}[0-9K]"
    elif scheme.check is CheckDigit.NONE:
        form = f"[0-9A-Z]{{{scheme.least},{scheme.digits}}}"
    # The form is asked first: what has it not, is never taken for digits.
    return f"""
        SELECT * EXCLUDE (__number, __whole) FROM (
            SELECT *, {_compared(column)} AS __number, TRY_CAST(rtrim(__number, 'K') AS BIGINT) AS __whole
            FROM {rows} WHERE {column} IS NOT NULL
        )
        WHERE CASE WHEN regexp_full_match(__number, '{form}') THEN NOT ({_SOUND[scheme.check](scheme)}) ELSE true END
    """


def _compared(column: str) -> str:
    """The text as identifiers are compared; what holds digits and capitals only, as nearly all do, is taken as it is."""
    digits, plain = _other_digits()
    bare = f"regexp_replace(translate(upper({column}), '{digits}', '{plain}'), '[^\\pL\\pN]', '', 'g')"
    return f"CASE WHEN regexp_full_match({column}, '[0-9A-Z]+') THEN {column} ELSE {bare} END"


@cache
def _other_digits() -> tuple[str, str]:
    found = [chr(each) for each in range(128, _PAST_DIGITS) if chr(each).isdecimal()]
    return "".join(found), "".join(str(int(each)) for each in found)


def _digit(place: int) -> str:
    """The digit at a place, counted from 0 at the right."""
    return f"(__whole // {10**place} % 10)"


def _none(scheme: Scheme) -> str:
    return "true"


def _luhn(scheme: Scheme) -> str:
    odd = [_digit(place) for place in range(0, scheme.digits, 2)]
    even = [_digit(place) for place in range(1, scheme.digits, 2)]
    # A doubled digit of 5 and more counts the sum of its two digits, which is nine less.
    doubled = [f"2 * {each} - 9 * ({each} > 4)::BIGINT" for each in even]
    return f"({' + '.join([*odd, *doubled])}) % 10 = 0"


def _verhoeff(scheme: Scheme) -> str:
    state = "0"
    for place in range(scheme.digits):
        turned = f"(ascii('{BY_PLACE[place % 8]}'[{_digit(place)} + 1]) - 48)"
        # Left of a shorter number's first digit stands the element that changes nothing.
        turned = turned if place < scheme.least else f"(CASE WHEN length(__number) > {place} THEN {turned} ELSE 0 END)"
        state = f"(ascii('{PRODUCT}'[{state} * 10 + {turned} + 1]) - 48)"
    return f"{state} = 0"


def _modulo_11(weights: tuple[int, ...], last: int) -> str:
    """`last`: the place of the check digit, right of the weighed ones."""
    weighed = " + ".join(f"{weight} * {_digit(last + n)}" for n, weight in enumerate(reversed(weights), 1))
    return f"(11 - ({weighed}) % 11) % 11 % 10 = {_digit(last)}"


def _cpf(scheme: Scheme) -> str:
    return " AND ".join([_is_varied(), *(_modulo_11(each, 1 - n) for n, each in enumerate(CPF_WEIGHTS))])


def _nis(scheme: Scheme) -> str:
    return f"{_is_varied()} AND {_modulo_11(NIS_WEIGHTS, 0)}"


def _is_varied() -> str:
    return f"__whole % {'1' * 11} <> 0"


def _run(scheme: Scheme) -> str:
    """The digits before the last: where that is a K, it is cut off already."""
    body = "(CASE WHEN __number[-1] = 'K' THEN __whole ELSE __whole // 10 END)"
    terms = [f"{RUN_WEIGHTS[place % 6]} * ({body} // {10**place} % 10)" for place in range(scheme.digits - 1)]
    return f"'{RUN_DIGITS}'[(11 - ({' + '.join(terms)}) % 11) % 11 + 1] = __number[-1]"


def _tckn(scheme: Scheme) -> str:
    digits = [_digit(10 - place) for place in range(11)]
    tenth = f"(({' + '.join(digits[0:9:2])}) * 7 - ({' + '.join(digits[1:8:2])}) + 100) % 10"
    return f"{digits[0]} <> 0 AND {digits[9]} = {tenth} AND {digits[10]} = ({' + '.join(digits[:10])}) % 10"


_SOUND = {
    CheckDigit.NONE: _none,
    CheckDigit.LUHN: _luhn,
    CheckDigit.VERHOEFF: _verhoeff,
    CheckDigit.CPF: _cpf,
    CheckDigit.NIS: _nis,
    CheckDigit.RUN: _run,
    CheckDigit.TCKN: _tckn,
}
