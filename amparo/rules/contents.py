"""What a profile states beside its rules, by day: decision tables, scoring models, and the programmes' own rules.

Everything here is as it was written: a cell, a weight and a question are text, read by `check.cells` and
`check.scoring`. So it can be kept with a decision as JSON and read back the same.

Shape   `kept` gives, and `restored` takes, {"value": content, "from": day, "law": id}, for one day only
Nulls   a day before the first version has none: a rule that needs one is refused
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

TABLE, SCORE, PROGRAMME = "table", "score", "programme"
REFUSED, UNKNOWN = "refused", "unknown"  # what a gap in a table may be


@dataclass(frozen=True)
class Column:
    """One input of a table: `type`, `unit` and `codes` as in the catalogue."""

    name: str
    type: str
    unit: str | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableVersion:
    """`rows`: drawn with `|`, a column for each input and then `answer`; money in major units."""

    valid_from: date
    law: str
    rows: str
    valid_until: date | None = None


@dataclass(frozen=True)
class Table:
    """A decision table: exactly one row answers. `gap`: what it means that no row does, "refused" or "unknown".

    `type`, `unit`, `codes`, `decimals`  of the answer; decimals are the currency's
    """

    name: str
    inputs: tuple[Column, ...]
    type: str
    unit: str | None
    codes: tuple[str, ...]
    versions: tuple[TableVersion, ...]
    gap: str = REFUSED
    decimals: int = 2


@dataclass(frozen=True)
class Question:
    """What a model asks: `input` is rule text. A fractional answer is rounded to `places` before it is weighed."""

    name: str
    input: str
    places: int = 0


@dataclass(frozen=True)
class Variant:
    """What counts where `cell` holds of what chooses the variant; "-" is everywhere.

    `rows`  drawn with `|`: `question`, `answer`, `points`. The answer `each` weighs a number instead of looking it up
    """

    cell: str
    constant: str
    rows: str


@dataclass(frozen=True)
class ModelVersion:
    """`chosen_by`: rule text that chooses among several variants, such as `area.zone`."""

    valid_from: date
    law: str
    questions: tuple[Question, ...]
    variants: tuple[Variant, ...]
    chosen_by: str | None = None
    valid_until: date | None = None


@dataclass(frozen=True)
class ScoringModel:
    """A scorecard or proxy-means model. `probability`: the table that gives the probability for a score.

    `decimals`  the currency's, for money in cells and weights
    """

    name: str
    versions: tuple[ModelVersion, ...]
    probability: str | None = None
    decimals: int = 2


@dataclass(frozen=True)
class ProgrammeVersion:
    """`is_ranked`: places are few, so that the rule alone grants nothing; `is_of_group`: it asks a family or couple;
    `is_of_own_age`: it has freshness limits of its own, so that the same facts may count for it and not for who asks.
    """

    valid_from: date
    law: str
    rule: str
    valid_until: date | None = None
    is_ranked: bool = False
    is_of_group: bool = False
    is_of_own_age: bool = False


@dataclass(frozen=True)
class ProgrammeText:
    """A programme as another one's rule may ask for it: whom it decides about and its condition, not its amount."""

    name: str
    unit: str
    versions: tuple[ProgrammeVersion, ...]


Content = Table | ScoringModel | ProgrammeText
Version = TableVersion | ModelVersion | ProgrammeVersion


@dataclass(frozen=True)
class Contents:
    """All that a profile states, to be found by name."""

    tables: tuple[Table, ...] = ()
    models: tuple[ScoringModel, ...] = ()
    programmes: tuple[ProgrammeText, ...] = ()

    def of(self, kind: str) -> Mapping[str, Any]:
        """Return name → content of "table", "score" or "programme"."""
        held: dict[str, tuple[Any, ...]] = {TABLE: self.tables, SCORE: self.models, PROGRAMME: self.programmes}
        return {each.name: each for each in held[kind]}


NO_CONTENTS = Contents()


def version_on(content: Content, day: date) -> Version | None:
    """Return the version that holds on the day: the last begun, if it has not ended."""
    begun = [each for each in content.versions if each.valid_from <= day]
    latest = max(begun, key=lambda each: each.valid_from, default=None)
    return latest if latest and (latest.valid_until is None or day <= latest.valid_until) else None


def kept(content: Content, day: date) -> dict[str, Any]:
    """Return the content as it holds on the day, in what JSON has; a version must hold."""
    version = version_on(content, day)
    assert version is not None, content.name
    written = asdict(replace(content, versions=(version,)))  # type: ignore[arg-type]
    return {"value": _plain(written), "from": version.valid_from.isoformat(), "law": version.law}


def restored(kind: str, figure: Mapping[str, Any]) -> Content:
    """Return the content that `kept` wrote."""
    held = _tuples(figure["value"])
    versions = tuple(_version(kind, each) for each in held["versions"])
    match kind:
        case "table":
            return Table(**{**held, "inputs": tuple(Column(**each) for each in held["inputs"]), "versions": versions})
        case "score":
            return ScoringModel(**{**held, "versions": versions})
    return ProgrammeText(**{**held, "versions": versions})


def _version(kind: str, held: dict[str, Any]) -> Any:
    until = held["valid_until"]
    days = {
        "valid_from": date.fromisoformat(held["valid_from"]),
        "valid_until": until and date.fromisoformat(until),
    }
    if kind == SCORE:
        questions = tuple(Question(**each) for each in held["questions"])
        variants = tuple(Variant(**each) for each in held["variants"])
        return ModelVersion(**{**held, **days, "questions": questions, "variants": variants})
    return (TableVersion if kind == TABLE else ProgrammeVersion)(**{**held, **days})


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _tuples(each) for name, each in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
