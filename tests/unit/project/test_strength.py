"""An installation with weak settings is not served, and each weakness is named."""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from amparo.kernel.errors import Refused
from amparo.project.strength import expect_strong, is_this_machine, weaknesses
from amparo.trust.log.signing_key import make_signing_key


@dataclass(frozen=True)
class Settings:
    """What is asked of settings, strong unless a test says otherwise."""

    KEY_FOLDER: Path
    DEBUG: bool = False
    SECRET_KEY: str = "0123456789abcdefghijklmnopqrstuvwxyz0123456789"
    ALLOWED_HOSTS: tuple[str, ...] = ("amparo.example",)
    HTTPS: bool = True
    DEMO: bool = False
    CSRF_TRUSTED_ORIGINS: tuple[str, ...] = ("https://amparo.example",)
    OIDC: dict[str, str] = field(default_factory=lambda: {"issuer": "https://id.example"})


@pytest.fixture
def strong(tmp_path) -> Settings:
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    (folder / "django.key").touch(mode=0o600)
    return Settings(folder)


def found(settings: Settings, host: str = "0.0.0.0") -> list[str]:
    return [each.message.id.removeprefix("project-weak-") for each in weaknesses(settings, host=host)]


def test_strong_settings_are_served(strong):
    assert found(strong) == []
    expect_strong(strong, host="0.0.0.0")


@pytest.mark.parametrize(
    ("changed", "weak"),
    [
        ({"DEBUG": True}, "debug"),
        ({"SECRET_KEY": "short"}, "secret"),
        ({"SECRET_KEY": "ab" * 40}, "secret"),
        ({"ALLOWED_HOSTS": ("*",)}, "hosts"),
        ({"ALLOWED_HOSTS": ("amparo.example", ".example")}, "hosts"),
        ({"ALLOWED_HOSTS": ("",)}, "hosts"),
        ({"HTTPS": False}, "transport"),
        ({"CSRF_TRUSTED_ORIGINS": ("http://amparo.example",)}, "origins"),
        ({"OIDC": {"issuer": "http://id.example"}}, "provider"),
    ],
)
def test_an_installation_with_weak_settings_does_not_start(strong, changed: dict[str, Any], weak):
    assert found(replace(strong, **changed)) == [weak]
    with pytest.raises(Refused, match=f"project-weak-{weak}"):
        expect_strong(replace(strong, **changed), host="0.0.0.0")


def test_keys_that_the_product_makes_itself_do_not_keep_it_from_starting_again(strong, monkeypatch):
    monkeypatch.setattr(django_settings, "KEY_FOLDER", strong.KEY_FOLDER)
    before = os.umask(0o022)
    try:
        make_signing_key()
    finally:
        os.umask(before)
    assert found(strong) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o777])
def test_a_key_that_others_may_read_is_named(strong, mode):
    (strong.KEY_FOLDER / "django.key").chmod(mode)
    [weak] = weaknesses(strong, host="127.0.0.1")
    assert weak.message.values["path"] == str(strong.KEY_FOLDER / "django.key")


def test_without_tls_this_machine_alone_is_served_and_a_demo_anywhere(strong):
    bare = replace(strong, HTTPS=False)
    assert found(bare, "127.0.0.1") == []
    assert found(bare, "::1") == []
    assert found(replace(bare, DEMO=True)) == []


@pytest.mark.parametrize(
    ("host", "is_so"),
    [
        ("localhost", True),
        ("127.0.0.1:8000/x", True),
        ("[::1]:8000", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("localhost.example", False),
        ("127.0.0.1.example", False),
        ("", False),
    ],
)
def test_this_machine_is_told_from_others(host, is_so):
    assert is_this_machine(host) is is_so
