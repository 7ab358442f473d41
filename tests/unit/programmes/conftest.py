"""Programmes by themselves: what `project` wires to other packages' events is tested where it is wired."""

from collections import defaultdict

import pytest

from amparo.kernel import events


@pytest.fixture(scope="module", autouse=True)
def _unwired():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "_reactions", defaultdict(list))
        yield
