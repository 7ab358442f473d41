"""Reads of versions and drafts: what held from which day, what is proposed, what a draft says of one household."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from amparo.kernel import clock
from amparo.kernel.errors import NotFound
from amparo.programmes import known, models, standing
from amparo.programmes.catalogue import catalogue
from amparo.programmes.drafting import book, law_day, on_facts_of
from amparo.programmes.inforce import InForce, asked_as
from amparo.programmes.local import is_within_reach
from amparo.programmes.rulebook import Rulebook
from amparo.programmes.standing import PARAMETER, RULE, TABLE, Standing, drafted, installed
from amparo.programmes.types import Draft
from amparo.programmes.units import UnitOf, decided, record
from amparo.programmes.withholding import expect_told
from amparo.registry import queries as registry
from amparo.registry.relatives import with_lists
from amparo.rules.catalogue import Catalogue
from amparo.rules.check import check
from amparo.rules.check.stated import check_model, check_table
from amparo.rules.contents import restored
from amparo.rules.engines.reference import decide
from amparo.rules.model.rule import Decided, RuleRefused
from amparo.rules.trace import Trace
from amparo.rules.trace import explain as trace
from amparo.trust.context import acting
from amparo.trust.types import Actor, Ground, Permission


@dataclass(frozen=True)
class Held:
    """One version of one thing as a table keeps it, also one that was replaced; `draft` through which it was published."""

    id: int
    starts_on: date
    version: Any
    installed_at: datetime
    replaced_at: datetime | None
    draft: UUID | None


@dataclass(frozen=True)
class Tried:
    """What a draft says of one unit."""

    unit: UnitOf
    decided: Decided
    trace: Trace


def standing_now() -> Standing:
    return installed()


def rule_catalogue() -> Catalogue:
    """Return what rules may read."""
    return catalogue(registry.dictionary())


def held_versions(kind: str, code: str) -> list[Held]:
    """Return every version there ever was of a thing, by first day, the one that stands before those it replaced."""
    installed().thing(kind, code)
    rows = {
        RULE: models.RuleVersion.objects.filter(programme__code=code),
        PARAMETER: models.ParameterValue.objects.filter(parameter_id=code).select_related("parameter"),
    }.get(kind, models.ContentVersion.objects.filter(kind=kind, code=code))
    found = [_held(kind, each) for each in rows.order_by("starts_on", "-installed_at", "-id")]
    return sorted(found, key=lambda each: (each.starts_on, each.replaced_at is not None))


def _held(kind: str, row: Any) -> Held:
    if kind == RULE:
        version: Any = standing.rule_version(row)
    elif kind == PARAMETER:
        version = standing.parameter_value(row, row.parameter)
    else:
        (version,) = restored(kind, {"value": row.content}).versions
    return Held(row.id, row.starts_on, version, row.installed_at, row.replaced_at, row.draft_id)


def refusals(of: Draft, stated: Standing) -> Iterator[tuple[str, str, RuleRefused]]:
    """Yield what is wrong with the draft's own text: which part, the text, and the refusal with line and column.

    `stated`  what would stand. Only the drafted version is looked at, quickly enough while somebody types.
    """
    words, figures, thing = rule_catalogue(), stated.figures, stated.thing(of.kind, of.code)
    version = stated.versions(of.kind, of.code)[of.starts_on]
    if of.kind == RULE:
        settings = {"unit": asked_as(thing.unit), "of_group": version.group is not None}
        for part, text, gives in (("rule", version.rule, "boolean"), ("amount", version.amount, "money")):
            try:
                if text is not None:
                    check(text, words, figures, gives=gives, **settings)
            except RuleRefused as refusal:
                yield part, text, refusal
    elif of.kind != PARAMETER:
        found = check_table(thing) if of.kind == TABLE else check_model(thing, words, figures)
        yield from ((of.kind, each.text or "", each) for held, each in found if held is version)


def drafts(*, by: Actor) -> list[Draft]:
    """Return the drafts that are not over and are of what the reader's areas decide, the latest first."""
    by, stated = by.narrowed(Permission.READ_DRAFT), installed()
    rows = models.Draft.objects.filter(published_at=None, discarded_at=None)
    return [
        draft_of(each) for each in rows.order_by("-written_at") if is_within_reach(stated, each.kind, each.code, by)
    ]


def draft(id: UUID, *, by: Actor) -> Draft:
    """Return a draft. Raises NotFound for one of what is not decided in the reader's areas."""
    return draft_of(_seen(id, by))


def author(id: UUID) -> UUID:
    """Return who wrote a draft."""
    return _row(id, "bulk").written_by


def asked_book(id: UUID, *, by: Actor) -> Rulebook:
    """Return the law as it would be on the draft's day, to be asked of what is known today. Raises RuleRefused."""
    row, now = _seen(id, by), installed()
    law = law_day(row, now, clock.today())
    return on_facts_of(book(drafted(row, now), law=law, using="default"), clock.today())


def tried_on_record(programme: InForce, given: dict[str, Any], of: Rulebook) -> Tried:
    """Return what a draft says of a household somebody typed in."""
    found = decide(programme.rule, given, on=of.on, parameters=of.parameters)
    return Tried(UnitOf(None, given.get("member")), found, _traced(programme, given, of))


def tried_on_household(
    programme: InForce, household_id: UUID, of: Rulebook, *, by: Actor, under: Ground
) -> Iterator[Tried]:
    """Yield what a draft says of each unit of a household that `by` may read; the reading is on the record.

    Raises NotPermitted where the draft reads what `by` may not: else a rule could be written to find it out.
    """
    household = registry.household(household_id, by=by, under=under)
    expect_told(programme, household.classes, of.dictionary)
    household = with_lists(household, reads=programme.reads, by=by, under=under)
    household = known.placed(household, programme.reads, words=of.dictionary, on=of.on)
    values = known.fresh(household, on=of.on, limits=programme.limits)
    for unit in known.units_of(programme, household):
        found = decided(programme, unit, *values, on=of.on, parameters=of.parameters)
        yield Tried(unit, found, _traced(programme, record(unit, *values), of))


def _traced(programme: InForce, given: dict[str, Any], of: Rulebook) -> Trace:
    return trace(programme.rule.outcome, given, on=of.on, parameters=of.parameters)


def _row(id: UUID, using: str = "default") -> models.Draft:
    row = models.Draft.objects.using(using).filter(id=id).first()
    if row is None:
        raise NotFound("programmes-draft-unknown")
    return row


def _seen(id: UUID, by: Actor) -> models.Draft:
    """Return a draft that the reader's areas decide about; as though there were none, where they do not.

    Read as by whoever reads drafts, whatever records the page was opened for.
    """
    with acting(by.narrowed(Permission.READ_DRAFT)) as by:
        row = _row(id)
        if not is_within_reach(installed(), row.kind, row.code, by):
            raise NotFound("programmes-draft-unknown")
        return row


def may_act(permission: Permission, kind: str, code: str, *, by: Actor) -> bool:
    """Whether somebody may read, write or publish drafts of a thing: their office says so, and the thing is of its areas."""
    return by.has(permission) and is_within_reach(installed(), kind, code, by.narrowed(permission))


def draft_of(row: models.Draft) -> Draft:
    return Draft(
        id=row.id,
        kind=row.kind,
        code=row.code,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        law=row.law,
        content=row.content,
        cases=row.cases,
        written_by=row.written_by,
        written_at=row.written_at,
        proposed_at=row.proposed_at,
        measure_asked_at=row.measure_asked_at,
        measured=row.measured,
        is_over=bool(row.published_at or row.discarded_at),
        published_by=row.published_by,
        published_at=row.published_at,
    )
