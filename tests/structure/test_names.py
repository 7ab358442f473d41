"""One word per thing, and some words for nothing: names that say nothing about what is in them."""

import ast
import re
from collections.abc import Iterator

from tests.structure import sources

REFUSED = {
    *("manager", "managers", "service", "services", "helper", "helpers", "handler", "handlers", "util", "utils"),
    *("common", "misc", "data", "info", "process", "processes", "v2"),
    *("registrant", "registrants", "individual", "individuals", "client", "clients"),
}

# Names that others gave, and words that mean something here: where they may stand, and why.
ALLOWED = {
    "data_dir": ("", "the option --data-dir and what it sets, in every command"),
    "DATA_DIR": ("amparo/project/", "the setting that holds --data-dir"),
    "DATA_PROTECTION_OFFICER": ("", "what the law calls the officer who sees to it that agreements hold"),
    "data-protection-officer": ("docs/", "the same, as a page for them"),
    "REGISTRY_MANAGER": ("amparo/trust/", "what a ministry calls the officer in charge of the registry"),
    "client": ("", "the other end of a connection, never a person"),
    "client_id": ("amparo/interop/", "a name of OAuth's"),
    "data": (("tests/", "amparo/web/"), "what Hypothesis calls the source of draws, and Django a form's raw values"),
    "left_by_a_killed_process": ("tests/", "a process of the operating system"),
    "PROGRAMME_MANAGER": ("amparo/trust/", "what a ministry calls the officer who runs a programme"),
    "programme-manager": ("docs/", "the same, as a page for them"),
    "registry-manager": ("docs/", "the same, as a page for them"),
    "handle_data": ("tests/", "a method of Python's HTMLParser"),
    "get_extra_info": ("amparo/trust/", "a method of httpcore's"),
    "get_context_data": ("amparo/web/", "a method of Django's class-based views"),
    "FILE_UPLOAD_HANDLERS": ("amparo/project/", "a setting of Django's"),
    "DATA_UPLOAD_MAX_MEMORY_SIZE": ("amparo/project/", "a setting of Django's"),
    "DATA_UPLOAD_MAX_NUMBER_FIELDS": ("amparo/project/", "a setting of Django's"),
    "DATA_UPLOAD_MAX_NUMBER_FILES": ("amparo/project/", "a setting of Django's"),
    **{f"handler{status}": ("amparo/", "a name Django looks for") for status in (400, 403, 404, 429, 500)},
}

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def words(name: str) -> list[str]:
    """`DataFrameReader`, `data_frame` → data, frame …; a version such as v2 stays one word."""
    parts = [part for part in name.replace("-", "_").split("_") if part]
    versions = [part.lower() for part in parts if re.fullmatch(r"[vV]\d+", part)]
    return versions + [found.lower() for part in parts for found in WORD.findall(part)]


def names_given(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield every name that a file gives to something: classes, functions, arguments, variables, imports renamed."""
    for node in ast.walk(module):
        match node:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
            case ast.Attribute(value=ast.Name(id="self"), ctx=ast.Store()):
                yield node.lineno, node.attr
            case ast.alias(asname=str()):
                yield node.lineno, node.asname


def refused_names(module: ast.Module, file: str) -> list[tuple[int, str]]:
    """Return line and name of what carries a refused word. The name of a test is a sentence, and free."""
    return sorted(
        (line, name)
        for line, name in names_given(module)
        if REFUSED & set(words(name)) and not name.startswith("test_") and not is_allowed(name.strip("_"), file)
    )


def is_allowed(name: str, file: str) -> bool:
    return name in ALLOWED and file.startswith(ALLOWED[name][0])


def test_no_identifier_uses_a_refused_word():
    every = [*sources.python("amparo"), *sources.python("tests"), *sources.python("bench"), *sources.python("docs")]
    sources.expect_none(
        f"{file}:{line} {name}" for file in every for line, name in refused_names(sources.tree(file), file)
    )


def test_no_file_or_folder_uses_a_refused_word():
    sources.expect_none(
        file
        for file in sources.files()
        for step in re.sub(r"\.[a-z]+$", "", file).split("/")
        if REFUSED & set(words(step)) and not is_allowed(step, file)
    )


def test_planted_names_are_found():
    planted = sources.parse("""
class HouseholdManager:
    def process(self, info): self.user_data = info
from json import loads as helper
data_dir = 1
data = handler404 = 2
""")
    found = {name for _, name in refused_names(planted, "amparo/registry/planted.py")}
    assert found == {"HouseholdManager", "process", "info", "user_data", "helper", "data"}
