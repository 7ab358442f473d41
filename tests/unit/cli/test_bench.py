"""Every benchmark runs, small: it must not have rotted on the day somebody wants its figures. Nothing here is timed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

AMPARO = Path(sys.executable).with_name("amparo")


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench") / "data"
    snapshots = folder / "snapshots"

    def measure(name: str, size: int, *more: str, of: str = "--households") -> dict:
        words = [AMPARO, "--data-dir", folder, "bench", name, of, str(size), *more, "--json"]
        ran = subprocess.run(words, capture_output=True, text=True, timeout=600, check=False)
        assert ran.returncode == 0, ran.stderr[-2000:]
        assert not snapshots.exists() or not list(snapshots.iterdir()), "snapshots outlived the database they were of"
        return json.loads(ran.stdout)

    return measure


def test_an_import_is_held_against_a_bare_copy_of_the_same_rows(measured):
    found = measured("import", 100)
    assert found["households"] > 90
    assert found["persons"] > found["households"]
    assert found["ratio"] == pytest.approx(found["baseline_seconds"] / found["seconds"], rel=0.2)
    assert found["bytes_per_person"]["all"] > found["bytes_per_person"]["observations"] > 0


def test_a_determination_gives_the_answers_of_sql_written_by_hand(measured):
    """A difference stops the benchmark, so that it ends at all says that they are the same."""
    found = measured("determination", 100)
    assert found["decisions"] == found["households"] + 2 * found["persons"]


def test_an_invented_country_is_decided_published_and_decided_again_where_it_changed(measured):
    found = measured("country", 1000, "--publish")
    assert found["first"]["decisions"] == found["first"]["changed"] == 10 * found["households"] == 10_000
    assert found["first"]["result_hash"] == found["result_hash"] != found["next"]["result_hash"]
    assert 0 < found["next"]["changed"] < found["next"]["decided_again"] * 10 <= 500


def test_the_engines_are_held_against_each_other(measured):
    found = measured("engines", 1000)
    assert found["rules"] == 2
    assert found["pairs"] >= 1000
    assert found["differ"] == []


def test_sealing_anew_is_held_against_writing_back(measured):
    found = measured("keys", 1000, of="--rows")
    assert found["rows"] == 1000
    assert found["ratio"] == pytest.approx(found["baseline_seconds"] / found["seconds"], rel=0.5)
    assert found["look_ups_during"] > 0


def test_a_search_by_name_finds_what_a_search_over_all_names_finds(measured):
    """One that finds something else stops the benchmark."""
    found = measured("names", 20_000, of="--persons")
    assert (found["persons"], found["searches"]) == (20_000, 100)
    assert 0 < found["district_p50_ms"] <= found["district_p95_ms"]


def test_the_audit_log_is_held_against_a_bare_scan_of_the_same_rows(measured):
    """A log that does not verify stops the benchmark, so that it ends at all says that it does."""
    found = measured("audit", 1000, of="--rows")
    assert (found["rows"], found["seals"]) == (1000, 1)
    assert found["ratio"] > 0
    assert all(value >= 0 for name, value in found.items() if name.startswith("search_"))


def test_machines_are_answered_by_a_server_of_their_own(measured):
    """An answer that is refused, unsigned, of somebody else or not in the log stops the benchmark."""
    found = measured("dci", 100, "--searches", "100")
    assert (found["searches"], found["batches"]) == (100, 4)
    assert found["search_per_second"] > 0
    assert found["batch_ids_per_second"] > 0
    assert 0 < found["search_p50_ms"] <= found["search_p99_ms"]
