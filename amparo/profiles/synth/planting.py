"""Plants what goes wrong in real registers, and writes down the truth.

Shape   the files' tables of one chunk in and out; one row of truth per thing planted
"""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from amparo.profiles.synth.settings import Shares

TRUTH = pa.schema([(name, pa.string()) for name in ("kind", "household", "person", "other_household", "other_person")])
DUPLICATES = ("twice_in_household", "in_two_households")


@dataclass
class Chunk:
    """Households and persons as they will be delivered. `household_of` is each person's household's row."""

    households: pa.Table
    persons: pa.Table
    household_of: NDArray[np.int64]
    truth: list[tuple[str, str, str | None, str | None, str | None]] = field(default_factory=list)

    def person_rows(self, household: int) -> NDArray[np.int64]:
        first, last = np.searchsorted(self.household_of, [household, household + 1])
        return np.arange(first, last)


def plant(chunk: Chunk, duplicates: Shares, defects: Shares, random: np.random.Generator) -> None:
    """Plant duplicates and defects, each in households of its own, so that the truth is one thing at a time."""
    count = chunk.households.num_rows
    free = iter(random.permutation(count))
    wanted = [(kind, int(random.binomial(count, share))) for kind, share in defects.items()]
    for kind, times in wanted:
        _DEFECTS[kind](chunk, _suitable(kind, chunk, free, times), random)
    untouched = np.fromiter(free, dtype=np.int64)
    _duplicate(chunk, duplicates, untouched, random)


def _suitable(kind: str, chunk: Chunk, free, times: int) -> list[int]:
    """The next households in which the defect can be planted."""
    found: list[int] = []
    while len(found) < times and (household := next(free, None)) is not None:
        if _can_bear(kind, chunk, int(household)):
            found.append(int(household))
    return found


def _can_bear(kind: str, chunk: Chunk, household: int) -> bool:
    rows = chunk.person_rows(household)
    if kind in ("two_heads", "broken_reference"):
        return len(rows) > 1
    if kind == "child_older_than_parent":
        return any(chunk.persons["relation_to_head"][int(row)].as_py() == "child" for row in rows)
    return True


def _no_head(chunk: Chunk, households: list[int], random: np.random.Generator) -> None:
    rows = [int(chunk.person_rows(each)[0]) for each in households]
    _change(chunk, "persons", "relation_to_head", rows, ["other_relative"] * len(rows))
    _note(chunk, "no_head", households)


def _two_heads(chunk: Chunk, households: list[int], random: np.random.Generator) -> None:
    rows = [int(chunk.person_rows(each)[1]) for each in households]
    _change(chunk, "persons", "relation_to_head", rows, ["head"] * len(rows))
    _note(chunk, "two_heads", households, rows)


def _child_older(chunk: Chunk, households: list[int], random: np.random.Generator) -> None:
    rows, days = [], []
    for each in households:
        inside = chunk.person_rows(each)
        rows.append(next(int(r) for r in inside if chunk.persons["relation_to_head"][int(r)].as_py() == "child"))
        head = chunk.persons["birth_date"][int(inside[0])].as_py()
        days.append(head.replace(day=1, year=max(head.year - int(random.integers(1, 9)), 1901)))
    _change(chunk, "persons", "birth_date", rows, days)
    _note(chunk, "child_older_than_parent", households, rows)


def _born_in_the_future(chunk: Chunk, households: list[int], random: np.random.Generator) -> None:
    rows = [int(chunk.person_rows(each)[-1]) for each in households]
    visited = [chunk.households["visited"][each].as_py() for each in households]
    _change(chunk, "persons", "birth_date", rows, [day.replace(day=1, year=day.year + 2) for day in visited])
    _note(chunk, "born_in_the_future", households, rows)


def _born_too_long_ago(chunk: Chunk, households: list[int], random: np.random.Generator) -> None:
    rows = [int(chunk.person_rows(each)[0]) for each in households]
    _change(chunk, "persons", "birth_date", rows, [date(1800 + int(random.integers(0, 90)), 1, 1) for _ in rows])
    _note(chunk, "born_too_long_ago", households, rows)


def _out_of_range(chunk: Chunk, households: list[int], random: np.random.Generator) -> None:
    rooms = [int(random.integers(100, 999)) for _ in households]
    _change(chunk, "households", "rooms", households, rooms)
    _note(chunk, "out_of_range", households)


def _unknown_code(chunk: Chunk, households: list[int], random: np.random.Generator) -> None:
    rows = [int(chunk.person_rows(each)[0]) for each in households]
    _change(chunk, "persons", "sex", rows, ["X"] * len(rows))
    _note(chunk, "unknown_code", households, rows)


def _unknown_area(chunk: Chunk, households: list[int], random: np.random.Generator) -> None:
    _change(chunk, "households", "area", households, ["ZZ999"] * len(households))
    _note(chunk, "unknown_area", households)


def _broken_reference(chunk: Chunk, households: list[int], random: np.random.Generator) -> None:
    """The last person names a household that is not in the file."""
    rows = [int(chunk.person_rows(each)[-1]) for each in households]
    lost = ["X" + chunk.households["household"][each].as_py()[1:] for each in households]
    _note(chunk, "broken_reference", households, rows, lost)
    _change(chunk, "persons", "household", rows, lost)


_DEFECTS = {
    "no_head": _no_head,
    "two_heads": _two_heads,
    "child_older_than_parent": _child_older,
    "born_in_the_future": _born_in_the_future,
    "born_too_long_ago": _born_too_long_ago,
    "out_of_range": _out_of_range,
    "unknown_code": _unknown_code,
    "unknown_area": _unknown_area,
    "broken_reference": _broken_reference,
}


def _duplicate(chunk: Chunk, shares: Shares, households: NDArray[np.int64], random: np.random.Generator) -> None:
    """Write persons down a second time, in their own household or another, with slips of the pen."""
    clean = np.flatnonzero(np.isin(chunk.household_of, households) & _born_before_this_year(chunk))
    times = [int(random.binomial(chunk.persons.num_rows, shares.get(kind, 0.0))) for kind in DUPLICATES]
    total = min(sum(times), len(clean) // 4, len(households) // 4)
    if not total:
        return
    originals = np.sort(random.choice(clean, total, replace=False))
    kinds = random.permutation(np.repeat(DUPLICATES, times))[:total]
    homes = chunk.household_of[originals]
    others = random.choice(households, total)
    others = np.where(others == homes, households[0], others)
    targets = np.where(kinds == "in_two_households", others, homes)
    moved = targets != homes
    _append(chunk, originals, np.where(moved, targets, homes), moved, random)


def _born_before_this_year(chunk: Chunk) -> NDArray[np.bool_]:
    """Whose birth date may be written wrongly, or elsewhere, without falling after a visit."""
    new_year = date(pc.min(chunk.households["visited"]).as_py().year, 1, 1)
    return pc.less(chunk.persons["birth_date"], pa.scalar(new_year, pa.date32())).to_numpy()


def _append(chunk: Chunk, originals: NDArray, targets: NDArray, moved: NDArray, random: np.random.Generator) -> None:
    copies = chunk.persons.take(pa.array(originals))
    lines = _next_lines(chunk, targets)
    households = chunk.households["household"].take(pa.array(targets))
    keys = [f"{home}-{line:02}" for home, line in zip(households.to_pylist(), lines, strict=True)]
    for home, key, original, kind in zip(
        households.to_pylist(), keys, copies.select(["household", "person"]).to_pylist(), moved, strict=True
    ):
        name = DUPLICATES[1] if kind else DUPLICATES[0]
        chunk.truth.append((name, home, key, original["household"], original["person"]))
    changed = {
        "household": households.to_pylist(),
        "person": keys,
        "relation_to_head": _relations(copies, moved),
        "given_name": [_slip(each, random) for each in copies["given_name"].to_pylist()],
        "family_name": [_slip(each, random) for each in copies["family_name"].to_pylist()],
        "birth_date": [_other_day(each, random) for each in copies["birth_date"].to_pylist()],
        "national_id": [None if random.random() < 0.5 else each for each in copies["national_id"].to_pylist()],
        **{each: [None] * len(keys) for each in ("mother", "father", "spouse")},
    }
    for name, values in changed.items():
        position = copies.schema.get_field_index(name)
        copies = copies.set_column(position, name, pa.array(values, copies.schema.field(name).type))
    # At the end, like pages found later: to sort them in would cost as much as everything else.
    chunk.persons = pa.concat_tables([chunk.persons, copies])


def _next_lines(chunk: Chunk, targets: NDArray[np.int64]) -> list[int]:
    """The line after the last of each household; where a household takes two, one after the other."""
    sizes = np.bincount(chunk.household_of, minlength=chunk.households.num_rows)
    lines = []
    for target in targets:
        sizes[target] += 1
        lines.append(int(sizes[target]))
    return lines


def _relations(copies: pa.Table, moved: NDArray[np.bool_]) -> list[str | None]:
    """In another household, or a head named twice, somebody is a relative; a copy at home keeps its relation."""
    given = copies["relation_to_head"].to_pylist()
    return [
        "other_relative" if away or each in ("head", "spouse") else each
        for each, away in zip(given, moved, strict=True)
    ]


def _slip(name: str | None, random: np.random.Generator) -> str | None:
    """One name in three is written another way: a letter left out, doubled, or exchanged with the next."""
    if name is None or len(name) < 3 or random.random() < 0.65:
        return name
    at, kind = int(random.integers(1, len(name) - 1)), int(random.integers(3))
    if kind == 0:
        return name[:at] + name[at + 1 :]
    if kind == 1:
        return name[:at] + name[at] + name[at:]
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def _other_day(day: date | None, random: np.random.Generator) -> date | None:
    """One birth date in four is another day, month or year."""
    if day is None or random.random() < 0.75:
        return day
    kind = int(random.integers(3))
    if kind == 0:
        return day.replace(day=int(random.integers(1, 29)))
    if kind == 1:
        return day.replace(day=1, month=int(random.integers(1, 13)))
    return day.replace(day=1, year=max(day.year - int(random.integers(1, 4)), 1901))


def _change(chunk: Chunk, table: str, column: str, rows: list[int], values: list) -> None:
    """Put values into a column at these rows."""
    if not rows:
        return
    held: pa.Table = getattr(chunk, table)
    order = np.argsort(rows)
    mask = np.zeros(held.num_rows, dtype=bool)
    mask[rows] = True
    new = pa.array([values[each] for each in order], held.schema.field(column).type)
    changed = pc.replace_with_mask(held[column].combine_chunks(), pa.array(mask), new)
    setattr(chunk, table, held.set_column(held.schema.get_field_index(column), column, changed))


def _note(
    chunk: Chunk, kind: str, households: list[int], rows: list[int] | None = None, others: list[str] | None = None
) -> None:
    for index, household in enumerate(households):
        person = chunk.persons["person"][rows[index]].as_py() if rows else None
        key = chunk.households["household"][household].as_py()
        chunk.truth.append((kind, key, person, others[index] if others else None, None))
