"""Reads drawn tables of homes and members. A blank cell is unknown."""

from datetime import date
from typing import Any

from amparo.rules.catalogue import HOUSEHOLD, MEMBER
from tests.lib.rules.world import CATALOGUE

_TRUTHS = {"true": True, "false": False}


def rows(drawn: str) -> list[dict[str, str]]:
    """Return each row of a table drawn with `|` and a line of dashes, as header → cell."""
    header, _, *lines = [line for line in drawn.strip().splitlines() if line.strip()]
    names = [cell.strip() for cell in header.split("|")]
    return [dict(zip(names, (cell.strip() for cell in line.split("|")), strict=True)) for line in lines]


def records(homes: str, members: str = "", lists: str = "") -> dict[str, dict[str, Any]]:
    """Return home → record, from a table of homes and one of members whose column `home` says where they live.

    `lists`  a row for each element: `of` whom, a home `2` or its second member `2/2`; in which `list`; and its fields,
             or `who`, of the home's members, it is. A list `no plot` is known to be empty; one not drawn is not known
    """
    found = {row["home"]: {"household": _fields(row, HOUSEHOLD), "members": []} for row in rows(homes)}
    for row in rows(members) if members else []:
        found[row["home"]]["members"].append(_fields(row, MEMBER))
    for row in rows(lists) if lists else []:
        home, _, member = row["of"].partition("/")
        record = found[home]
        holder = record["members"][int(member) - 1] if member else record["household"]
        elements = holder.setdefault(row["list"].removeprefix("no "), [])
        if not row["list"].startswith("no "):
            elements.append(int(row["who"]) - 1 if row.get("who") else _element(row))
    return found


def _element(row: dict[str, str]) -> dict[str, Any]:
    return _fields(row, next(each.elements for each in CATALOGUE.lists if each.name == row["list"]))


def _fields(row: dict[str, str], grain: str) -> dict[str, Any]:
    typed = {each.name: each.type for each in CATALOGUE.fields if each.grain == grain}
    return {name: read(cell, typed[name]) for name, cell in row.items() if name in typed}


def read(cell: str, type: str) -> Any:
    """Return a cell in the words of a type; blank and `unknown` are None."""
    if cell in ("", "unknown"):
        return None
    match type:
        case "boolean":
            return _TRUTHS[cell]
        case "integer" | "money":
            return int(cell)
        case "number":
            return float(cell)
        case "date":
            return date.fromisoformat(cell)
    return cell
