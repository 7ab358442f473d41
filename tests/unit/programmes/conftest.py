"""Programmes by themselves: what `project` wires to other packages' events is tested where it is wired."""

from collections import defaultdict

import pytest

from amparo.kernel import events


@pytest.fixture(autouse=True)
def _unwired(monkeypatch):
    monkeypatch.setattr(events, "_reactions", defaultdict(list))
