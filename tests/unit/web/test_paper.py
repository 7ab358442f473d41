"""Letters on paper: what people told us is never markup, and no page leaves with holes (ELI-5)."""

import json

import pytest

from amparo.kernel.errors import Refused
from amparo.kernel.messages import message
from amparo.notices.paper import child
from amparo.notices.paper.setting import set_letter
from amparo.web.letter import Letter, Part
from amparo.web.paper import printing as paper
from amparo.web.presenting import isolated
from amparo.web.sums import Sum

HOSTILE = [
    '#import "/etc/passwd"',
    '#read("/etc/passwd")',
    "]}) #panic()",
    "$x$ $",
    "\\ \\u{41} \\",
    "\"; quotes ' ",
    "*bold* _it_ `raw` <label> @ref = heading",
    "\u202eevil\u2066 \u200f",
    "// comment /* more",
    "[" * 500,
]


def a_letter(name: str) -> Letter:
    line = Sum(1, name, name, note=name, result=name)
    part = Part(message("web-letter-facts"), [name], [line], [message("web-fact")] * 3, [[name] * 3], [name])
    return Letter(message("web-letter-title"), [name], message("web-outcome-true"), [name], [part])


def shown(letter: Letter, language: str = "en") -> str:
    """Return the letter as the typesetter drew it, as SVG: glyphs are drawn, and the words stand in it nowhere."""
    return set_letter(
        json.dumps(paper._told(letter, language)), paper.TEMPLATE, format="svg", pdf_standards=[]
    ).decode()


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_in_a_name_is_a_command(name):
    assert paper.pdf(a_letter(isolated(name)), "en").startswith(b"%PDF")


def test_a_hostile_name_is_drawn_letter_by_letter():
    """As many glyphs as the name has: had it been markup, the signs would be gone."""
    plain, markup = shown(a_letter("abcdefgh")), shown(a_letter("*bcd_f_*"))
    assert plain.count("<use") == markup.count("<use")


def test_a_name_keeps_no_mark_that_turns_the_sentence_around_it():
    assert isolated("Ya\u202era\u2066\u061c\n") == "\u2068Yara\u2069"


@pytest.mark.parametrize("name", ["ياسمين", "Yılmaz Şahin", "João Conceição", "Ngũgĩ"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_letters_of_the_countries_languages_are_there(name, language):
    assert paper.pdf(a_letter(name), language).startswith(b"%PDF")


@pytest.mark.parametrize("name", ["አበበ", "漢字", "\U0001f600"])
def test_a_script_without_letters_is_refused_and_no_page_has_holes(name):
    with pytest.raises(Refused) as refused:
        paper.pdf(a_letter(name), "en")
    assert refused.value.message.id == "web-paper-not-set"


def test_setting_that_takes_too_long_is_ended_and_refused(monkeypatch):
    monkeypatch.setattr(paper, "SECONDS", 0.001)
    with pytest.raises(Refused) as refused:
        paper.pdf(a_letter("Yara"), "en")
    assert refused.value.message.id == "web-paper-slow"


def test_the_child_knows_no_setting_and_no_credential(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    started = {}
    real = child.subprocess.Popen
    monkeypatch.setattr(
        child.subprocess, "Popen", lambda *command, **told: (started.update(told), real(*command, **told))[1]
    )
    paper.pdf(a_letter("Yara"), "en")
    assert set(started["env"]) == {"LC_ALL", "RAYON_NUM_THREADS"}
