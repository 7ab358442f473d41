"""`amparo message prove`: a kept message is checked by what lies here alone, and the exit status says whether it holds."""

import json
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from amparo.cli.app import app
from amparo.trust.models import KeptMessage
from tests.lib import agreeing, dci
from tests.lib.agreeing import in_force


class Opened:
    """An installation that is open already."""

    def open(self) -> None:
        pass


def prove(*words: str, status: int = 0):
    ran = CliRunner().invoke(app, ["message", "prove", *words], obj=Opened())
    assert ran.exit_code == status, (ran.output, ran.exception)
    return ran


@pytest.fixture(scope="module")
def asked(database):
    """A message that was refused, and kept all the same: nobody was looked for."""
    agreeing.install()
    partner = dci.partner(in_force("proved"), profile="http-signature")
    answer = partner.search(dci.by_number("12345678901"))
    assert answer.status_code == 200, answer.content
    return partner, answer.json()


def kept(**of) -> KeptMessage:
    return KeptMessage.objects.using("bulk").get(**of)


def test_a_message_that_came_is_proved(asked):
    partner, _ = asked
    told = json.loads(prove(str(kept(action="search").id), "--json").stdout)
    assert (told["holds"], told["whole"], told["signed"], told["in_log"]) == (True, True, True, True)
    assert (told["sender"], told["key"], told["profile"]) == (partner.sender, partner.key.kid, "http-signature")
    assert "Signature holds: yes" in prove(str(kept(action="search").id)).stdout


def test_a_message_of_ours_is_proved_when_it_is_brought(asked, tmp_path):
    _, answer = asked
    row = kept(action="on-search")
    assert row.answers_id == kept(action="search").id
    assert "Signature holds: not known" in prove(str(row.id)).stdout
    file = tmp_path / "answer.json"
    file.write_text(json.dumps(answer))
    assert json.loads(prove(str(row.id), "--brought", str(file), "--json").stdout)["signed"] is True
    answer["message"]["correlation_id"] = "another"
    file.write_text(json.dumps(answer))
    assert json.loads(prove(str(row.id), "--brought", str(file), "--json", status=1).stdout)["holds"] is False


def test_what_was_never_kept_is_refused(asked):
    prove(str(uuid4()), status=2)
