"""Letters as PDF: what a letter says, set by Typst in a child process (`notices.paper`).

    pdf(letter, language) -> bytes

Errors  Refused where a script has no letters in the fonts at hand, or setting took too long: never a page with holes
"""

import subprocess
from pathlib import Path
from typing import Any

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.messages import message
from amparo.notices.paper.child import typeset
from amparo.profiles.languages import is_right_to_left, say, written
from amparo.web.letter import Letter, Part
from amparo.web.sums import Sum

SECONDS = 20
TEMPLATE = Path(__file__).with_name("letter.typ")
_HOLDS = {True: "web-condition-true", False: "web-condition-false", None: "web-condition-unknown"}


def pdf(letter: Letter, language: str) -> bytes:
    """Return a letter as PDF/UA, in a language."""
    try:
        made = typeset(TEMPLATE, _told(letter, language), seconds=SECONDS)
    except subprocess.TimeoutExpired:
        raise Refused("web-paper-slow", seconds=SECONDS) from None
    if made is None:
        raise Refused("web-paper-not-set", language=language)
    return made


def _told(letter: Letter, language: str) -> dict[str, Any]:
    def text(words: Any) -> str:
        return written(words, language)

    def sum(each: Sum) -> dict[str, Any]:
        answer = message(_HOLDS[each.holds]) if each.is_condition else each.result
        answer = message("web-condition-unknown") if answer is None else answer
        return {
            "number": text(each.number), "words": _sentence(text(each.words)), "reckoning": text(each.reckoning),
            "answer": text(answer), "note": text(each.note),
        }  # fmt: skip

    def part(each: Part) -> dict[str, Any]:
        return {
            "heading": text(each.heading), "says": list(map(text, each.says)), "sums": list(map(sum, each.sums)),
            "header": list(map(text, each.header)), "points": list(map(text, each.points)),
            "rows": [[_sentence(text(cell)) for cell in row] for row in each.rows],
        }  # fmt: skip

    return {
        "language": language.split("-")[0],
        "is_right_to_left": is_right_to_left(language),
        "title": text(letter.title),
        "whom": list(map(text, letter.whom)),
        "verdict": text(letter.verdict),
        "says": list(map(text, letter.says)),
        "parts": list(map(part, letter.parts)),
        "foot": say("web-paper-foot", language, day=clock.today(), reference=letter.reference or "–"),
    }


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
