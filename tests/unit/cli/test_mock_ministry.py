"""`amparo mock-ministry`: it serves the demo's people until it is asked to stop, and never beside a live installation."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from types import SimpleNamespace

import pytest

from amparo.cli.commands.mock_ministry import expect_trial
from amparo.kernel.errors import Refused

BEGUN = "from amparo.project.main import main; main()"


def test_it_serves_the_people_of_the_demo_until_it_is_asked_to_stop(tmp_path):
    words = ["mock-ministry", "--households", "20", "--seed", "3", "--fault", "tax=stale", "--json"]
    environment = os.environ | {"AMPARO_DATA_DIR": str(tmp_path)}
    started = subprocess.Popen([sys.executable, "-c", BEGUN, *words], env=environment, stdout=subprocess.PIPE)
    try:
        said = json.loads(started.stdout.readline())
        request = urllib.request.Request(said["address"], headers={"Authorization": f"Bearer {said['token']}"})
        listed = json.load(urllib.request.urlopen(request, timeout=10))
        assert [each["institution"] for each in listed["institutions"]] == said["institutions"]
        assert said["address"].startswith("http://127.0.0.1:")
        assert said["faults"] == ["tax=stale"]
        assert (tmp_path / "synth" / "20-3" / "persons.csv").exists()
        assert not (tmp_path / "keys" / "database.json").exists()  # no installation is begun for it
    finally:
        started.send_signal(signal.SIGTERM)
        assert started.wait(20) == 0


def test_beside_a_live_installation_it_is_refused():
    opened = []
    beside = {"is_begun": True, "open": lambda: opened.append(True)}
    expect_trial(SimpleNamespace(is_demo=False, **beside | {"is_begun": False}))
    expect_trial(SimpleNamespace(is_demo=True, **beside))
    assert opened == []
    expect_trial(SimpleNamespace(is_demo=False, is_trial=True, **beside))
    with pytest.raises(Refused) as refusal:
        expect_trial(SimpleNamespace(is_demo=False, is_trial=False, **beside))
    assert refusal.value.message.id == "cli-mock-ministry-live"
