"""Only the outer doors catch everything; elsewhere an error that nobody foresaw must be seen."""

import ast

from tests.structure import sources

# The outer doors: where an error would otherwise kill the server, the worker or the command without a word.
DOORS: dict[str, str] = {
    "amparo/interop/dci/door.py": "else a message that fails would be answered by a page in HTML",
}


def caught_whole(module: ast.Module) -> list[int]:
    """Return the lines of handlers that catch everything and do not pass it on."""
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.ExceptHandler) and catches_everything(node) and not passes_on(node):
            found.append(node.lineno)
    return found


def catches_everything(block: ast.ExceptHandler) -> bool:
    kinds = block.type.elts if isinstance(block.type, ast.Tuple) else [block.type]
    return any(kind is None or getattr(kind, "id", "") in ("Exception", "BaseException") for kind in kinds)


def passes_on(block: ast.ExceptHandler) -> bool:
    """Whether the block ends by raising: it cleans up, and hides nothing."""
    return isinstance(block.body[-1], ast.Raise)


def test_only_the_outer_doors_catch_everything():
    sources.expect_none(
        f"{file}:{line}"
        for file in sources.python("amparo")
        if file not in DOORS
        for line in caught_whole(sources.tree(file))
    )


def test_every_door_named_still_is_one():
    sources.expect_none(file for file in DOORS if not caught_whole(sources.tree(file)))


def test_planted_faults_are_found():
    planted = sources.parse("""
try: pass
except Exception: pass
try: pass
except (ValueError, BaseException): print()
try: pass
except: pass
try: pass
except BaseException:
    print()
    raise
try: pass
except ValueError: pass
""")
    assert caught_whole(planted) == [3, 5, 7]
