"""Where master keys come from: files in the key folder, or the environment. Each is 32 bytes, known by a number.

A store for keys (KMS, HSM) that hands keys out becomes one entry more in `SOURCES`; none is built in.
Errors  a source that is not known, a key that is missing or damaged: refused, and never made anew in its stead
"""

import binascii
import os
import re
import secrets
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from amparo.kernel.errors import Refused

KEY_BYTES = 32
MOST = 255  # a sealed value has one byte for the number
FOLDER = "folder"
_FILE = re.compile(r"master(?:-(\d+))?\.key")


@dataclass(frozen=True)
class Source:
    """What a source can do.

    `numbers`  the keys it holds
    `read`     one of them; None where it is not there
    `make`     make one with this number, and leave alone what has it already
    `retire`   put one aside, so that it is no longer read; harmless when repeated
    """

    numbers: Callable[[], set[int]]
    read: Callable[[int], bytes | None]
    make: Callable[[int], None]
    retire: Callable[[int], None]


def source() -> Source:
    """Return the source that the settings name. Raises Refused where there is none of that name."""
    try:
        return SOURCES[settings.KEY_SOURCE]
    except KeyError:
        raise Refused("trust-key-source-unknown", source=settings.KEY_SOURCE, known=sorted(SOURCES)) from None


@cache
def master_key(number: int) -> bytes:
    """Return a master key, read once. Raises Refused where it is missing or damaged."""
    key = source().read(number)
    if key is None or len(key) != KEY_BYTES:
        raise Refused("trust-key-missing", number=number)
    return key


def file_of(number: int) -> str:
    """Return the name of a key's file. The first was there before keys had numbers."""
    return "master.key" if number == 1 else f"master-{number}.key"


def make_first_key(folder: Path) -> None:
    """Make the master key of a new installation, readable by its owner only; not where there ever was one."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not numbers_in(folder) and not numbers_in(folder / "retired"):
        make_file(folder, 1)


def numbers_in(folder: Path) -> set[int]:
    found = (_FILE.fullmatch(each.name) for each in folder.glob("master*.key"))
    return {int(each[1] or 1) for each in found if each}


def make_file(folder: Path, number: int) -> None:
    """Write a key whole or not at all; whoever comes second keeps what the first one wrote."""
    draft = folder / f".{secrets.token_hex(8)}.draft"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(os.urandom(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, folder / file_of(number))
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    _keep(folder)


def _keep(folder: Path) -> None:
    """Have the disk know of the files' names too: a value sealed with a key that a power cut took never opens again."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _folder() -> Path:
    return Path(settings.KEY_FOLDER)


def _read_file(number: int) -> bytes | None:
    path = _folder() / file_of(number)
    return path.read_bytes() if path.is_file() else None


def _retire_file(number: int) -> None:
    """Move the file to the folder `retired`: backups from before need it, whoever runs Amparo decides for how long."""
    held, aside = _folder() / file_of(number), _folder() / "retired"
    if held.is_file():
        aside.mkdir(mode=0o700, exist_ok=True)
        held.rename(aside / held.name)
        _keep(aside)
        _keep(_folder())


def _environment() -> dict[int, bytes]:
    """Return the keys of AMPARO_KEYS, `1:<base64> 2:<base64>`. What cannot be read is said without quoting it."""
    try:
        pairs = [each.split(":") for each in os.environ.get("AMPARO_KEYS", "").split()]
        return {int(number): b64decode(text, validate=True) for number, text in pairs}
    except (ValueError, binascii.Error):
        raise Refused("trust-keys-unreadable") from None


def _not_made_here(number: int) -> None:
    raise Refused("trust-key-not-made-here", number=number)


def _left_to_the_operator(number: int) -> None:
    """The environment is whoever's who starts Amparo: they take the key out."""


SOURCES = {
    FOLDER: Source(
        lambda: numbers_in(_folder()), _read_file, lambda number: make_file(_folder(), number), _retire_file
    ),
    "environment": Source(
        lambda: set(_environment()), lambda number: _environment().get(number), _not_made_here, _left_to_the_operator
    ),
}
