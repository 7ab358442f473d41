"""Opens the files of a profile; one that cannot be read is a fault with its line."""

import csv
import hashlib
import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from amparo.kernel.messages import Message
from amparo.profiles.places import Fault, Place, top
from amparo.profiles.reading.exact_yaml import load
from amparo.profiles.types import Problem

_LARGEST = 64_000_000  # bytes; a country's boundaries are a few million


def digest(folder: Path) -> str:
    """Return a hash that changes with the name or any byte of any file in the folder, hidden files left out."""
    found = hashlib.sha256()
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        inside = file.relative_to(folder)
        if any(part.startswith(".") for part in inside.parts):
            continue
        found.update(inside.as_posix().encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def toml(folder: Path, name: str) -> Place:
    return toml_text(_text(folder, name), name)


def toml_text(text: str, name: str) -> Place:
    try:
        return top(name, tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _unreadable(name, _toml_line(text, str(error)), "TOML") from error


def rows(folder: Path, name: str, columns: tuple[str, ...], *, also: str | None = None) -> list[Place]:
    """Return the rows of a CSV file with exactly these columns, and after them any that begin with `also`.

    Empty cells are left out of a row.
    """
    reader = csv.DictReader(_text(folder, name).splitlines(), strict=True)
    try:
        given = tuple(reader.fieldnames or ())
        more = given[len(columns) :]
        if given[: len(columns)] != columns or len(set(more)) < len(more) or not all(map(_begins(also), more)):
            raise Fault(Problem(name, "1", Message("profiles-columns-wrong", {"columns": list(columns)})))
        return [_row(name, reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise _unreadable(name, str(reader.line_num), "CSV") from error


def _begins(with_: str | None) -> Callable[[str], bool]:
    return lambda column: with_ is not None and column.startswith(with_)


def _row(name: str, line: int, row: dict[str, str]) -> Place:
    if None in row or None in row.values():
        raise _unreadable(name, str(line), "CSV")
    return Place(name, str(line), {key: value for key, value in row.items() if value != ""})


def geojson(folder: Path, name: str) -> list[dict[str, Any]]:
    """Return the features of a GeoJSON feature collection."""
    try:
        raw = json.loads(_text(folder, name))
    except (json.JSONDecodeError, RecursionError) as error:
        raise _unreadable(name, str(getattr(error, "lineno", 1)), "JSON") from error
    features = raw.get("features") if isinstance(raw, dict) else None
    if not isinstance(features, list) or not all(isinstance(each, dict) for each in features):
        raise _unreadable(name, "1", "GeoJSON")
    return features


def yaml_file(folder: Path, name: str) -> Place:
    return yaml_text(_text(folder, name), name)


def yaml_text(text: str, name: str) -> Place:
    """Return a YAML mapping, with decimals exact and keys unique."""
    try:
        raw = load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _unreadable(name, str(mark.line + 1 if mark else 1), "YAML") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise _unreadable(name, "1", "YAML") from error
    if not isinstance(raw, dict):
        raise _unreadable(name, "1", "YAML")
    return top(name, raw)


def _text(folder: Path, name: str) -> str:
    file = folder / name
    if not file.is_file():
        raise Fault(Problem(name, "-", Message("profiles-file-missing")))
    if file.stat().st_size > _LARGEST:
        raise Fault(Problem(name, "-", Message("profiles-file-too-large", {"megabytes": _LARGEST // 1_000_000})))
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Fault(Problem(name, "-", Message("profiles-file-not-utf8", {"byte": error.start}))) from error


def _toml_line(text: str, error: str) -> str:
    """Return the line that tomllib names; an error at the end of the file is on its last line."""
    found = re.search(r"line (\d+)", error)
    return found[1] if found else str(text.count("\n") + 1)


def _unreadable(name: str, line: str, format: str) -> Fault:
    return Fault(Problem(name, line, Message("profiles-file-unreadable", {"format": format, "line": line})))
