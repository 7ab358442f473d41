"""Numbers areas in tree order, so that everything below an area is one range of numbers.

Each leaf takes a stretch of numbers and each parent twice what its children take, so that an area can be added or
split inside its parent without numbering any other area again.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db import connections

from amparo.kernel.errors import Refused
from amparo.trust.types import AreaConfig

LEAF = 1024
SPARE = 2  # a parent's stretch over the sum of its children's


def numbered(
    areas: Sequence[tuple[str, str | None]], *, taken: Mapping[str, tuple[int, int]]
) -> dict[str, tuple[int, int]]:
    """Return code → (number, last number) for areas given as (code, parent code).

    Areas already numbered keep their range; a new one is laid into the free end of its parent's. Raises Refused for
    an unknown parent, a circle, or a parent whose range is full.
    """
    children = _children(areas)
    ranges = dict(taken)
    end = max((last for _, last in taken.values()), default=0)
    placed: set[str] = set()
    pending = [(code, None) for code in reversed(children[None])]
    while pending:
        code, parent = pending.pop()
        placed.add(code)
        if code not in ranges:
            width = _width(code, children)
            start = end + 1 if parent is None else _free_in(parent, children, ranges)
            if parent is not None and start + width - 1 > ranges[parent][1]:
                raise Refused("trust-area-range-full", area=parent)
            ranges[code] = (start, start + width - 1)
        end = max(end, ranges[code][1])
        pending.extend((child, code) for child in reversed(children[code]))
    if lost := sorted({code for code, _ in areas} - placed):
        raise Refused("trust-area-circle", areas=lost[:5])
    return {code: ranges[code] for code, _ in areas}


def _children(areas: Sequence[tuple[str, str | None]]) -> dict[str | None, list[str]]:
    codes = {code for code, _ in areas}
    children: dict[str | None, list[str]] = defaultdict(list)
    for code, parent in areas:
        if parent is not None and parent not in codes:
            raise Refused("trust-area-unknown", area=parent)
        children[parent].append(code)
    return children


def _width(code: str, children: Mapping[str | None, list[str]]) -> int:
    """Numbers that a new area and all below it take."""
    below = children.get(code, [])
    return LEAF + SPARE * sum(_width(child, children) for child in below) if below else LEAF


def _free_in(parent: str, children: Mapping[str | None, list[str]], ranges: Mapping[str, tuple[int, int]]) -> int:
    """The first number after the siblings that are already placed; a parent's own number comes first."""
    return max([ranges[child][1] for child in children[parent] if child in ranges], default=ranges[parent][0]) + 1


def write(areas: Sequence[AreaConfig], ranges: Mapping[str, tuple[int, int]]) -> None:
    """Write areas with their numbers, parents first, through COPY and one statement."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE incoming_area (code text, parent text, level text, name text, names jsonb, valid_from date,"
            " valid_until date, successor text, number bigint, last_number bigint) ON COMMIT DROP"
        )
        with cursor.cursor.copy("COPY incoming_area FROM STDIN") as copy:
            for each in areas:
                told = (each.code, each.parent, each.level, each.name, json.dumps(dict(each.names)))
                copy.write_row((*told, each.valid_from, each.valid_until, each.successor, *ranges[each.code]))
        cursor.execute(_WRITE)
        cursor.execute(_JOIN)


_WRITE = """
    WITH RECURSIVE tree AS (
        SELECT code, 0 AS depth FROM incoming_area WHERE parent IS NULL
        UNION ALL
        SELECT child.code, tree.depth + 1 FROM incoming_area child JOIN tree ON child.parent = tree.code
    )
    INSERT INTO trust_area (code, name, names, level, depth, number, last_number, valid_from, valid_until)
    SELECT code, name, names, level, depth, number, last_number, valid_from, valid_until
    FROM incoming_area JOIN tree USING (code)
    ON CONFLICT (code) DO UPDATE SET name = excluded.name, names = excluded.names, level = excluded.level, depth = excluded.depth,
        valid_from = excluded.valid_from, valid_until = excluded.valid_until
"""

_JOIN = """
    UPDATE trust_area area SET parent_id = parent.id, successor_id = successor.id
    FROM incoming_area incoming
    LEFT JOIN trust_area parent ON parent.code = incoming.parent
    LEFT JOIN trust_area successor ON successor.code = incoming.successor
    WHERE area.code = incoming.code
"""
