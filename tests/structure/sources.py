"""The project's own files as the structure tests read them: what git knows, each Python file parsed once."""

import ast
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PRODUCT = "amparo"


@cache
def files() -> tuple[str, ...]:
    """Return every file of the project as git sees it, new ones included, what .gitignore names left out."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return tuple(sorted(each for each in listed if (ROOT / each).is_file()))


def under(folder: str, suffix: str) -> tuple[str, ...]:
    return tuple(each for each in files() if each.startswith(f"{folder}/") and each.endswith(suffix))


@cache
def text(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8")


@cache
def tree(file: str) -> ast.Module:
    return ast.parse(text(file), file)


def python(folder: str = PRODUCT, *, migrations: bool = False) -> tuple[str, ...]:
    """Return the Python files of a folder; what Django writes into migrations only where asked for."""
    return tuple(each for each in under(folder, ".py") if migrations or "/migrations/" not in each)


@cache
def _all_nodes(file: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree(file)))


def nodes(file: str, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
    return (node for node in _all_nodes(file) if isinstance(node, kinds))


def package_of(file: str) -> str:
    """Return the package a product file belongs to: `amparo/trust/types.py` → `trust`."""
    return file.split("/")[1]


def packages() -> tuple[str, ...]:
    return tuple(sorted({package_of(each) for each in under(PRODUCT, "/__init__.py") if each.count("/") == 2}))


def owners_of_tables() -> tuple[str, ...]:
    return tuple(sorted({package_of(each) for each in files() if is_part(each, "models")}))


def is_part(file: str, part: str) -> bool:
    """Whether a file is a package's `models.py`, or lies in its folder `models`, and so for every other part."""
    steps = file.split("/")
    return steps[0] == PRODUCT and len(steps) > 2 and steps[2] in (f"{part}.py", part)


def parse(source: str) -> ast.Module:
    """Return the tree of a text that a test plants."""
    return ast.parse(source, "planted.py")


def expect_none(found: Iterable[str]) -> None:
    """Fail with one line for each thing found."""
    __tracebackhide__ = True
    lines = list(found)
    assert not lines, "\n" + "\n".join(lines)
