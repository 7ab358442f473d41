"""Writes the profile's categories of cases, and the transitions of lives that open some."""

from collections.abc import Sequence

from django.db import transaction

from amparo.cases.config import CategoryConfig, TransitionConfig
from amparo.cases.models import Category, Transition
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


@transaction.atomic(using="owner")
def install_transitions(transitions: Sequence[TransitionConfig], *, by: Actor) -> None:
    """Write which transitions open cases. One that is no longer named keeps the cases it has, and opens no more."""
    rows = Transition.objects.using("owner")
    held = {each.code: _stated(each) for each in rows.filter(withdrawn_at=None)}
    fresh = [_transition(each, position) for position, each in enumerate(transitions)]
    if held == {each.code: _stated(each) for each in fresh}:
        return
    rows.exclude(code__in=[each.code for each in fresh]).filter(withdrawn_at=None).update(withdrawn_at=clock.now())
    rows.bulk_create(fresh, update_conflicts=True, unique_fields=["code"], update_fields=[*_STATED[1:], "withdrawn_at"])
    record(Event.TRANSITIONS_INSTALLED, by=by, using="owner", transitions=len(fresh))


_STATED = (
    *("code", "trigger", "category_id", "source", "years", "days", "field", "value", "told", "receiving"),
    *("ends", "next", "position"),
)


def _transition(given: TransitionConfig, position: int) -> Transition:
    return Transition(
        code=given.code,
        trigger=given.trigger.value,
        category_id=given.category,
        source=given.source,
        years=given.years,
        days=given.days,
        field=given.field,
        value=given.value,
        told=list(given.told),
        receiving=given.receiving,
        ends=list(given.ends),
        next=list(given.next),
        position=position,
    )


def _stated(row: Transition) -> tuple:
    return tuple(getattr(row, name) for name in _STATED)


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
