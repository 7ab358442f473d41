"""Writes the profile's categories of cases."""

from collections.abc import Sequence

from django.db import transaction

from amparo.cases.config import CategoryConfig
from amparo.cases.models import Category
from amparo.kernel import clock
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event


@transaction.atomic(using="owner")
def install_categories(categories: Sequence[CategoryConfig], *, by: Actor) -> None:
    """Write what cases are about. A category that is no longer named stays for the cases it has, and takes no new one."""
    rows = Category.objects.using("owner")
    held = {each.code: _plain(each) for each in rows.filter(withdrawn_at=None)}
    fresh = [_row(each, position) for position, each in enumerate(categories)]
    if held == {each.code: _plain(each) for each in fresh}:
        return
    rows.exclude(code__in=[each.code for each in fresh]).filter(withdrawn_at=None).update(withdrawn_at=clock.now())
    rows.bulk_create(
        fresh,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=[name for name in _COLUMNS if name != "code"] + ["withdrawn_at"],
    )
    record(Event.CASE_CATEGORIES_INSTALLED, by=by, using="owner", categories=len(fresh))


_COLUMNS = (
    *("code", "kind", "days", "escalate_days", "escalate_to", "is_sensitive", "roles"),
    *("is_public", "questions", "position"),
)


def _row(given: CategoryConfig, position: int) -> Category:
    return Category(
        code=given.code,
        kind=given.kind.value,
        days=given.days,
        escalate_days=given.escalate_days,
        escalate_to=given.escalate_to.value if given.escalate_to else "",
        is_sensitive=given.is_sensitive,
        roles=[each.value for each in given.roles],
        is_public=given.is_public,
        questions=list(given.questions),
        position=position,
    )


def _plain(row: Category) -> tuple:
    return tuple(getattr(row, name) for name in _COLUMNS)
