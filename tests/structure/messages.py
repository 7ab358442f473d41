"""Message ids: where catalogues define them, and where code and templates use them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from string import Formatter

from babel.messages.pofile import read_po

from tests.structure import sources

LOCALE = "amparo/locale"
LANGUAGES = ("en", "ar")
CATALOGUES = sources.packages()
ID = re.compile(rf"({'|'.join(CATALOGUES)})-[a-z0-9]+(-[a-z0-9]+)*")
BEGINNING = re.compile(rf"({'|'.join(CATALOGUES)})(-[a-z0-9]+)*-")

# Functions that take a message id first and its values as keywords.
SAYING = {"say", "in_words", "message"}


@dataclass(frozen=True)
class Use:
    """One place that names a message. `values`: the names given with it; None where they cannot be read off."""

    place: str
    id: str
    values: frozenset[str] | None = None
    is_refusal: bool = False


@dataclass(frozen=True)
class Used:
    """All uses, and the beginnings of ids that are put together while running, as `trust-role-`."""

    uses: list[Use] = field(default_factory=list)
    beginnings: set[str] = field(default_factory=set)


@cache
def texts(language: str) -> dict[str, tuple[str, ...]]:
    """Return message id → its text, or its plural forms."""
    found: dict[str, tuple[str, ...]] = {}
    for name in CATALOGUES:
        file = sources.ROOT / LOCALE / language / f"{name}.po"
        if file.exists():
            with file.open("rb") as stream:
                for entry in read_po(stream, locale=language):
                    if entry.id:
                        id = entry.id[0] if isinstance(entry.id, tuple) else entry.id
                        found[id] = entry.string if isinstance(entry.string, tuple) else (entry.string,)
    return found


def placeholders(text: str) -> frozenset[str]:
    return frozenset(re.split(r"[.\[]", name)[0] for _, name, _, _ in Formatter().parse(text) if name)


@cache
def codes() -> frozenset[str]:
    """Return the values of every enum of the product: codes, some of which look like message ids."""
    trees = [sources.tree(file) for file in sources.python()]
    return frozenset(node.value for tree in trees for node in _codes(tree) if isinstance(node.value, str))


@cache
def given_by_class(name: str) -> frozenset[str]:
    """Return the values that a refusal of this class gives with every message, whatever else is given."""
    classes = [node for file in sources.python() for node in sources.nodes(file, ast.ClassDef) if node.name == name]
    calls = [call for node in classes for call in ast.walk(node) if isinstance(call, ast.Call) and _is_super_init(call)]
    return frozenset(each.arg for call in calls for each in call.keywords if each.arg)


def _is_super_init(call: ast.Call) -> bool:
    match call.func:
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"):
            return True
    return False


@cache
def refusals() -> frozenset[str]:
    """Return the name of Refused and of every class of the product that descends from it."""
    bases: dict[str, set[str]] = {}
    for file in sources.python():
        for node in sources.nodes(file, ast.ClassDef):
            bases[node.name] = {getattr(base, "id", getattr(base, "attr", "")) for base in node.bases}
    known = {"Refused"}
    while more := {name for name, above in bases.items() if above & known} - known:
        known |= more
    return frozenset(known)


def used_in(module: ast.Module, file: str) -> Used:
    """Return the messages that Python code names, as whole ids and as beginnings."""
    used, own = Used(), _codes(module)
    for node in ast.walk(module):
        if node in own:
            continue
        if isinstance(node, ast.Call):
            used.uses.extend(_call(node, file))
        elif isinstance(node, ast.ClassDef) and node.name in refusals():
            used.uses.extend(_super_call(node, file))
        elif isinstance(node, ast.Constant) and _is_id(node.value):
            used.uses.append(Use(f"{file}:{node.lineno}", node.value))
        elif beginning := _beginning(node):
            used.beginnings.add(beginning)
    return used


def _is_id(value: object) -> bool:
    return isinstance(value, str) and ID.fullmatch(value) is not None and value not in codes()


def _beginning(node: ast.AST) -> str:
    """What an f-string that begins like a message id begins with."""
    match node:
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]) if BEGINNING.fullmatch(text):
            return text
    return ""


def _codes(module: ast.Module) -> set[ast.Constant]:
    """The values of a file's enums."""
    classes = [each for each in ast.walk(module) if isinstance(each, ast.ClassDef)]
    enums = [each for each in classes if any(getattr(base, "id", "").endswith("Enum") for base in each.bases)]
    return {node for each in enums for node in ast.walk(each) if isinstance(node, ast.Constant)}


def _call(node: ast.Call, file: str) -> Iterator[Use]:
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    if not node.args or name not in SAYING | refusals() | {"Message"}:
        return
    first = node.args[0]
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        values = _mapped(node) if name == "Message" else _keywords(node)
        values = values if values is None else values | given_by_class(name)
        yield Use(f"{file}:{node.lineno}", first.value, values, name in refusals())


def _super_call(node: ast.ClassDef, file: str) -> Iterator[Use]:
    for each in ast.walk(node):
        match each:
            case ast.Call(
                func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"),
                args=[ast.Constant(value=str(id)), *_],
            ):
                yield Use(f"{file}:{each.lineno}", id, _keywords(each), True)


def _keywords(node: ast.Call) -> frozenset[str] | None:
    names = [each.arg for each in node.keywords]
    return None if None in names else frozenset(names)


def _mapped(node: ast.Call) -> frozenset[str] | None:
    given = node.args[1] if len(node.args) > 1 else None
    if given is None:
        return None if node.keywords else frozenset()
    if not isinstance(given, ast.Dict) or not all(isinstance(key, ast.Constant) for key in given.keys):
        return None
    return frozenset(key.value for key in given.keys)


SAID = re.compile(r"""\{%\s*say\s+(?P<id>"[^"]*"|'[^']*'|\S+)(?P<rest>.*?)%\}""", re.S)
QUOTED = re.compile(r"""["']([^"'\s]+)["']""")


def used_in_template(text: str, file: str) -> Used:
    """Return the messages a template names: in `{% say %}`, and as arguments of its other tags."""
    used = Used()
    for said in SAID.finditer(text):
        if said["id"][0] in "\"'":
            names = frozenset(re.findall(r"(\w+)=", said["rest"]))
            used.uses.append(Use(f"{file}:{text.count(chr(10), 0, said.start()) + 1}", said["id"][1:-1], names))
    for tag in re.finditer(r"\{[%{].*?[%}]\}", text, re.S):
        for quoted in QUOTED.findall(tag[0]):
            if ID.fullmatch(quoted):
                used.uses.append(Use(file, quoted))
            elif BEGINNING.fullmatch(quoted):
                used.beginnings.add(quoted)
    return used


@cache
def used() -> Used:
    """Return every use in the product."""
    parts = [used_in(sources.tree(file), file) for file in [*sources.python(), *sources.python("docs")]]
    parts += [used_in_template(sources.text(file), file) for file in templates()]
    return Used([each for part in parts for each in part.uses], {each for part in parts for each in part.beginnings})


def templates() -> tuple[str, ...]:
    return tuple(each for each in sources.under("amparo", "") if "/templates/" in each)
