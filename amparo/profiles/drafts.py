"""A draft held against its country: what is wrong with what would stand, worked cases among it; and back into files.

A draft's own worked cases take the place of the profile's of the same programme and name: a changed law has other answers.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from math import isfinite
from typing import Any

from amparo.kernel.errors import Refused
from amparo.kernel.money import Money, to_minor
from amparo.profiles.checking import cases as case_checking
from amparo.profiles.checking import programmes, stated
from amparo.profiles.places import Problems
from amparo.profiles.reading import files
from amparo.profiles.reading.cases import cases_in
from amparo.profiles.types import Problem, Profile, ProfileRefused
from amparo.programmes.config import ProgrammeConfig, RuleVersion
from amparo.programmes.quota import Ranking
from amparo.programmes.standing import PARAMETER, RULE, SCORE, TABLE, Standing
from amparo.programmes.types import Draft
from amparo.registry.dictionary import Type

CASES = "cases"
# A thing that no rule uses is a slip in a folder; a new version of a rule may well be the last to use one.
NO_FAULTS = {"profiles-parameter-unused", "profiles-stated-unused"}


def with_standing(profile: Profile, standing: Standing) -> Profile:
    """Return the country with what stands in its database in place of what its files state."""
    return replace(
        profile,
        programmes=standing.programmes,
        parameters=standing.parameters,
        tables=standing.tables,
        models=standing.models,
    )


def faults(profile: Profile, standing: Standing, draft: Draft) -> tuple[Problem, ...]:
    """Return everything that is wrong with what would stand: rules, figures, tables, models, and worked cases."""
    problems = Problems()
    whole = with_standing(profile, standing)
    own = []
    if draft.cases.strip():
        with problems.collected():
            own = cases_in(files.yaml_text(draft.cases, CASES), whole, problems)
    replaced = {(each.programme, each.name) for each in own}
    stands = standing.names(RULE)
    kept = [each for each in profile.cases if each.programme in stands and (each.programme, each.name) not in replaced]
    whole = replace(whole, cases=(*kept, *own))
    for part in (programmes, stated, case_checking):
        part.check(whole, problems)
    return tuple(each for each in problems.found if each.message.id not in NO_FAULTS)


def prove(profile: Profile, standing: Standing, draft: Draft) -> None:
    """Raise ProfileRefused, with everything, where something is wrong with what would stand."""
    if found := faults(profile, standing, draft):
        raise ProfileRefused(profile.code, found)


FILES = {RULE: "programmes/{}.toml", PARAMETER: "parameters.toml", TABLE: "tables/{}.toml", SCORE: "models/{}.toml"}


def as_toml(kind: str, thing: Any, version: Any, decimals: int) -> str:
    """Return one version as the profile's file writes it, so that what was published can go back there."""
    if kind == RULE:
        return _rule(thing, version)
    if kind == PARAMETER:
        value = _major(thing.type, version.value, decimals)
        return _block(f"[{thing.name}.value]", [("from", version.starts_on), ("value", value), ("law", version.law)])
    head = [("from", version.valid_from), ("until", version.valid_until), ("law", version.law)]
    if kind == TABLE:
        return _block("[version]", [*head, ("rows", _lines(version.rows))])
    return _model(version, head)


def _rule(programme: ProgrammeConfig, version: RuleVersion) -> str:
    asked = version.group if version.group != programme.unit else None
    pairs = [("from", version.starts_on), ("until", version.ends_on), ("law", version.law), ("members", asked)]
    pairs += [("ungrouped", version.ungrouped), ("rule", _lines(version.rule))]
    text = _block("[version]", [*pairs, ("amount", version.amount and _lines(version.amount))])
    for each in version.freshness:
        then = "usable" if each.is_usable else None
        pairs = [("field", f"{each.grain}.{each.field}"), ("days", each.days), ("then", then)]
        text += _block("[version.freshness]", pairs)
    return text + (_ranking(version.ranking) if version.ranking else "")


def _ranking(ranking: Ranking) -> str:
    quota = ranking.quota
    places = f"param.{quota.places}" if isinstance(quota.places, str) else quota.places
    blocks = [f"\n[version.ranking]\ncontested = {_plain(ranking.contested.value)}\n"]
    blocks += [
        _block("[version.ranking.key]", [("by", each.rule), ("descending", each.descending or None)])
        for each in ranking.keys
    ]
    blocks.append(f"\n[version.ranking.quota]\nplaces = {_plain(places)}\n")
    blocks += [f"level = {_plain(quota.level)}\n"] if quota.level else []
    for each in quota.shares:
        weights = "{" + ", ".join(f"{_plain(area)} = {weight}" for area, weight in each.weights) + "}"
        by = f"weights = {weights}" if each.weights else "equal = true"
        blocks.append(f"\n[[version.ranking.quota.share]]\npercent = {each.percent}\n{by}\n")
    return "".join(blocks)


def _model(version: Any, head: list[tuple[str, Any]]) -> str:
    text = _block("[version]", [*head, ("chosen_by", version.chosen_by)])
    for each in version.questions:
        text += _block(
            "[version.question]", [("name", each.name), ("input", each.input), ("places", each.places or None)]
        )
    for each in version.variants:
        pairs = [("where", each.cell), ("constant", each.constant), ("rows", _lines(each.rows))]
        text += _block("[version.variant]", pairs)
    return text


def _block(name: str, pairs: list[tuple[str, Any]]) -> str:
    """Return one more table of a list of tables, without what it does not state."""
    lines = [f"{key} = {_plain(value)}" for key, value in pairs if value is not None]
    return "\n".join([f"\n[{name}]", *lines, ""])


class _lines(str):
    """A text that stands on lines of its own."""


def _plain(value: Any) -> str:
    if isinstance(value, _lines):
        inside = value.strip("\n").replace("\\", "\\\\").replace('"""', '""\\"')
        return f'"""\n{inside}\n"""'
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


def _major(type: Type, value: Any, decimals: int) -> Any:
    """Return a figure as the file writes it: money in major units, as text that loses no decimal."""
    return str(Money(value, "", decimals).major) if type is Type.MONEY else value


_READ: dict[Type, Callable[[str], Any]] = {
    Type.INTEGER: int,
    Type.NUMBER: float,
    Type.DATE: date.fromisoformat,
    Type.BOOLEAN: {"true": True, "false": False}.__getitem__,
}


def figure(text: str, type: Type, decimals: int) -> Any:
    """Return a figure that somebody typed, as a draft keeps it: money in minor units, a day as text. Raises Refused."""
    if type is Type.MONEY:
        return to_minor(text.strip(), decimals)
    try:
        found = _READ.get(type, str)(text.strip())
    except (ValueError, KeyError):
        raise Refused("profiles-figure-unreadable") from None
    if found == "" or (isinstance(found, float) and not isfinite(found)):
        raise Refused("profiles-figure-unreadable")
    return found.isoformat() if isinstance(found, date) else found


def figure_text(value: Any, type: Type, decimals: int) -> str:
    """Return a figure as somebody would type it."""
    return str(_major(type, value, decimals)).lower() if type is Type.BOOLEAN else str(_major(type, value, decimals))
