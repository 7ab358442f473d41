"""Refuses to serve with settings that would leave people's records open, each by its name."""

import stat
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from amparo.kernel.errors import Refused

SECRET_LENGTH, SECRET_LETTERS = 40, 12


def expect_strong(settings: Any, *, host: str) -> None:
    """Raise Refused for the first thing that is weak. `host` is where the pages are to be served."""
    for weakness in weaknesses(settings, host=host):
        raise weakness


def weaknesses(settings: Any, *, host: str) -> Iterator[Refused]:
    """Yield what is weak: of the process itself, of its secrets, and of how people come to it."""
    if settings.DEBUG:
        yield Refused("project-weak-debug")
    if len(settings.SECRET_KEY) < SECRET_LENGTH or len(set(settings.SECRET_KEY)) < SECRET_LETTERS:
        yield Refused("project-weak-secret", least=SECRET_LENGTH)
    for path in open_to_others(Path(settings.KEY_FOLDER)):
        yield Refused("project-weak-folder", path=str(path))
    if any(not each or "*" in each or each.startswith(".") for each in settings.ALLOWED_HOSTS):
        yield Refused("project-weak-hosts")
    if not settings.HTTPS and not settings.DEMO and not is_this_machine(host):
        yield Refused("project-weak-transport", host=host)
    if settings.HTTPS and not all(each.startswith("https://") for each in settings.CSRF_TRUSTED_ORIGINS):
        yield Refused("project-weak-origins")
    issuer = settings.OIDC["issuer"]
    if issuer and not issuer.startswith("https://") and not is_this_machine(issuer.partition("://")[2]):
        yield Refused("project-weak-provider")


def open_to_others(folder: Path) -> list[Path]:
    """Return the folder of keys, and the files in it, that anybody but their owner may read or write."""
    inside = sorted(folder.iterdir()) if folder.is_dir() else []
    return [each for each in [folder, *inside] if each.exists() and each.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]


def is_this_machine(host: str) -> bool:
    """Whether an address, with or without port and path, leads to this machine alone."""
    name = host.partition("/")[0]
    name = (
        name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0] if name.count(":") < 2 else name
    )
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
