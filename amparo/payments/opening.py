"""A part of an approved list, opened for the rail that takes it to who pays.

Units   minor units
Nulls   who is paid by an agent has no account
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from amparo.payments import models
from amparo.payments.config import PaymentConfig
from amparo.payments.rails.sending import Due, Sending
from amparo.payments.sealed import FIELD_CLASS
from amparo.trust.keys.encryption import decrypt


def sending_of(
    row: models.List, terms: PaymentConfig, id: str, rows: Sequence[tuple[Any, ...]], goes_on: date | None = None
) -> Sending:
    """Return a part of an approved list, opened, as a rail is given it."""
    assert row.approved_at is not None
    return Sending(
        id=id,
        approved_at=row.approved_at,
        pays_on=row.pays_on,
        currency=row.currency,
        decimals=row.decimals,
        programme=row.programme.code,
        payer=terms.payer,
        payments=tuple(map(_due, rows)),
        goes_on=goes_on,
    )


def _due(row: tuple[Any, ...]) -> Due:
    reference, amount, account, scheme, institution, number, holder, _ = row
    if account is None:
        return Due(reference, amount)
    opened = _opened("holder", account, holder), institution, _opened("number", account, number)
    return Due(reference, amount, *opened, scheme)


def _opened(column: str, account: UUID, sealed: bytes) -> str:
    return decrypt(FIELD_CLASS, sealed, f"payments_account.{column}:{account}".encode()).decode()
