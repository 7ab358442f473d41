"""A cash list with a sheet to sign, for whoever pays in cash: what is not settled of an approved list, area by area.

Shape   a list, and the range of an area or the whole country, in; rows with reference, name and amount, by area, out
Units   minor units of the list's currency
Nulls   of somebody in danger, and of whom nobody knows by name, the reference stands alone; no identity number ever does
Errors  Refused where the list is not approved, is not paid by agents, is not as it was signed, or is too long for one print
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.db import connections, transaction

from amparo.kernel.errors import Refused
from amparo.payments.queries.lists import list_of, list_row
from amparo.payments.signing import expect_signed
from amparo.payments.types import CashRow, CashSheet, ListState, PaymentList, RailKind
from amparo.registry.queries import dictionary
from amparo.trust.grounds.agreements import organisation_names
from amparo.trust.log.recording import record
from amparo.trust.scope import where
from amparo.trust.stage import expect_live
from amparo.trust.types import Actor, Event, Ground, Permission

AT_MOST = 2_000
BY_REFERENCE = (-(2**63), -1)  # of people in danger, who are on no area's sheet
_NAMES = ("given_name", "family_name")


@dataclass(frozen=True)
class CashList:
    """The sheets of a list, one for each area; `made` is the list."""

    made: PaymentList
    sheets: tuple[CashSheet, ...]

    @property
    def payments(self) -> int:
        return sum(len(each.rows) for each in self.sheets)

    @property
    def amount_minor(self) -> int:
        return sum(each.amount_minor for each in self.sheets)


@transaction.atomic
def print_cash_list(
    list_id: UUID, *, by: Actor, under: Ground, area: tuple[int, int] | None = None, at_most: int = AT_MOST
) -> CashList:
    """Return what is to be printed of a list, for an area or all of it. What was paid already is not in it."""
    by = by.narrowed(Permission.EXPORT_PAYMENTS)
    expect_live(may_be_demo=True)
    row = list_row(list_id)
    if row.state not in (ListState.APPROVED, ListState.EXPORTED):
        raise Refused("payments-list-not-so", state=ListState(row.state).words)
    if row.rail != RailKind.AGENTS:
        raise Refused("payments-not-in-cash")
    expect_signed(row)
    first, last = area or (None, None)
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT * FROM amparo_list_sheet(%s, %s, %s, %s)", [row.id, first, last, at_most + 1])
        found = cursor.fetchall()
        if len(found) > at_most:
            raise Refused("payments-cash-list-long", most=at_most)
        recipients = [each for _, _, each, _ in found if each]
        names = organisation_names(recipients) | dict(_names(cursor, recipients, by))
    sheets = tuple(_sheets(found, names))
    made = CashList(list_of(row), sheets)
    told = {"payments": made.payments, "amount_minor": made.amount_minor, "areas": len(sheets)}
    record(Event.CASH_LIST_PRINTED, by=by, under=under, about_kind="payment-list", about_id=row.id, **told)
    return made


def _sheets(found: Sequence[tuple], names: dict[UUID, str]) -> Iterator[CashSheet]:
    number = 0
    for area, rows in groupby(found, key=lambda each: each[3]):
        listed = []
        for reference, amount_minor, recipient, _ in rows:
            number += 1
            listed.append(CashRow(number, reference, names.get(recipient, ""), amount_minor))
        yield CashSheet(area, tuple(listed))


def _names(cursor: object, persons: Sequence[UUID], by: Actor) -> Sequence[tuple[UUID, str]]:
    """Return the names of persons in reach, as the registry has them."""
    words = dictionary()
    columns = [f'f."{each.name}"' for role in _NAMES if (each := words.with_role("person", role))]
    if not persons or not columns:
        return []
    condition, scope = where(by, of="registry_fact_person", row="f")
    cursor.execute(  # type: ignore[attr-defined]
        f"SELECT f.person_id, concat_ws(' ', {', '.join(columns)}) FROM registry_fact_person f"
        f" WHERE f.person_id = ANY (%s) AND {condition}",
        [list(persons), *scope],
    )
    return cursor.fetchall()  # type: ignore[attr-defined]
