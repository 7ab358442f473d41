"""The impact assessment in words: each section as a table, and what differs from what was signed off.

What is stated are codes; a code without words is shown as it stands, so that nothing vanishes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from amparo.profiles.impact import Content, Difference
from amparo.profiles.languages import has_words, say, written

# Columns of each section: name → what an entry holds there (None: the entry itself).
COLUMNS: dict[str, tuple[str, ...]] = {
    "purposes": ("",),
    "fields": ("class", "purpose", "used_by", "valid_days"),
    "sources": ("",),
    "agreements": ("consumer", "purpose", "fields", "until"),
    "decisions": ("unit", "review", "notice_days", "appeal_days"),
    "access": ("reach", "opens", "classes", "standings", "by_two"),
    "retention": ("",),
    "risks": ("",),
}


@dataclass(frozen=True)
class Table:
    """A section: its code, the names of its columns, and its rows: a heading and a cell for each column."""

    section: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]


class Sections:
    """What an assessment states, in a reader's language."""

    def __init__(self, content: Content, language: str) -> None:
        self.content, self.language = content, language

    def all(self) -> list[Table]:
        return [self._table(section) for section in COLUMNS if section in self.content]

    def _table(self, section: str) -> Table:
        rows = [
            (self.key(section, key), [self.cell(section, name, told) for name in COLUMNS[section]])
            for key, told in self.content[section].items()
        ]
        return Table(section, [each for each in COLUMNS[section] if each], rows)

    def key(self, section: str, key: str) -> str:
        """Return the heading of an entry."""
        if section == "agreements":
            code, _, version = key.rpartition(" ")
            return f"{self.word(lambda code: f'agreement-{code}', code)} ({version})"
        return self.word(KEYS.get(section), key)

    def cell(self, section: str, name: str, told: Any) -> str:
        value = told.get(name) if name else told  # what was laid down before a column was there lacks it
        id = KINDS.get((section, name))
        if isinstance(value, list):
            return f"{say('web-comma', self.language)} ".join(self.word(id, each) for each in value) or "–"
        return self.word(id, value)

    def word(self, id: Callable[[str], str] | None, value: Any) -> str:
        """Return a code in words, a number as the reader writes it, and what has no words as it is."""
        if value is None or value == "":
            return "–"
        if isinstance(value, bool | int):
            return written(value, self.language)
        named = id(value) if id else str(value)
        return say(named, self.language) if has_words(named) else str(value)


def _field(key: str) -> str:
    grain, _, name = key.rpartition(".")
    return f"field-{grain.replace(':', '-')}-{name}"


# Under which message id the heading of an entry, and the codes in a column, have their words.
KEYS: dict[str, Callable[[str], str]] = {
    "purposes": lambda key: f"purpose-{key}",
    "fields": _field,
    "sources": lambda key: f"source-{key}",
    "decisions": lambda key: f"programme-{key}",
    "access": lambda key: f"trust-role-{key}",
    "risks": lambda key: f"web-impact-risk-{key}",
    "answers": lambda key: f"web-impact-question-{key}",
}
KINDS: dict[tuple[str, str], Callable[[str], str]] = {
    ("fields", "class"): lambda code: f"web-impact-class-{code}",
    ("fields", "purpose"): lambda code: f"purpose-{code}",
    ("fields", "used_by"): lambda code: f"use-{code}",
    ("sources", ""): lambda code: f"web-impact-source-{code}",
    ("agreements", "consumer"): lambda code: f"organisation-{code}",
    ("agreements", "purpose"): lambda code: f"purpose-{code}",
    ("access", "reach"): lambda code: f"web-impact-reach-{code}",
    ("access", "opens"): lambda code: f"trust-permission-{code}",
    ("access", "classes"): lambda code: f"trust-class-{code}",
    ("access", "standings"): lambda code: f"trust-standing-{code}",
    ("decisions", "unit"): lambda code: f"web-impact-unit-{code}",
    ("risks", ""): lambda code: f"web-impact-control-{code}",
}


def changes(differences: Sequence[Difference], language: str) -> list[dict[str, str]]:
    """Return each entry that differs: in which section, which, and whether it came, went or changed."""
    words = Sections({}, language)
    return [
        {
            "section": each.section,
            "key": words.key(each.section, each.key),
            "step": "added" if each.before is None else "gone" if each.after is None else "changed",
        }
        for each in differences
    ]
