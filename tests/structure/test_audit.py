"""Every act leaves a line in the audit log: each public action records, and each event has words."""

import ast
from collections.abc import Mapping

from amparo.trust.types import Event
from tests.structure import messages, sources

# `audit_line` is written by the database itself, together with what it is of.
RECORDS = {"record", "record_each", "record_denial", "audit_line"}

# Parts of an act whose caller records it: never called from another package (checked below).
PART_OF_AN_ACT = {
    "amparo/programmes/actions/retaining.py:keep_for_appeals": "the execution of a run",
    "amparo/registry/actions/registering.py:fold": "observe, revoke_link and the recording of a batch",
    "amparo/registry/actions/registering.py:index_name": "observe and the recording of a batch",
    "amparo/trust/log/recording.py:record": "it is the record",
    "amparo/trust/log/recording.py:record_denial": "it is the record",
}

# Writes nothing, and stands among the writes because it does everything but write.
WRITES_NOTHING = {"amparo/intake/actions.py:preview": "the receipt that a delivery would get"}


def functions(files: tuple[str, ...]) -> dict[str, ast.FunctionDef]:
    """Return name → function of all that a package's files define, methods included."""
    return {node.name: node for file in files for node in sources.nodes(file, ast.FunctionDef)}


def called(node: ast.AST) -> set[str]:
    """Return the names of what a function calls, or hands on to be called."""
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    return names | {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}


def reaches_record(name: str, known: Mapping[str, ast.FunctionDef]) -> bool:
    """Whether a function records, or calls one of its package that does."""
    seen, waiting = set(), {name}
    while waiting:
        each = waiting.pop()
        seen.add(each)
        names = called(known[each])
        if names & RECORDS:
            return True
        waiting |= (names & known.keys()) - seen
    return False


def actions() -> list[tuple[str, ast.FunctionDef]]:
    """Return place and node of every public function in a file or folder of actions."""
    return [
        (f"{file}:{node.name}", node)
        for file in sources.python()
        if sources.is_part(file, "actions")
        for node in sources.tree(file).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]


def test_every_action_leaves_a_line_in_the_audit_log():
    lacking = []
    known_in = {each: functions(sources.python(f"amparo/{each}")) for each in sources.packages()}
    for place, node in actions():
        known = known_in[sources.package_of(place)]
        if place not in PART_OF_AN_ACT | WRITES_NOTHING and not reaches_record(node.name, known | {node.name: node}):
            lacking.append(place)
    sources.expect_none(lacking)


def test_every_action_says_who_acts():
    sources.expect_none(
        place
        for place, node in actions()
        if place not in PART_OF_AN_ACT and "by" not in {each.arg for each in node.args.kwonlyargs}
    )


def test_a_part_of_an_act_is_called_by_its_own_package_only():
    for place in PART_OF_AN_ACT:
        file, name = place.split(":")
        if name in RECORDS:
            continue
        module, own = file.removesuffix(".py").replace("/", "."), f"amparo/{sources.package_of(file)}/"
        sources.expect_none(
            f"{other} imports {name}"
            for other in sources.python()
            if not other.startswith(own)
            for node in sources.nodes(other, ast.ImportFrom)
            if node.module == module and name in {each.name for each in node.names}
        )


def test_every_event_has_words_in_every_language():
    sources.expect_none(
        f"{language}: trust-event-{each.value}"
        for language in messages.LANGUAGES
        for each in Event
        if f"trust-event-{each.value}" not in messages.texts(language)
    )


def test_a_planted_action_without_a_record_is_found():
    planted = sources.parse("""
def enrol(): _write(); tell()
def move(): _write()
def _write(): save()
def tell(): record(Event.MOVED)
""")
    known = {node.name: node for node in planted.body}
    assert [name for name in ("enrol", "move") if not reaches_record(name, known)] == ["move"]
