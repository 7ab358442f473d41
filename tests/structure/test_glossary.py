"""One word per thing: the names of tables and of types that cross a border are made of the glossary's words."""

import ast
import re

from tests.structure import sources
from tests.structure.test_names import WORD

GLOSSARY = "docs/glossary.md"

# What the glossary must define, whatever else it does.
WORDS = """
person household group family couple member relationship area identifier subject observation fact item source
agreement consent purpose application submission batch programme rule parameter determination run decision enrolment
entitlement payment case snapshot indicator scenario profile officer
"""


def defined(text: str) -> set[str]:
    """Return every word that stands bold in the glossary, or in the brackets after a bold one, in the singular."""
    bold = re.findall(r"\*\*([^*]+)\*\*(?: \(([^)]*)\))?", text)
    return {singular(word) for pair in bold for word in re.findall(r"[A-Za-z]+", " ".join(pair))}


def singular(word: str) -> str:
    return word.lower().removesuffix("s")


def undefined(name: str, known: set[str]) -> list[str]:
    """Return the words of a name that the glossary does not define."""
    return [word.lower() for word in WORD.findall(name) if singular(word) not in known]


def public_types() -> list[tuple[str, str]]:
    """Return file and name of every table, and of every class in a types.py."""
    return [
        (file, node.name)
        for file in sources.python()
        if sources.is_part(file, "models") or sources.is_part(file, "types")
        for node in sources.tree(file).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]


def test_the_glossary_defines_the_words_of_the_house():
    assert set(map(singular, WORDS.split())) - defined(sources.text(GLOSSARY)) == set()


def test_tables_and_types_are_named_with_the_glossarys_words():
    known = defined(sources.text(GLOSSARY))
    sources.expect_none(
        f"{file} {name}: {', '.join(unknown)}" for file, name in public_types() if (unknown := undefined(name, known))
    )


def test_no_word_is_defined_twice():
    begun = re.findall(r"^\*\*([^*]+)\*\*", sources.text(GLOSSARY), re.M)
    assert sorted(begun) == sorted(set(begun))


def test_a_planted_name_is_found():
    known = defined("**Person**. A human. **Group** (family). Some.\n\n**Config**: set.")
    assert known == {"person", "group", "family", "config"}
    assert [undefined(name, known) for name in ("PersonConfig", "Families", "PersonRegister", "Groups")] == [
        [],
        ["families"],
        ["register"],
        [],
    ]
