"""What stands of rules, figures, tables and models, from the profile's files and from the pages; and with a draft put in.

What exists, the files say: programmes, figures, tables and models with their types. What holds from which day, the files
say too, until somebody publishes on the pages: a published version stands, whatever the files state for its day.

Shape   every kind of thing has versions, one for each first day; `SHAPES` says what they are called
Nulls   a version without a last day holds until the next one begins
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from amparo.kernel.errors import NotFound
from amparo.programmes import catalogue, conditions, contents, freshness, models
from amparo.programmes.config import ParameterConfig, ParameterValue, ProgrammeConfig, RuleVersion, Ungrouped, Unit
from amparo.programmes.enrolment import restored as terms_restored
from amparo.programmes.procedure import restored
from amparo.programmes.quota import from_plain
from amparo.programmes.types import Draft
from amparo.registry.dictionary import Type
from amparo.rules.contents import ModelVersion, Question, ScoringModel, Table, TableVersion, Variant
from amparo.rules.parameters import Parameters

RULE, PARAMETER, TABLE, SCORE = "rule", "parameter", "table", "score"
Key = tuple[str, str, date]  # kind, code, first day


class Shape(NamedTuple):
    """Where things of a kind are held, and what their name, versions, first and last day are called."""

    held: str
    name: str
    versions: str
    first: str
    last: str | None


SHAPES = {
    RULE: Shape("programmes", "code", "versions", "starts_on", "ends_on"),
    PARAMETER: Shape("parameters", "name", "values", "starts_on", None),
    TABLE: Shape("tables", "name", "versions", "valid_from", "valid_until"),
    SCORE: Shape("models", "name", "versions", "valid_from", "valid_until"),
}


@dataclass(frozen=True)
class Standing:
    """Everything that decides, all days of it."""

    programmes: tuple[ProgrammeConfig, ...]
    parameters: tuple[ParameterConfig, ...]
    tables: tuple[Table, ...] = ()
    models: tuple[ScoringModel, ...] = ()

    @property
    def figures(self) -> Parameters:
        """Figures, tables and models as rules read them."""
        return catalogue.parameters(self.parameters, catalogue.contents(self.tables, self.models, self.programmes))

    def names(self, kind: str) -> list[str]:
        """Return what there is of a kind; of what is no kind, nothing."""
        shape = SHAPES.get(kind)
        return [getattr(each, shape.name) for each in getattr(self, shape.held)] if shape else []

    def thing(self, kind: str, code: str) -> Any:
        """Return a programme, figure, table or model. Raises NotFound for what there is not."""
        shape = SHAPES.get(kind)
        found = [each for each in getattr(self, shape.held) if getattr(each, shape.name) == code] if shape else []
        if not found:
            raise NotFound("programmes-nothing-so-named", name=code)
        return found[0]

    def versions(self, kind: str, code: str) -> dict[date, Any]:
        """Return first day → version, in order."""
        shape = SHAPES[kind]
        every = getattr(self.thing(kind, code), shape.versions)
        return {getattr(each, shape.first): each for each in sorted(every, key=lambda each: getattr(each, shape.first))}

    def version_on(self, kind: str, code: str, day: date) -> Any:
        """Return the version that began last; before the first one, the first."""
        versions = self.versions(kind, code)
        return versions[max((each for each in versions if each <= day), default=min(versions))]

    def having(self, kind: str, code: str, version: Any) -> "Standing":
        """Return what stands with this version in its day's place; the rule before it ends on its eve."""
        shape, thing = SHAPES[kind], self.thing(kind, code)
        versions = self.versions(kind, code) | {getattr(version, shape.first): version}
        ordered = [versions[day] for day in sorted(versions)]
        changed = replace(thing, **{shape.versions: _closed(ordered) if kind == RULE else tuple(ordered)})
        every = tuple(changed if each is thing else each for each in getattr(self, shape.held))
        return replace(self, **{shape.held: every})


def _closed(versions: list[RuleVersion]) -> tuple[RuleVersion, ...]:
    """Return the versions, each ended before the next begins."""
    ended = [
        replace(each, ends_on=following.starts_on - timedelta(days=1))
        if each.ends_on is None or each.ends_on >= following.starts_on
        else each
        for each, following in pairwise(versions)
    ]
    return (*ended, *versions[-1:])


def installed(*, using: str = "default") -> Standing:
    """Return what stands now."""
    stated = contents.installed(using=using)
    programmes = models.Programme.objects.using(using).filter(withdrawn_at=None).order_by("position", "code")
    values = _by(models.ParameterValue.objects.using(using).filter(replaced_at=None), "parameter_id")
    rules = _by(models.RuleVersion.objects.using(using).filter(replaced_at=None), "programme_id")
    figures = [each for each in models.Parameter.objects.using(using).order_by("name") if each.name in values]
    return Standing(
        tuple(
            ProgrammeConfig(
                each.code,
                Unit(each.unit),
                tuple(map(rule_version, rules[each.id])),
                restored(each.procedure),
                terms_restored(each.enrolment),
                tuple(map(conditions.restored, each.conditions)),
            )
            for each in programmes
        ),
        tuple(
            ParameterConfig(
                each.name,
                Type(each.type),
                each.unit,
                each.law,
                tuple(parameter_value(row, each) for row in values[each.name]),
                each.area,
            )
            for each in figures
        ),
        stated.tables,
        stated.models,
    )


def _by(rows: Any, column: str) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for each in rows.order_by("starts_on"):
        found.setdefault(getattr(each, column), []).append(each)
    return found


def rule_version(row: models.RuleVersion) -> RuleVersion:
    terms = row.terms
    return RuleVersion(
        row.starts_on,
        row.rule,
        row.law,
        row.amount,
        row.ends_on,
        Unit(terms["group"]) if "group" in terms else None,
        Ungrouped(terms["ungrouped"]) if "ungrouped" in terms else None,
        from_plain(terms.get("ranking")),
        freshness.from_plain(terms.get("freshness", ())),
    )


def parameter_value(row: models.ParameterValue, of: models.Parameter) -> ParameterValue:
    return ParameterValue(row.starts_on, typed_value(row.value, Type(of.type)), row.law)


def typed_value(plain: Any, type: Type) -> Any:
    return date.fromisoformat(plain) if type is Type.DATE else plain


def drafted(draft: models.Draft | Draft, standing: Standing) -> Standing:
    """Return what would stand if the draft were published. What is around a rule stays as in the version before it."""
    return standing.having(draft.kind, draft.code, _version(draft, standing))


def _version(draft: models.Draft | Draft, standing: Standing) -> Any:
    day, law, until, content = draft.starts_on, draft.law, draft.ends_on, draft.content
    match draft.kind:
        case "rule":
            before = standing.version_on(RULE, draft.code, day)
            return replace(
                before, starts_on=day, ends_on=until, law=law, rule=content["rule"], amount=content["amount"] or None
            )
        case "parameter":
            type = standing.thing(PARAMETER, draft.code).type
            return ParameterValue(day, typed_value(content["value"], type), law)
        case "table":
            return TableVersion(day, law, content["rows"], until)
    return ModelVersion(
        day,
        law,
        tuple(Question(**each) for each in content["questions"]),
        tuple(Variant(**each) for each in content["variants"]),
        content["chosen_by"],
        until,
    )


def with_published(stated: Standing, *, using: str) -> tuple[Standing, Mapping[Key, Any]]:
    """Return what the files state with what was published on the pages, and of the latter the drafts.

    What was published of a thing that the files no longer have goes with it.
    """
    found: dict[Key, Any] = {}
    for draft in published(using=using):
        if draft.code in stated.names(draft.kind):
            stated = drafted(draft, stated)
            found[draft.kind, draft.code, draft.starts_on] = draft.id
    return stated, found


def published(*, using: str = "default") -> Iterable[models.Draft]:
    """Return the drafts that were published, in that order: a later one for the same day takes an earlier one's place."""
    return models.Draft.objects.using(using).exclude(published_at=None).order_by("published_at")


def content_of(kind: str, version: Any) -> dict[str, Any]:
    """Return what a draft holds that says the same as a version."""
    if kind == RULE:
        return {"rule": version.rule, "amount": version.amount or ""}
    if kind == PARAMETER:
        return {"value": version.value.isoformat() if isinstance(version.value, date) else version.value}
    if kind == TABLE:
        return {"rows": version.rows}
    return {
        "chosen_by": version.chosen_by,
        "questions": [asdict(each) for each in version.questions],
        "variants": [asdict(each) for each in version.variants],
    }
