"""How programmes pay, as they stand, and which programme an enrolment is of."""

from datetime import date
from uuid import UUID

from django.db import connections

from amparo.kernel.errors import NotFound
from amparo.payments import models, owing
from amparo.payments.config import PaymentConfig, restored
from amparo.programmes.queries.enrolments import payable_sql
from amparo.trust.scope import where
from amparo.trust.types import Actor


def terms_of(programme: str, *, using: str = "default") -> tuple[int, PaymentConfig]:
    """Return a programme's id and terms."""
    row = models.Terms.objects.using(using).filter(programme__code=programme, withdrawn_at=None).first()
    if row is None:
        raise NotFound("payments-programme-unknown", programme=programme[:64])
    return row.programme_id, restored(row.content)


def all_terms(*, using: str = "default") -> dict[int, PaymentConfig]:
    """Return the terms of every programme that pays."""
    rows = models.Terms.objects.using(using).filter(withdrawn_at=None).order_by("programme__position")
    return {each.programme_id: restored(each.content) for each in rows}


def programme_ids(*, using: str) -> dict[str, int]:
    """Return code → id of every programme."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT code, id FROM programmes_programme")
        return dict(cursor.fetchall())


def is_anybody_payable(programme: str, *, by: Actor, on: date) -> bool:
    """Whether a list made on a day would hold anybody whom the actor may know of: with a known amount or without, or arrears."""
    asked = [payable_sql(programme, on, by=by, is_known=each) for each in (True, False)]
    condition, values = where(by, of="payments_arrears", row="a")
    asked.append((owing.WAITING.format(condition=condition), [*values, programme]))
    with connections["default"].cursor() as cursor:
        for statement, values in asked:
            cursor.execute(f"SELECT EXISTS ({statement})", values)
            if cursor.fetchone()[0]:
                return True
    return False


def enrolment_place(enrolment_id: UUID, *, by: Actor) -> tuple[int, int]:
    """Return programme and area number of an enrolment. Raises NotFound also outside the actor's reach."""
    condition, values = where(by, of="programmes_enrolment")
    statement = f"SELECT programme_id, area_number FROM programmes_enrolment WHERE id = %s AND {condition}"
    with connections["default"].cursor() as cursor:
        cursor.execute(statement, [enrolment_id, *values])
        if (found := cursor.fetchone()) is None:
            raise NotFound("payments-enrolment-unknown")
        return found
