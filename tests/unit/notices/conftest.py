"""A gateway for texts and a mail server on this machine, which the installation is told of."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.lib import gateways
from tests.lib.gateways import Gateway, Post


@pytest.fixture
def words(fresh_database, tmp_path) -> Iterator[Path]:
    """A country that tells its people, with words of this test's own."""
    from tests.unit.notices import setting  # models, which wait for Django to be set up

    folder = tmp_path / "locale"
    folder.mkdir()
    with setting.spoken(folder):
        setting.prepare(folder)
        yield folder


@pytest.fixture
def configured(own_keys, monkeypatch) -> dict:
    """The installation's settings for gateways, and their secrets in the key folder."""
    (own_keys / "sms.secret").write_text("s3cret-of-the-gateway\n")
    given = {
        "sms": {"address": ""},
        "email": {"host": "", "port": 587, "user": "", "sender": "office@amparo.example", "authority": ""},
    }
    monkeypatch.setattr(settings, "NOTICES", given)
    monkeypatch.setattr(settings, "CALLS", {"places": [], "inside": [gateways.HERE]})
    return given


@pytest.fixture
def gateway(configured) -> Iterator[Gateway]:
    found = Gateway()
    configured["sms"]["address"] = found.address
    with gateways.serving(found):
        yield found


@pytest.fixture
def post(configured, tmp_path) -> Iterator[Post]:
    file = gateways.certificate(tmp_path)
    found = Post(file)
    configured["email"] |= {"host": gateways.HERE, "port": found.port, "authority": str(file)}
    with gateways.serving(found):
        yield found
