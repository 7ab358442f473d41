"""Which file is which table, and a manifest is held to its word."""

import hashlib
import json
import tomllib

import pytest

from amparo.intake.config import mapping
from amparo.intake.delivered import check_manifest, read_files, read_manifest, tables_of
from amparo.intake.validation.run import open_store
from amparo.kernel.errors import Refused
from tests.unit.intake.delivering import drawn
from tests.unit.intake.drawn import DICTIONARY, TWO_FILES

ROWS = """
    hh | area | rooms | roof
    1  | N1   | 3     | 1
    2  | S1   | 4.5   | iron
"""


def checked(**batch):
    raw = tomllib.loads(TWO_FILES)
    raw["batch"] |= batch
    return mapping(raw, DICTIONARY, "census")


def refused(names) -> str:
    with pytest.raises(Refused) as refusal:
        tables_of(checked(), names)
    return refusal.value.message.id


def test_files_find_their_tables_by_pattern_in_any_case():
    assert tables_of(checked(), ["PERSONS_2026.CSV", "households.csv"]) == [1, 0]


def test_several_files_may_belong_to_one_table():
    assert tables_of(checked(), ["persons-north.csv", "persons-south.csv", "households.csv"]) == [1, 1, 0]


def test_a_file_without_a_table_and_a_table_without_a_file_are_refused():
    assert refused(["households.csv", "persons.csv", "cattle.csv"]) == "intake-file-unmatched"
    assert refused(["households.csv"]) == "intake-file-missing"


def held(folder, manifest: dict | str, **batch) -> None:
    """Read the households' file, and hold it to a manifest."""
    path = folder / "households.csv"
    path.write_bytes(drawn(ROWS))
    text = manifest if isinstance(manifest, str) else json.dumps(manifest)
    (folder / "households.csv.manifest.json").write_text(text)
    persons = folder / "persons.csv"
    persons.write_bytes(b"hh,line,name,sex,born,relation,pension,nid\n")
    (folder / "work").mkdir()
    said = checked(**batch)
    file, _ = read_files(said, [path, persons], [path.name, persons.name], folder / "work")
    check_manifest(open_store(folder / "work"), read_manifest(path), file, said)


SHA = "4c2d2d1fc2f0bb4b4b5c4b6a4ae5ee7d2b1d9b0c8a6d41fe9c8e9d3c2d0f1a2b"


def test_a_manifest_that_tells_the_truth_passes(tmp_path):
    sha256 = hashlib.sha256(drawn(ROWS)).hexdigest().upper()
    held(tmp_path, {"rows": 2, "sha256": sha256, "schema": "1", "totals": {"rooms": "7.5"}}, schema="1")


@pytest.mark.parametrize(
    ("manifest", "what"),
    [
        ({"rows": 3}, "rows"),
        ({"sha256": SHA}, "sha256"),
        ({"schema": "2"}, "schema"),
        ({"totals": {"rooms": "7.4"}}, "rooms"),
        ({"totals": {"roof": "1"}}, "roof"),
    ],
)
def test_a_manifest_that_lies_refuses_the_file(tmp_path, manifest, what):
    with pytest.raises(Refused, match="intake-manifest-differs") as refusal:
        held(tmp_path, manifest, schema="1")
    assert refusal.value.message.values["what"] == what


@pytest.mark.parametrize(
    ("manifest", "id"),
    [
        ("{", "intake-manifest-unreadable"),
        ("[]", "intake-manifest-unreadable"),
        ({"totals": 3}, "intake-manifest-unreadable"),
        ({"totals": {"rooms": "many"}}, "intake-manifest-unreadable"),
        ({"totals": {"rooms": "sNaN"}}, "intake-manifest-unreadable"),
        ({"totals": {"rooms": "Infinity"}}, "intake-manifest-unreadable"),
        ("[" * 60_000, "intake-manifest-unreadable"),
        ('{"schema": "' + r"\ud800" + '"}', "intake-manifest-unreadable"),
        ('{"schema": "' + r"x\u0000" + '"}', "intake-manifest-unreadable"),
        ('{"rows": ' + "9" * 5_000 + "}", "intake-manifest-unreadable"),
        ({"lines": 3}, "intake-manifest-key-unknown"),
        ({"totals": {"cattle": 3}}, "intake-column-missing"),
    ],
)
def test_a_manifest_that_cannot_be_held_to_is_refused(tmp_path, manifest, id):
    with pytest.raises(Refused, match=id):
        held(tmp_path, manifest)


def test_no_manifest_is_no_promise(tmp_path):
    assert read_manifest(tmp_path / "households.csv") is None
