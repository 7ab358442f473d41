"""`amparo keys …`: a key is added, everything sealed anew, the old one let go, and each refusal has its words."""

import json

import pytest
from typer.testing import CliRunner

from amparo.cli.app import app
from amparo.project.sealed import SEALED
from amparo.trust.keys import encryption
from tests.lib.sealed_rows import plant

pytestmark = pytest.mark.usefixtures("fresh_database", "own_keys")


class Opened:
    """An installation that is open already."""

    sealed = SEALED

    def open(self) -> None:
        pass


def amparo(*words: str, status: int = 0) -> list[str]:
    ran = CliRunner().invoke(app, ["keys", *words], obj=Opened())
    assert ran.exit_code == status, (ran.output, ran.exception)
    return ran.stdout.strip().splitlines()


def told(*words: str, status: int = 0) -> dict:
    return json.loads(amparo(*words, "--json", status=status)[-1])


def test_from_one_key_to_the_next():
    plant(20)
    assert told("retire", "1", status=2)["refused"] == "trust-key-in-use"
    assert told("add", "--suite", "chacha20-poly1305") == {"key": 2, "suite": "chacha20-poly1305"}
    found = told("list")
    assert [(each["number"], each["is_sealing"], each["is_blinding"]) for each in found["keys"]] == [
        (1, False, True),
        (2, True, False),
    ]
    assert {"column": "registry_identifier.value", "number": 1, "rows": 20} in found["rows"]
    done = told("rotate", "--at-once", "7", "--rest", "0")
    assert done == {"key": 2, "sealed": {"registry_identifier.value": 20}}
    assert told("retire", "1") == {"key": 1}
    assert told("retire", "1", status=2)["refused"] == "trust-key-unknown"
    lines = amparo("list")
    assert lines[0].startswith("Key 2: seals what is written; chacha20-poly1305; since ")
    assert lines[1:] == ["  registry_identifier.value: 20", "  registry_identifier.spare_index: 20"]


def test_a_rotation_without_the_old_key_is_refused(own_keys):
    plant(3)
    told("add")
    (own_keys / "master.key").unlink()
    encryption.forget()
    assert told("rotate", "--rest", "0", status=2)["refused"] == "trust-key-missing"


def test_an_algorithm_that_is_not_there_is_refused_and_no_key_is_made(own_keys):
    assert told("add", "--suite", "rot13", status=2)["refused"] == "cli-keys-suite-unknown"
    assert [each.name for each in own_keys.iterdir()] == ["master.key"]
