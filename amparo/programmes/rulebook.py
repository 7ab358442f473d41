"""The rules and figures in force on a day, as installed, checked and ready to run."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet

from amparo.programmes import catalogue, contents, freshness, lifecycle, models, performance
from amparo.programmes.conditions import Condition, restored
from amparo.programmes.config import ProgrammeConfig, RuleVersion, Ungrouped, Unit
from amparo.programmes.inforce import InForce, asked_as
from amparo.programmes.performance import IndexConfig
from amparo.programmes.quota import Ranking, as_plain, from_plain
from amparo.registry.dictionary import Dictionary, Type
from amparo.registry.queries import dictionary as installed_dictionary
from amparo.rules.check import check
from amparo.rules.contents import Contents
from amparo.rules.model.rule import ProgrammeRule, Rule
from amparo.rules.parameters import Dated, Parameter, Parameters
from amparo.trust.queries import areas_coded

NOWHERE = (1, 0)


@dataclass(frozen=True)
class Rulebook:
    """Everything a determination on the day goes by."""

    on: date
    programmes: tuple[InForce, ...]
    parameters: Parameters
    dictionary: Dictionary

    def programme(self, code: str) -> InForce | None:
        return next((each for each in self.programmes if each.code == code), None)

    @property
    def reads(self) -> frozenset[tuple[str, str]]:
        """(path, name) in the registry's words of every field and list that some rule reads."""
        return frozenset(each for programme in self.programmes for each in programme.reads)

    def versions(self) -> dict[str, dict[str, Any]]:
        """Return what identifies the rules, to be kept with whatever they produce."""
        return {
            each.code: {"rule_version": each.rule_version, "hash": each.hash, "law": each.law, "unit": each.unit.value}
            | ({"within": list(each.within)} if each.within else {})
            for each in self.programmes
        }

    def figures(self, codes: tuple[str, ...] = ()) -> dict[str, dict[str, Any]]:
        """Return what the rules of these programmes go by, with content, first day and law.

        Parameters by their name; tables, models and other programmes' rules as "table:…", "score:…", "programme:…".
        """
        wanted = [each for each in self.programmes if not codes or each.code in codes]
        on_day = self.parameters.on(self.on)
        names = sorted({name for each in wanted for name in each.parameters})
        stated = [node for each in wanted for node in each.stated]
        return {name: _written(on_day[name]) for name in names} | contents.figures(
            stated, self.parameters.contents, self.on
        )


def rulebook(on: date, *, using: str = "default") -> Rulebook:
    """Return the rules and figures in force on a day.

    A programme without a rule on the day is absent. Raises RuleRefused for a rule that the installed dictionary no
    longer bears out, and Refused for a figure without a value on the day: then no programme at all is decided.
    """
    words = installed_dictionary(using=using)
    figures = installed_parameters(using=using)
    rows = list(versions_on(on, using=using))
    places = residents(rows, using=using)
    programmes = tuple(
        replace(in_force_by(each, words, figures).on(on), within=places.get(each.programme_id)) for each in rows
    )
    book = Rulebook(on, programmes, figures, words)
    book.figures()
    return book


def residents(rows: Sequence[models.RuleVersion], *, using: str = "default") -> dict[int, tuple[int, int]]:
    """Return local programme → the numbers of its areas. An area that is none holds nobody."""
    local = {each.programme_id: area for each in rows if (area := each.programme.enrolment.get("area"))}
    known = (
        {each.code: (each.number, each.last_number) for each in areas_coded(local.values(), using=using)}
        if local
        else {}
    )
    return {id: known.get(area, NOWHERE) for id, area in local.items()}


def fields_read(*, using: str = "default") -> frozenset[tuple[str, str]]:
    """Return (path, name) of all that any installed rule, condition, index or life-cycle group reads, and the weight of a survey."""
    words = installed_dictionary(using=using)
    figures = installed_parameters(using=using)
    rows = _live_versions(using)
    reads = {each for row in rows for each in in_force_by(row, words, figures).reads}
    for condition in (each for listed in conditions_installed(using=using).values() for each in listed):
        reads |= {*map(catalogue.registry_field, compiled_condition(condition, words, figures).reads)}
    for index in indices_installed(using=using):
        reads |= performance.compiled(index, words, figures).reads
    if groups := [rule for _, rule in life_groups(using=using)]:
        reads |= lifecycle.question(groups, words, figures).reads
    weight = words.with_role("person", "survey_weight")
    return frozenset(reads | ({(weight.grain, weight.name)} if weight else set()))


def life_groups(*, using: str = "default") -> list[tuple[str, str]]:
    """Return code and rule of each life-cycle group, in the order in which they are asked."""
    return list(models.LifeGroup.objects.using(using).order_by("position").values_list("code", "rule"))


def groups_read(*, using: str = "default") -> frozenset[str]:
    """Return the kinds of groups whose members any installed version of any rule asks."""
    return frozenset(row.terms["group"] for row in _live_versions(using) if "group" in row.terms)


def installed_parameters(*, using: str = "default") -> Parameters:
    """Return the installed figures, all days of them."""
    values = models.ParameterValue.objects.using(using).filter(replaced_at=None).order_by("starts_on")
    held: dict[str, list[Dated]] = {}
    rows = list(models.Parameter.objects.using(using).order_by("name"))
    types = {each.name: Type(each.type) for each in rows}
    for each in values:
        held.setdefault(each.parameter_id, []).append(
            Dated(_typed(types[each.parameter_id], each.value), each.law, each.starts_on)
        )
    figures = tuple((each.name, each.type, each.unit, tuple(held.get(each.name, ()))) for each in rows)
    return _parameters(figures, contents.installed(using=using))


def in_force(
    rule_version: int, kept: Mapping[str, Mapping[str, Any]] | None, *, on: date, using: str = "default"
) -> InForce:
    """Return a programme by the version of its rule that a decision names, also one replaced or ended since.

    It refers to what the decision `kept`, whatever that is now. Where that was erased (None) it can be named, not asked.
    """
    row = models.RuleVersion.objects.using(using).select_related("programme").get(id=rule_version)
    words = installed_dictionary(using=using)
    if kept is None:
        return in_force_by(row, words, installed_parameters(using=using))
    return in_force_by(row, words, figures_as_kept(kept, using=using)).on(on)


def figures_as_kept(kept: Mapping[str, Mapping[str, Any]], *, using: str = "default") -> Parameters:
    """Return the figures that a decision or run kept (`Rulebook.figures`) as rules read them, whatever they are now."""
    rows = models.Parameter.objects.using(using).filter(name__in=kept).order_by("name")
    figures = tuple((each.name, each.type, each.unit, (_read(each, kept[each.name]),)) for each in rows)
    return _parameters(figures, contents.as_kept(dict(kept)))


def compiled(programme: ProgrammeConfig, version: RuleVersion, words: Dictionary, figures: Parameters) -> ProgrammeRule:
    """Return a version of a programme's rule, checked. Raises RuleRefused."""
    return _compiled(programme.unit, version.rule, version.amount, words, figures, of_group=version.group is not None)


def compiled_keys(unit: Unit, version: RuleVersion, words: Dictionary, figures: Parameters) -> tuple[Rule, ...]:
    """Return what a version ranks units by, checked. Raises RuleRefused."""
    return _keys(unit, version.ranking, version.group is not None, words, figures)


def compiled_condition(condition: Condition, words: Dictionary, figures: Parameters) -> ProgrammeRule:
    """Return who of a household's members has to meet a condition, checked. Raises RuleRefused."""
    return _compiled(Unit.PERSON, condition.whom, None, words, figures, of_group=False)


def conditions_installed(*, using: str = "default") -> dict[models.Programme, tuple[Condition, ...]]:
    """Return programme → what it asks of those who take part; none that asks nothing."""
    rows = models.Programme.objects.using(using).filter(withdrawn_at=None).exclude(conditions=[])
    return {each: tuple(map(restored, each.conditions)) for each in rows.order_by("position", "code")}


def indices_installed(*, using: str = "default") -> list[IndexConfig]:
    """Return the indices by which the country measures its offices."""
    rows = models.Index.objects.using(using).filter(withdrawn_at=None).order_by("position", "code")
    return [performance.restored(each.terms) for each in rows]


def terms(version: RuleVersion) -> dict[str, Any]:
    """Return what a version states around its rule, as the database keeps it; empty where it states nothing."""
    stated = {"group": version.group, "ungrouped": version.ungrouped, "ranking": as_plain(version.ranking)}
    stated["freshness"] = freshness.as_plain(version.freshness)
    return {name: each for name, each in stated.items() if each is not None}


def version_hash(rule: ProgrammeRule, keys: tuple[Rule, ...] = (), terms: Mapping[str, Any] | None = None) -> str:
    """Return what two versions share that decide the same way: the meaning of rule and amount, and what is around it."""
    parts = [rule.outcome.hash, rule.amount.hash if rule.amount else "", *(each.hash for each in keys)]
    if terms:
        ranking = terms.get("ranking") or {}
        order = [each[1] for each in ranking.get("keys", ())]  # the texts of the keys are in their hashes
        parts.append(json.dumps({**terms, "ranking": {**ranking, "keys": order}}, sort_keys=True))
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()


def versions_on(on: date, *, using: str = "default") -> QuerySet[models.RuleVersion]:
    """Return the version of each programme's rule that holds on a day."""
    return _live_versions(using).filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)


def _live_versions(using: str):
    rows = models.RuleVersion.objects.using(using).filter(replaced_at=None, programme__withdrawn_at=None)
    return rows.select_related("programme").order_by("programme__position", "programme__code", "starts_on")


def in_force_by(row: models.RuleVersion, words: Dictionary, figures: Parameters) -> InForce:
    programme = row.programme
    unit, stated = Unit(programme.unit), row.terms
    ranking = from_plain(stated.get("ranking"))
    of_group = "group" in stated
    return InForce(
        programme.id,
        programme.code,
        unit,
        row.id,
        row.hash,
        row.law,
        _compiled(unit, row.rule, row.amount, words, figures, of_group=of_group),
        group=Unit(stated["group"]) if of_group else None,
        ungrouped=Ungrouped(stated["ungrouped"]) if of_group else None,
        ranking=ranking,
        keys=_keys(unit, ranking, of_group, words, figures),
        freshness=freshness.from_plain(stated.get("freshness", ())),
    )


@lru_cache(maxsize=256)
def _cached(key: tuple[Any, ...]) -> ProgrammeRule:
    unit, text, amount, words, figures, of_group = key
    fields = catalogue.catalogue(words)
    outcome = check(text, fields, figures, unit, of_group=of_group)
    if not amount:
        return ProgrammeRule(outcome)
    return ProgrammeRule(outcome, check(amount, fields, figures, unit, gives="money", of_group=of_group))


def _compiled(
    unit: Unit, text: str, amount: str | None, words: Dictionary, figures: Parameters, *, of_group: bool
) -> ProgrammeRule:
    return _cached((asked_as(unit), text, amount, words, figures, of_group))


def _keys(
    unit: Unit, ranking: Ranking | None, of_group: bool, words: Dictionary, figures: Parameters
) -> tuple[Rule, ...]:
    texts = [each.rule for each in ranking.keys] if ranking else []
    fields = catalogue.catalogue(words)
    return tuple(check(each, fields, figures, asked_as(unit), gives="order", of_group=of_group) for each in texts)


@lru_cache(maxsize=16)
def _parameters(rows: tuple[tuple[str, str, str | None, tuple[Dated, ...]], ...], stated: Contents) -> Parameters:
    return Parameters((Parameter(name, type, unit, values=values) for name, type, unit, values in rows), stated)


def _typed(type: Type, value: Any) -> Any:
    return date.fromisoformat(value) if type is Type.DATE else value


def _read(parameter: models.Parameter, kept: Mapping[str, Any]) -> Dated:
    return Dated(_typed(Type(parameter.type), kept["value"]), kept["law"], date.fromisoformat(kept["from"]))


def _written(value: Dated) -> dict[str, Any]:
    plain = value.value.isoformat() if isinstance(value.value, date) else value.value
    return {"value": plain, "from": value.valid_from.isoformat(), "law": value.law}
