"""What a table of the mapping wants of a file, and whether a heading has it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from unicodedata import category

from amparo.intake.files import limits
from amparo.kernel.errors import Refused

LINE = "__line"
_WRAPPED = str.maketrans("", "", "\t\r\n")  # a heading of a spreadsheet may run over several lines
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


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
        """Raises TypeError or KeyError for what no reader of ours says."""
        counts, texts = (said["rows"], said["ragged"]), (said["name"], said["format"], said["sha256"], *said["heading"])
        if not all(type(each) is int and each >= 0 for each in counts) or not all(type(each) is str for each in texts):
            raise TypeError("no reader of ours says that")
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
        if is_odd(name.translate(_WRAPPED)):
            raise Refused("intake-column-odd", file=wanted.name, number=number)
        seen.add(name)
    for column in wanted.columns:
        if column not in seen:
            raise Refused("intake-column-missing", file=wanted.name, column=column, found=_some(heading))
    known = {*wanted.columns, *wanted.ignore}
    for column in heading:
        if column not in known and not wanted.ignore_rest:
            raise Refused("intake-column-unknown", file=wanted.name, column=column)


def is_odd(name: str) -> bool:
    """Whether a name holds what cannot be seen, turns the writing, or cannot be stored; such a name is not repeated."""
    return any(each in _TURNING or category(each) in ("Cc", "Cs") for each in name)


def _some(heading: Sequence[str]) -> str:
    return ", ".join(heading[:12]) + (" …" if len(heading) > 12 else "")
