"""What a table of the mapping wants of a file, and whether a heading has it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from amparo.intake.files import limits
from amparo.kernel.errors import Refused

LINE = "__line"


@dataclass(frozen=True)
class Wanted:
    """One file to read, as the child is told: it knows nothing of profiles."""

    path: str
    name: str
    into: str
    columns: tuple[str, ...]
    ignore: tuple[str, ...] = ()
    ignore_rest: bool = False
    sheet: str | None = None
    encoding: str | None = None
    separator: str | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Read:
    """What the child found. `lines` counts physical lines where the file has them."""

    name: str
    format: str
    rows: int
    ragged: int
    sha256: str
    heading: tuple[str, ...]
    encoding: str | None = None
    separator: str | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> "Read":
        return cls(**{**said, "heading": tuple(said["heading"])})


def check_heading(heading: Sequence[str], wanted: Wanted) -> None:
    """Refuse a heading with a missing, unknown, repeated or unnamed column, naming the column and the file."""
    if len(heading) > limits.COLUMNS:
        raise Refused("intake-columns-too-many", file=wanted.name, columns=len(heading), most=limits.COLUMNS)
    if not any(heading):
        raise Refused("intake-file-empty", file=wanted.name)
    seen: set[str] = set()
    for number, name in enumerate(heading, 1):
        if name in seen or name == LINE:
            raise Refused("intake-column-twice", file=wanted.name, column=name)
        if not name or len(name) > limits.COLUMN_NAME_LENGTH:
            raise Refused("intake-column-unnamed", file=wanted.name, number=number)
        seen.add(name)
    for column in wanted.columns:
        if column not in seen:
            raise Refused("intake-column-missing", file=wanted.name, column=column, found=_some(heading))
    known = {*wanted.columns, *wanted.ignore}
    for column in heading:
        if column not in known and not wanted.ignore_rest:
            raise Refused("intake-column-unknown", file=wanted.name, column=column)


def _some(heading: Sequence[str]) -> str:
    return ", ".join(heading[:12]) + (" …" if len(heading) > 12 else "")
