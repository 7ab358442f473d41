"""The making of a list in the database: what is due, to whom, and what is held. Set by set, never person by person.

Shape   temporary tables in the caller's transaction: `due` (a row per unit, recipient, kind and, of what an upheld appeal owes,
        cycle), `payee` (a row per unit and recipient, with the sum); then the rows of payments and lines
Units   minor units; what takes away is above zero in `due` and below zero in a line
Nulls   an enrolment whose amount is unknown becomes a payment that is held, without a line: never one of zero. Of an amount of
        zero nothing becomes
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from amparo.payments import owing
from amparo.payments.config import PaymentConfig
from amparo.payments.types import TO_ACCOUNTS, Check, Cycle, RailKind
from amparo.programmes.queries.enrolments import payable_sql
from amparo.trust.keys.keyring import keyring
from amparo.trust.types import Permission, system

_TAKES = "('recovery', 'deduction')"
# `{payable}`: whom the programmes say is to be paid, with a known amount and, apart, without one.
_DUE = """
CREATE TEMP TABLE due ON COMMIT DROP AS
SELECT enrolment AS enrolment_id, unit AS unit_id, household AS household_id, person AS person_id,
    coalesce(recipient, person) AS recipient_id, area_number, 'benefit'::text AS kind, amount_minor, NULL::varchar AS owed_for
FROM ({payable} UNION ALL {unknown}) e WHERE amount_minor IS DISTINCT FROM 0
"""
# Claimed first and then read, so that what somebody confirms meanwhile is in this list or in the next, and in no both.
_CLAIM = """
UPDATE payments_adjustment SET list_id = %(list)s
WHERE programme_id = %(programme)s AND confirmed_at IS NOT NULL AND list_id IS NULL
"""
_ADJUSTMENTS = """
INSERT INTO due (enrolment_id, unit_id, household_id, person_id, recipient_id, area_number, kind, amount_minor)
SELECT e.id, e.unit_id, e.household_id, e.person_id, coalesce(e.recipient_id, e.person_id), e.area_number, a.kind,
    sum(a.amount_minor)::bigint
FROM payments_adjustment a JOIN programmes_enrolment e ON e.id = a.enrolment_id
WHERE a.list_id = %(list)s
GROUP BY e.id, a.kind
"""
# What is to be got back waits for another cycle where too little is due, so that nobody's payment is nothing or less. Where
# it is not known how much is due, what an appeal owes waits too: such a payment may come to nothing.
_LET_WAIT = f"""
DELETE FROM due USING (
    SELECT unit_id, recipient_id, bool_or(amount_minor IS NULL) AS is_unknown FROM due GROUP BY unit_id, recipient_id
    HAVING bool_or(amount_minor IS NULL)
        OR sum(CASE WHEN kind IN {_TAKES} THEN -amount_minor ELSE amount_minor END) <= 0
) little
WHERE (due.kind IN {_TAKES} OR due.owed_for IS NOT NULL AND little.is_unknown)
    AND due.unit_id = little.unit_id AND due.recipient_id IS NOT DISTINCT FROM little.recipient_id
"""
_UNCLAIM = """
UPDATE payments_adjustment a SET list_id = NULL WHERE a.list_id = %(list)s AND NOT EXISTS (
    SELECT FROM due WHERE due.enrolment_id = a.enrolment_id AND due.kind = a.kind AND due.owed_for IS NULL)
"""
# Twelve digits in a row and two by which a slip of the pen shows (ISO 7064, MOD 97-10).
_PAYEE = f"""
CREATE TEMP TABLE payee ON COMMIT DROP AS
SELECT amparo_uuid7() AS id, lpad(number::text, 12, '0') || lpad((98 - number * 100 %% 97)::text, 2, '0') AS reference,
    enrolment_id, unit_id, household_id, person_id, recipient_id, area_number, amount_minor,
    NULL::uuid AS account_id, NULL::text AS check_failed
FROM (
    SELECT nextval('payments_reference') AS number, *
    FROM (
        SELECT unit_id, recipient_id, (array_agg(enrolment_id))[1] AS enrolment_id,
            (array_agg(household_id))[1] AS household_id, (array_agg(person_id))[1] AS person_id,
            min(area_number) AS area_number,
            CASE WHEN bool_and(amount_minor IS NOT NULL)
                THEN sum(CASE WHEN kind IN {_TAKES} THEN -amount_minor ELSE amount_minor END)::bigint END AS amount_minor
        FROM due GROUP BY unit_id, recipient_id
    ) summed
) numbered
"""
_ACCOUNTS = """
UPDATE payee SET account_id = a.id FROM payments_account a
WHERE a.person_id = payee.recipient_id AND a.closed_at IS NULL AND a.verified_at IS NOT NULL
"""
# What cannot be written as an address of G2P Connect is no account to its rail: the payment is held, and not the list.
_WRITABLE = " AND a.scheme ~ '^[A-Za-z0-9.-]+$' AND a.institution ~ '^[A-Za-z0-9.-]+$'"
_DEAD = "(SELECT id FROM registry_person WHERE deceased_on <= %(on)s)"
# What a check holds against a payee. `{index}`: the column by which accounts are known just now.
_FAILS = {
    Check.UNKNOWN_AMOUNT: "amount_minor IS NULL",
    Check.IDENTITY_MISSING: (
        "recipient_id IS NULL OR NOT EXISTS (SELECT FROM registry_identifier i"
        " WHERE i.person_id = payee.recipient_id AND i.is_live)"
        " AND NOT EXISTS (SELECT FROM trust_organisation o WHERE o.id = payee.recipient_id)"
    ),
    Check.DECEASED: f"recipient_id IN {_DEAD} OR person_id IN {_DEAD}",
    Check.OVER_CEILING: "amount_minor > %(ceiling)s",
    Check.ACCOUNT_MISSING: "account_id IS NULL",
    Check.DUPLICATE_ACCOUNT: """account_id IN (
        SELECT a.id FROM payments_account a JOIN (
            SELECT scheme, {index} AS found FROM payments_account WHERE closed_at IS NULL
            GROUP BY scheme, {index} HAVING count(DISTINCT person_id) > 1
        ) twice ON twice.scheme = a.scheme AND twice.found = a.{index})""",
}
_PAYMENTS = """
INSERT INTO payments_payment (id, list_id, enrolment_id, unit_id, household_id, person_id, recipient_id, account_id,
    area_number, reference, amount_minor, state, check_failed, held_until)
SELECT id, %(list)s, enrolment_id, unit_id, household_id, person_id, recipient_id, account_id, area_number, reference,
    amount_minor, CASE WHEN check_failed IS NULL THEN 'ready' ELSE 'held' END, check_failed,
    CASE WHEN check_failed IS NOT NULL THEN %(until)s::date END
FROM payee
"""
_LINES = f"""
INSERT INTO payments_line (id, payment_id, programme_id, cycle, unit_id, recipient_id, kind, amount_minor, reference,
    area_number)
SELECT amparo_uuid7(), payee.id, %(programme)s, %(cycle)s, due.unit_id, due.recipient_id, due.kind,
    CASE WHEN due.kind IN {_TAKES} THEN -due.amount_minor ELSE due.amount_minor END,
    payee.reference || upper(left(due.kind, 1)), payee.area_number
FROM due JOIN payee ON payee.unit_id = due.unit_id AND payee.recipient_id IS NOT DISTINCT FROM due.recipient_id
WHERE due.amount_minor IS NOT NULL AND due.owed_for IS NULL
"""
# A line for each cycle that is owed for; its reference ends in a letter and a number of its own.
_OWED_LINES = """
INSERT INTO payments_line (id, payment_id, programme_id, cycle, unit_id, recipient_id, kind, amount_minor, reference,
    area_number, owed_for)
SELECT amparo_uuid7(), id, %(programme)s, %(cycle)s, unit_id, recipient_id, kind, amount_minor,
    reference || substr('AEFGHIJK', number / 36 + 1, 1)
        || substr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', number %% 36 + 1, 1), area_number, owed_for
FROM (
    SELECT payee.id, payee.reference, payee.area_number, due.unit_id, due.recipient_id, due.kind, due.amount_minor,
        due.owed_for, (row_number() OVER (PARTITION BY payee.id ORDER BY due.owed_for) - 1)::int AS number
    FROM due JOIN payee ON payee.unit_id = due.unit_id AND payee.recipient_id IS NOT DISTINCT FROM due.recipient_id
    WHERE due.owed_for IS NOT NULL
) owed
"""
_WAITING = (_CLAIM, owing.CLAIM, _ADJUSTMENTS, owing.DUE, _LET_WAIT, _UNCLAIM, owing.UNCLAIM)


def fill(cursor: Any, list_id: UUID, programme_id: int, terms: PaymentConfig, cycle: Cycle, on: date) -> dict[str, int]:
    """Fill a list with what is due on a day; return by check how many payments it holds. Nothing due leaves it empty."""
    given = {
        "list": list_id,
        "programme": programme_id,
        "cycle": cycle.name,
        "on": on,
        "ceiling": terms.ceiling_minor,
        "until": held_until(terms, on),
    }
    cursor.execute(owing.TURN, given)
    _gather(cursor, terms.programme, on)
    for statement in (*_WAITING, _PAYEE, "ANALYZE due, payee"):
        cursor.execute(statement, given)
    held = _check(cursor, terms, given)
    for statement in (_PAYMENTS, _LINES, _OWED_LINES):
        cursor.execute(statement, given)
    cursor.execute("DROP TABLE due, payee")
    count(cursor, list_id)
    return held


def _gather(cursor: Any, programme: str, on: date) -> None:
    """Gather everybody who is payable, people in danger too: whoever asked for the list sees none of them."""
    by = system("payments").narrowed(Permission.PREPARE_PAYMENTS)
    payable, values = payable_sql(programme, on, by=by)
    unknown, more = payable_sql(programme, on, by=by, is_known=False)
    cursor.execute(_DUE.format(payable=payable, unknown=unknown), [*values, *more])


def held_until(terms: PaymentConfig, on: date) -> date:
    """Return the last day on which somebody may decide about what is held on a day."""
    return on + timedelta(days=terms.hold_days)


def count(cursor: Any, list_id: UUID) -> None:
    """Write a list's sums anew, from its payments."""
    cursor.execute("SELECT amparo_count_list(%s)", [list_id])


def _check(cursor: Any, terms: PaymentConfig, given: dict[str, Any]) -> dict[str, int]:
    """Note the first reason for which each payee is held. An unknown amount is, and no account where one is paid to,
    whatever a profile checks."""
    wanted = {Check.UNKNOWN_AMOUNT, *terms.checks}
    if terms.rail in TO_ACCOUNTS:
        cursor.execute(_ACCOUNTS + (_WRITABLE if terms.rail is RailKind.G2P else ""))
        wanted.add(Check.ACCOUNT_MISSING)
    else:
        wanted -= {Check.ACCOUNT_MISSING, Check.DUPLICATE_ACCOUNT}
    index = "spare_index" if keyring(using="bulk").is_spare else "blind_index"
    held = {}
    for check in (each for each in Check if each in wanted):
        condition = _FAILS[check].replace("{index}", index)
        cursor.execute(
            f"UPDATE payee SET check_failed = %(check)s WHERE check_failed IS NULL AND ({condition})",
            {**given, "check": check.value},
        )
        if cursor.rowcount:
            held[check.value] = cursor.rowcount
    return held
