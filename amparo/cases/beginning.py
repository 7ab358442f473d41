"""How a case begins, whoever files it: its row, its first step and its audit row; part of an act.

Units   due so many days after the day on which it was filed
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from amparo.cases import models
from amparo.cases.config import days_of
from amparo.cases.moves import UNFILED, UNTOLD
from amparo.cases.queries.reading import case_of
from amparo.cases.types import Act, Case, Channel, Kind, Linked, Said
from amparo.cases.writing import add_step, new_code, note, tell_of, writing
from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.notices.types import Kind as NoticeKind
from amparo.registry import queries as registry
from amparo.trust.types import Actor, Event, Ground, system


@dataclass(frozen=True)
class Filing:
    """What somebody files. `area`: the code of a place, where it is about nobody who is known."""

    category: str
    said: Said
    channel: Channel
    linked: Linked = field(default_factory=Linked)
    area: str = ""


def category_of(code: str) -> models.Category:
    """Return a category that takes cases. Appeals are filed from the decision they are about; what is held opens by itself."""
    row = models.Category.objects.filter(code=code, withdrawn_at=None).first()
    if row is None or row.kind in UNFILED:
        raise Refused("cases-category-unknown", category=code)
    return row


def begin(
    category: models.Category | None,
    filing: Filing,
    *,
    by: Actor,
    under: Ground | None,
    on: date,
    area_number: int = 0,
    kind: Kind | None = None,
    days: int | None = None,
    suspends: bool = False,
) -> Case:
    """Write a case with its first step; part of an act that is recorded here."""
    kind = kind or Kind(category.kind)
    if not filing.said.words.strip():
        raise Refused("cases-nothing-said")
    is_told = kind not in UNTOLD and filing.linked.person is not None
    row = _row(category, filing, kind, area_number=area_number, suspends=suspends)
    row.filed_on, row.due_on = on, on + timedelta(days=days or (category.days if category else days_of(kind)))
    row.filed_by = None if filing.channel is Channel.ANONYMOUS else by.id
    row.told_at = clock.now() if is_told else None
    with writing(by) as writer:
        if row.person_id:
            row.area_number = registry.person(row.person_id, by=writer).area_number
        row.save(force_insert=True)
        add_step(row, Act.FILE, filing.said, by_id=row.filed_by, is_told=is_told)
        note(Event.CASE_FILED, row, _recorded(by, filing), under, channel=row.channel, due_on=row.due_on.isoformat())
        tell_of(NoticeKind.CASE_RECEIVED, row.id, by=_recorded(by, filing))
    return case_of(row)


def _row(
    category: models.Category | None, filing: Filing, kind: Kind, *, area_number: int, suspends: bool
) -> models.Case:
    return models.Case(
        code=new_code(),
        kind=kind.value,
        category=category,
        channel=filing.channel.value,
        area_number=area_number,
        person_id=filing.linked.person,
        household_id=filing.linked.household,
        decision_id=filing.linked.decision,
        enrolment_id=filing.linked.enrolment,
        payment_id=filing.linked.payment,
        programme=filing.linked.programme,
        is_sensitive=bool(category and category.is_sensitive),
        suspends=suspends,
    )


def _recorded(by: Actor, filing: Filing) -> Actor:
    """Nobody's account stands in the log for whoever did not say who they are."""
    return system("anonymous") if filing.channel is Channel.ANONYMOUS else by
