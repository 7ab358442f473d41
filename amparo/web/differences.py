"""The difference between two texts, line by line: what went, what came, and within a changed line which words.

Shape   a `Line` for each line of either text; the lines taken out stand before those put in their place
"""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, GONE, NEW = "same", "gone", "new"
Part = tuple[bool, str]  # whether it differs, and the words


@dataclass(frozen=True)
class Line:
    mark: str
    parts: tuple[Part, ...]


def differences(before: str, after: str) -> list[Line]:
    """Return both texts as one list of lines. How wide the columns of a table are drawn is no difference."""
    old, new = before.splitlines(), after.splitlines()
    found: list[Line] = []
    narrow = [[_narrow(each) for each in lines] for lines in (old, new)]
    for how, a, b, c, d in SequenceMatcher(None, *narrow, autojunk=False).get_opcodes():
        if how == "equal":
            found += [Line(SAME, ((False, each),)) for each in new[c:d]]
            continue
        gone, came = _marked(old[a:b], new[c:d])
        found += [Line(GONE, each) for each in gone] + [Line(NEW, each) for each in came]
    return found


def _narrow(line: str) -> str:
    """Return a row of a table with one blank around each bar, and its rule as short as can be; any other line as it is."""
    if set(line) <= set("-+ ") and "+" in line:
        return re.sub("[- ]+", "-", line)
    return re.sub(r" *\| *", " | ", line).strip() if "|" in line and "||" not in line else line


def _marked(before: list[str], after: list[str]) -> tuple[list[tuple[Part, ...]], list[tuple[Part, ...]]]:
    """Return the lines of two passages, the words marked in which they differ."""
    old, new = _words("\n".join(before)), _words("\n".join(after))
    sides: tuple[list[Part], list[Part]] = ([], [])
    for how, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for side, words in zip(sides, (old[a:b], new[c:d]), strict=True):
            side += [(how != "equal", each) for each in words]
    return _in_lines(sides[0]) if before else [], _in_lines(sides[1]) if after else []


def _words(text: str) -> list[str]:
    return re.findall(r"\n|\w+|[^\w\n]+?(?=\w|\n|$)", text)


def _in_lines(words: list[Part]) -> list[tuple[Part, ...]]:
    """Return the words line by line, neighbours of one mark joined."""
    lines: list[list[Part]] = [[]]
    for differs, word in words:
        if word == "\n":
            lines.append([])
        elif lines[-1] and lines[-1][-1][0] == differs:
            lines[-1][-1] = (differs, lines[-1][-1][1] + word)
        else:
            lines[-1].append((differs, word))
    return [tuple(each) for each in lines]
