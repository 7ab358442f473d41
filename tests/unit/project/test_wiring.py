"""After a restore no command opens anybody's record before what was erased is erased again; what helps to get there runs."""

import pytest

from amparo.cli.app import COMMANDS, GROUPS
from amparo.kernel.errors import Refused
from amparo.project import country as installing
from amparo.project.wiring import Wiring
from amparo.trust.keeping import ledger
from amparo.trust.types.charged import charged_with
from tests.lib import country
from tests.lib.erasing import erased, people

# Opens nobody's record: with these an operator looks at what was restored, and puts it right.
RUNS = {
    *("serve", "migrate", "synth", "live", "dpia draft", "account open"),  # `serve` asks by itself
    *("audit seal", "audit verify", "audit breach", "audit export", "audit new-key"),
    *("keys list", "keys add", "keys rotate", "keys retire"),
    *("retention preview", "retention run", "retention certificates", "retention replay"),
    *("run approve", "run list", "profile check"),
    *("programme retract", "message prove", "mock-ministry"),
}
IN_A_DATABASE_OF_ITS_OWN = {"bench", "rule"}


def every_command() -> dict[str, frozenset]:
    """Return what each command is charged with, by its words."""
    grouped = {f"{group} {name}": each for group, named in GROUPS.items() for name, each in named.items()}
    return {
        words: each.permissions
        for words, each in (COMMANDS | grouped).items()
        if words.split()[0] not in IN_A_DATABASE_OF_ITS_OWN
    }


@pytest.fixture
def restored(fresh_database, own_ledger, monkeypatch) -> Wiring:
    """An installation whose ledger has an erasure that its database does not know. It is connected already."""
    (yara,) = people(country.household("n1", {"given_name": "Yara"}))
    (omar,) = people(country.household("n1", {"given_name": "Omar"}))
    erased(yara)
    line = own_ledger.read_text()
    own_ledger.write_text(line + line.replace(str(yara), str(omar)).replace(str(next(ledger.entries()).id), str(omar)))
    monkeypatch.setattr(Wiring, "connect", lambda self: None)
    monkeypatch.setattr(installing, "is_installed", lambda profile: True)
    return Wiring("example", own_ledger.parent)


def is_refused(restored: Wiring, permissions: frozenset) -> bool:
    try:
        with charged_with(*permissions):
            restored.open()
    except Refused as refusal:
        return refusal.message.id == "trust-erasures-not-replayed"
    return False


def test_only_what_opens_nobodys_record_runs_on_a_restored_database(restored):
    found = {words for words, permissions in every_command().items() if not is_refused(restored, permissions)}
    assert found == RUNS


def test_what_nobody_declared_is_refused(restored):
    with pytest.raises(Refused, match="trust-erasures-not-replayed"):
        restored.open()


def test_with_the_right_ledger_every_command_opens(restored, own_ledger):
    own_ledger.write_text(own_ledger.read_text().splitlines(keepends=True)[0])
    assert not [words for words, permissions in every_command().items() if is_refused(restored, permissions)]
