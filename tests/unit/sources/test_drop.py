"""Signed files of an institution without a web service: believed whole, with the rows and sums that were signed, or not at all (VIR-7)."""

import base64
import hashlib
import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings as installation

from amparo.sources.connectors.drop.asking import ask
from amparo.sources.connectors.drop.settings import wrong_with
from amparo.sources.types import Attribute, Caching, Question, Reason

HECTARES = Attribute("land", "hectares", Caching.NONE)
ROWS = "citizen,hectares\n1-0,2.5\n20,\n30,1\n30,2\n"


class Institution:
    """Signs files and puts them into its folder."""

    def __init__(self, folder) -> None:
        self.key, self.folder = Ed25519PrivateKey.generate(), folder / "land"
        self.folder.mkdir()
        public = base64.urlsafe_b64encode(self.key.public_key().public_bytes_raw()).decode().rstrip("=")
        self.settings = {"folder": "land", "public_key": public, "key": "citizen"}

    def puts(
        self, rows: str = ROWS, *, name: str = "a", signed_by=None, after=None, counted: int = 4, **changes
    ) -> None:
        """Put a file; `changes`: what the manifest says otherwise; `after`: what happened to the file once it was signed."""
        content = rows.encode()
        manifest = {
            "as_of": "2026-11-01",
            "file": f"{name}.csv",
            "rows": counted,
            "sha256": hashlib.sha256(content).hexdigest(),
            "totals": {"hectares": "5.5"},
        } | changes
        said = json.dumps(manifest).encode()
        signature = base64.b64encode((signed_by or self.key).sign(said))
        (self.folder / f"{name}.csv").write_bytes(after or content)
        (self.folder / f"{name}.json").write_bytes(said)
        (self.folder / f"{name}.sig").write_bytes(signature)

    def asked(self, number: str = "10", **changes):
        return ask({**self.settings, **changes}, Question(number, (HECTARES,), 10.0))


@pytest.fixture
def institution(tmp_path, monkeypatch):
    monkeypatch.setattr(installation, "DROPS", str(tmp_path))
    return Institution(tmp_path)


def test_a_row_is_found_by_its_number_and_the_day_is_the_manifests(institution):
    institution.puts()
    found = institution.asked()
    assert (found.values, found.has_day, found.day) == ({"land": "2.5"}, True, "2026-11-01")
    assert institution.asked("20").values == {"land": None}
    assert institution.asked("99") is Reason.NOBODY
    assert institution.asked("30") is Reason.MALFORMED  # two rows of one number


def test_the_newest_file_counts(institution):
    institution.puts()
    institution.puts(ROWS.replace("2.5", "9"), name="b", as_of="2026-11-15", totals={"hectares": "12"})
    assert institution.asked().values == {"land": "9"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"after": ROWS.replace("2.5", "9.5").encode()}, Reason.MALFORMED),
        ({"counted": 5}, Reason.MALFORMED),
        ({"totals": {"hectares": "5.4"}}, Reason.MALFORMED),
        ({"totals": {"hectares": "a lot"}}, Reason.MALFORMED),
        ({"signed_by": Ed25519PrivateKey.generate()}, Reason.MALFORMED),
        ({"file": "../land/a.csv"}, Reason.MALFORMED),
        ({"rows": ROWS.replace("hectares", "ha")}, Reason.MALFORMED),
        ({"rows": ROWS.replace("hectares", "ha"), "totals": {}}, Reason.DRIFT),
        ({"after": b"\xff\xfe\x00"}, Reason.MALFORMED),
    ],
)
def test_what_is_not_exactly_what_was_signed_says_nothing(institution, changes, reason):
    institution.puts(**changes)
    assert institution.asked() is reason


def test_without_a_folder_or_a_file_it_is_down(institution, monkeypatch):
    assert institution.asked() is Reason.DOWN
    assert institution.asked(folder="sea") is Reason.DOWN
    monkeypatch.setattr(installation, "DROPS", "")
    assert institution.asked() is Reason.DOWN


def test_what_may_be_set_is_checked(institution):
    assert wrong_with(institution.settings, [HECTARES]) == []
    for changes in ({"folder": "../etc"}, {"public_key": "x"}, {"key": ""}, {"path": "x"}):
        assert [key for key, _ in wrong_with({**institution.settings, **changes}, [HECTARES])] == list(changes)
    assert [key for key, _ in wrong_with(institution.settings, [replace(HECTARES, at="")])] == ["at"]
