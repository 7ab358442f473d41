"""Letters as PDF: what a letter says, set by Typst in a child process that has limits and knows nothing else.

    pdf(letter, language) -> bytes

Everything that people told us reaches the typesetter as JSON and never as its markup, so that nothing in a name is a command.

Errors  Refused where a script has no letters in the fonts at hand, or setting took too long: never a page with holes
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.messages import message
from amparo.profiles.languages import is_right_to_left, say, written
from amparo.web.letter import Letter, Part
from amparo.web.sums import Sum

SECONDS = 20
_COMMAND = (sys.executable, "-I", "-m", "amparo.web.paper.setting")
_HOLDS = {True: "web-condition-true", False: "web-condition-false", None: "web-condition-unknown"}


def pdf(letter: Letter, language: str) -> bytes:
    """Return a letter as PDF/UA, in a language."""
    told = json.dumps(_told(letter, language), ensure_ascii=False)
    child = subprocess.Popen(
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what the typesetter complains of may quote the letter
        env={"LC_ALL": "C.UTF-8", "RAYON_NUM_THREADS": "1"},
        cwd=Path(__file__).parent,
        start_new_session=True,
    )
    with child:
        try:
            made, _ = child.communicate(told.encode(), timeout=SECONDS)
        except subprocess.TimeoutExpired:
            raise Refused("web-paper-slow", seconds=SECONDS) from None
        finally:
            child.kill()
    if not made.startswith(b"%PDF"):
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
