"""`amparo notice …`: what is sent, what waits and why, and letters on the disk that nobody else reads."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from amparo.cli.app import app
from tests.unit.notices import setting


class Opened:
    """An installation that is open already."""

    def open(self) -> None:
        pass


def amparo(*words: str, status: int = 0) -> dict:
    ran = CliRunner().invoke(app, ["notice", *words, "--json"], obj=Opened())
    assert ran.exit_code == status, (ran.output, ran.exception)
    return json.loads(ran.stdout.strip().splitlines()[0])


@pytest.fixture
def waiting(fresh_database, tmp_path):
    """A home that is written to by letter, and one that would be sent a text where no gateway is set up."""
    folder = tmp_path / "locale"
    folder.mkdir()
    with setting.spoken(folder):
        setting.prepare(folder)
        setting.told(setting.home("n1", told_by="letter"), setting.home("s1"))
        yield


def test_what_waits_is_told_with_its_reason_and_letters_are_printed_once(waiting, tmp_path):
    assert amparo("send") == {"became": {"to-print": 1, "not-configured": 1}}
    told = amparo("list")
    assert told["not_configured"] == ["sms", "email"]
    assert [(each["area"], each["state"], each["reason"], each["sendings"]) for each in told["waiting"]] == [
        ("n1", "to-print", None, 1),
        ("s1", "waiting", "not-configured", 1),
    ]
    printed = amparo("letters", "north", str(tmp_path))
    file = Path(printed["file"])
    assert file.read_bytes().startswith(b"%PDF")
    assert (printed["letters"], file.stat().st_mode & 0o777) == (1, 0o600)
    assert amparo("letters", "north", str(tmp_path), status=2)["refused"] == "notices-no-letters"


def test_where_the_profile_tells_nobody_anything_that_is_said(fresh_database):
    assert amparo("send", status=2)["refused"] == "notices-none-told"
    assert amparo("list")["waiting"] == []


def test_in_words_it_says_what_is_not_set_up_and_nobodys_address(waiting):
    for words in (["send"], ["list"]):
        ran = CliRunner().invoke(app, ["notice", *words], obj=Opened())
        assert ran.exit_code == 0, ran.output
        for kept in ("Mill lane", "1234", "Yara"):
            assert kept not in ran.output
    assert "n1" in ran.output
