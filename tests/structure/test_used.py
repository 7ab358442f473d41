"""What the product defines is used: somewhere beside its own definition its name is said."""

import ast
import re
from collections.abc import Iterator

from tests.structure import sources

# Django and the server look these up by name.
BY_NAME = ("amparo/project/settings.py", "amparo/project/wsgi.py")
_WORD = re.compile(r"\w+")


def defined(file: str) -> Iterator[str]:
    """Yield what stands at the top of a file: functions, classes, constants. An operation is found by what it declares."""
    for node in sources.tree(file).body:
        if isinstance(node, ast.FunctionDef) and any(_declares(each) for each in node.decorator_list):
            continue
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (each.id for each in targets if isinstance(each, ast.Name))


def _declares(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "operation"


def said(file: str) -> set[str]:
    """Return the names that a file uses; to import one or to list it for others is no use."""
    if not file.endswith(".py"):
        return set(_WORD.findall(sources.text(file)))
    found = {each.id for each in sources.nodes(file, ast.Name) if isinstance(each.ctx, ast.Load)}
    found |= {each.attr for each in sources.nodes(file, ast.Attribute)}
    texts = [each.value for each in sources.nodes(file, ast.Constant) if isinstance(each.value, str)]
    return found | {each.rpartition(".")[2] for each in texts if "." in each}  # a dotted path to what Django loads


def unused(files: tuple[str, ...], named: set[str]) -> list[str]:
    every = ((file, name) for file in files if file not in BY_NAME for name in defined(file))
    framework = re.compile(r"__\w+__|urlpatterns|\w+Config|Migration")
    return [f"{file}: {name}" for file, name in every if name not in named and not framework.fullmatch(name)]


def test_nothing_is_defined_that_nobody_uses():
    users = [each for each in sources.files() if each.endswith((".py", ".html", ".sql", ".typ", ".toml"))]
    assert unused(sources.python(), set().union(*map(said, users))) == []


def test_what_is_only_imported_or_listed_is_found(monkeypatch):
    files = {
        "a.py": "def kept(): ...\ndef lost(): ...\n",
        "b.py": "from a import kept, lost\n__all__ = ['lost']\nkept()\n",
    }
    monkeypatch.setattr(sources, "tree", lambda file: ast.parse(files[file]))
    monkeypatch.setattr(
        sources, "nodes", lambda file, *kinds: (n for n in ast.walk(ast.parse(files[file])) if isinstance(n, kinds))
    )
    assert unused(("a.py",), said("a.py") | said("b.py")) == ["a.py: lost"]
