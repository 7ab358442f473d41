"""What the documentation points at exists: pages, headings, files, make targets, commands and their options."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest

from tests.structure import sources

LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?!https?:)([^)\s]+)\)|!\[[^\]]*\]\((?!https?:)([^)\s]+)\)")
FENCE = re.compile(r"^```[a-z]*\n(.*?)^```", re.S | re.M)
MENTIONED = re.compile(r"`((?:amparo|tests|bench|docs|profiles)/[\w./-]+)`")


def pages() -> list[str]:
    return [each for each in sources.files() if each.endswith(".md")]


def links(text: str) -> list[str]:
    """Return the addresses inside the project that a page links to; what stands in code is no link."""
    prose = re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))
    return [a or b for a, b in LINK.findall(prose)]


def headings(text: str) -> set[str]:
    """Return the anchors of a page's headings, made as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def target(page: str, link: str) -> tuple[str, str]:
    """Return the file, from the project's root, and the heading that a link in a page leads to."""
    path, _, heading = link.partition("#")
    steps: list[str] = []
    for step in (PurePosixPath(page).parent / path if path else PurePosixPath(page)).parts:
        steps = steps[:-1] if step == ".." else [*steps, step]
    return "/".join(steps), heading


def broken(page: str, text: str) -> list[str]:
    """Return the links of a page that lead nowhere."""
    return [link for link in links(text) if not leads(page, text, *target(page, link))]


def leads(page: str, text: str, file: str, heading: str) -> bool:
    if file != page and not (sources.ROOT / file).exists():
        return False
    return not heading or heading in headings(text if file == page else sources.text(file))


def commands(text: str) -> Iterator[list[str]]:
    """Yield every command line of `amparo` or `make` that a page shows, as words."""
    shown = [line for block in FENCE.findall(text) for line in block.replace("\\\n", " ").splitlines()]
    inline = re.findall(r"`((?:\S*/)?amparo [^`]+|make [^`]+)`", FENCE.sub("", text))
    for line in [*shown, *inline]:
        line = re.sub(r"^\$ |…|\.\.\.$", "", re.split(r" #|(?<=\w) {2,}", line.strip())[0])
        if re.match(r"(\S*/)?amparo |make ", line):
            yield shlex.split(line)


def unknown_command(words: list[str]) -> str:
    """Return what is wrong with a command line; nothing where the command and its options exist."""
    if words[0] == "make":
        named = [each for each in words[1:] if "=" not in each]
        return next((each for each in named if f"\n{each}:" not in sources.text("Makefile")), "")
    from typer.main import get_command

    from amparo.cli.app import app

    command, rest = get_command(app), [each for each in words[1:] if not each.startswith("<")]
    known = options(command)
    while hasattr(command, "commands") and (name := next((each for each in rest if each in command.commands), None)):
        command, rest = command.commands[name], rest[rest.index(name) + 1 :]
    if hasattr(command, "commands") and [each for each in rest if not each.startswith("-")]:
        return " ".join(words)
    given = {each.partition("=")[0] for each in words if each.startswith("--")}
    return ", ".join(sorted(given - known - options(command)))


def options(command: object) -> set[str]:
    return {name for each in command.params for name in (*each.opts, *each.secondary_opts)} | {"--help"}


@pytest.mark.parametrize("page", pages())
def test_every_link_leads_somewhere(page):
    assert broken(page, sources.text(page)) == []


@pytest.mark.parametrize("page", pages())
def test_every_command_shown_exists(page):
    assert [fault for words in commands(sources.text(page)) if (fault := unknown_command(words))] == []


@pytest.mark.parametrize("page", pages())
def test_every_file_named_exists(page):
    named = MENTIONED.findall(sources.text(page))
    assert [each for each in named if not (sources.ROOT / each).exists()] == []


def test_every_page_that_code_names_exists():
    named = {
        (file, page)
        for file in sources.files()
        if file.endswith((".py", ".toml", ".sql", ".po", ".html", "Makefile"))
        for page in re.findall(r"docs/[\w/-]+\.md", sources.text(file))
    }
    # This folder plants pages that do not exist.
    sources.expect_none(
        f"{file} names {page}"
        for file, page in sorted(named)
        if page not in pages() and not file.startswith("tests/structure/")
    )


def test_every_variable_of_the_environment_is_on_its_page():
    read = {
        node.value
        for file in sources.python()
        for node in sources.nodes(file, ast.Constant)
        if isinstance(node.value, str) and re.fullmatch(r"AMPARO_[A-Z_]+|DATABASE_URL", node.value)
    }
    described = set(re.findall(r"^\| `(\w+)`", sources.text("docs/reference/environment.md"), re.M))
    assert read == described


def test_every_page_can_be_reached_from_the_index():
    reached, waiting = set(), ["docs/index.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        leads = {target(page, link)[0] for link in links(sources.text(page))}
        waiting += [each for each in leads if each.endswith(".md") and each in pages() and each not in reached]
    assert {each for each in pages() if each.startswith("docs/")} - reached == set()


def test_decisions_are_short_and_numbered_without_gaps():
    decisions = sources.under("docs/decisions", ".md")
    numbers = [int(PurePosixPath(each).name[:4]) for each in decisions]
    assert numbers == list(range(1, len(numbers) + 1))
    sources.expect_none(each for each in decisions if len(sources.text(each).splitlines()) > 40)
    sources.expect_none(each for each, number in zip(decisions, numbers, strict=True) if not opens(each, number))


def opens(decision: str, number: int) -> bool:
    return sources.text(decision).startswith(f"# {number}. ")


def test_planted_faults_are_found():
    text = "# One thing\n[a](nowhere.md) [b](#one-thing) [c](#two) `[d](x)`\n```\n$ make nothing\n```\n`amparo serve --fast`"
    assert broken("docs/planted.md", text) == ["nowhere.md", "#two"]
    assert [unknown_command(words) for words in commands(text)] == ["nothing", "--fast"]
    assert unknown_command(["amparo", "fly"]) == "amparo fly"
    assert unknown_command(["make", "test", "TESTS=tests/unit"]) == ""
