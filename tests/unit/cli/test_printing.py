"""What a command says, and where."""

import json
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
import typer

from amparo.cli.printing import as_json_text, language, refusing, result, tell_refusal
from amparo.kernel.errors import Refused


def test_a_refusal_says_what_why_and_what_to_do_on_standard_error(capsys):
    tell_refusal(Refused("project-port-taken", host="127.0.0.1", port="80"))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[0] == "Another program uses port 80 of 127.0.0.1, or it cannot be opened."
    assert [line.split(":")[0] for line in err.splitlines()[1:]] == ["  Why it matters", "  What to do"]


def test_a_refusal_as_json_is_one_object_on_standard_output(capsys):
    tell_refusal(Refused("project-port-taken", host="127.0.0.1", port="80"), as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["refused"] == "project-port-taken"
    assert len(told["words"]) == 3


def test_a_refused_command_ends_with_status_2():
    @refusing
    def command(as_json: bool = False) -> None:
        raise Refused("project-not-migrated")

    with pytest.raises(typer.Exit) as ending:
        command(as_json=True)
    assert ending.value.exit_code == 2


def test_values_that_are_not_of_json_are_written_exactly():
    values = {"day": date(2026, 3, 1), "amount": Decimal("1250.50"), "id": UUID(int=7), "share": 0.5, "none": None}
    assert json.loads(as_json_text(values)) == {
        "day": "2026-03-01",
        "amount": "1250.50",
        "id": "00000000-0000-0000-0000-000000000007",
        "share": 0.5,
        "none": None,
    }


def test_a_result_is_a_sentence_or_an_object(capsys):
    result({"address": "http://localhost:8000/"}, as_json=False, sentence="cli-serve-ready")
    result({"address": "http://localhost:8000/"}, as_json=True, sentence="cli-serve-ready")
    sentence, json_line = capsys.readouterr().out.splitlines()
    assert sentence == "Amparo is ready at http://localhost:8000/"
    assert json.loads(json_line) == {"address": "http://localhost:8000/"}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "ar_EG.UTF-8"}, "ar"),
        ({"LANG": "xx_XX"}, "en"),
        ({"LANG": "en_GB.UTF-8", "AMPARO_LANGUAGE": "ar"}, "ar"),
        ({"LANG": "../../etc"}, "en"),
    ],
)
def test_the_terminals_language_is_used_where_there_are_words_for_it(monkeypatch, environment, expected):
    for name in ("AMPARO_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language() == expected
