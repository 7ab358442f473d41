"""Where an installation's cluster lies on disk, and the private files beside it.

`<data-dir>/postgres` is the cluster's home. Where root has put the data directory below a folder that the server's user
may not enter, it is a link to a home under /var/lib/amparo instead: no mode of a folder above is ever changed.
"""

import fcntl
import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from amparo.kernel.errors import Refused
from amparo.project.postgres.accounts import ServerUser, owner, server_user

ELSEWHERE = Path("/var/lib/amparo")
SHORT = Path("/tmp")  # noqa: S108 -- for sockets with long paths, each in a private folder with a drawn name
PORT = 5432
SOCKET = f".s.PGSQL.{PORT}"
LONGEST_SOCKET_PATH = 103 if sys.platform == "darwin" else 107  # bytes, from the kernel's sockaddr_un
PLAIN = re.compile(r"[A-Za-z0-9_./-]+")


@dataclass(frozen=True)
class Place:
    """The home of one cluster: `home` is resolved, so that every way to the same data directory names the same one."""

    home: Path
    user: ServerUser

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def password_file(self) -> Path:
        return self.home / "password"

    @property
    def pid_file(self) -> Path:
        return self.cluster / "postmaster.pid"

    @property
    def socket_folder(self) -> Path:
        return (self.home / "run").resolve()

    @property
    def mark(self) -> str:
        """A name that every process of this cluster, and of no other, carries in its command line."""
        return "amparo-" + sha256(os.fsencode(self.home)).hexdigest()[:16]


def existing_place(data_dir: Path) -> Place | None:
    home = (data_dir / "postgres").resolve()
    return Place(home, owner(home)) if os.path.isdir(home) else None  # False also where we may not look


def make_place(data_dir: Path) -> Place:
    """Return the home of this installation's cluster, made if need be. To be called under `locked`."""
    user = server_user(data_dir)
    link = data_dir / "postgres"
    if not link.is_dir():
        make_home(link, user)
    place = Place(link.resolve(), owner(link.resolve()))
    private_folder(place.log, place.user)
    make_socket_folder(place)
    write_password(place)
    return place


def make_home(link: Path, user: ServerUser) -> None:
    link.unlink(missing_ok=True)  # a link whose target is gone
    if user.may_enter(link.parent):
        return private_folder(link, user)
    try:
        ELSEWHERE.mkdir(mode=0o711, parents=True, exist_ok=True)
    except OSError as error:
        raise Refused("project-database-no-place", folder=str(ELSEWHERE)) from error
    home = ELSEWHERE / f"{link.parent.name}-{secrets.token_hex(6)}"
    private_folder(home, user)
    return link.symlink_to(home)


def private_folder(folder: Path, user: ServerUser) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    user.take(folder)


def make_socket_folder(place: Place) -> None:
    """Make the socket's folder, `run`: a link to a short private folder where its path is too long or not plain.

    A comma in it would be read as two hosts.
    """
    plain = place.home / "run"
    if len(os.fsencode(plain / SOCKET)) <= LONGEST_SOCKET_PATH and PLAIN.fullmatch(str(plain)):
        if plain.is_symlink():
            plain.unlink()
        return private_folder(plain, place.user)
    if plain.is_symlink() and is_private(plain.resolve(), place.user):
        return None
    plain.unlink(missing_ok=True)
    folder = SHORT / f"amparo-{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700)  # refused if anybody was faster, and the name cannot be guessed
    place.user.take(folder)
    return plain.symlink_to(folder)


def is_private(folder: Path, user: ServerUser) -> bool:
    """Another user of this machine may have taken the name in a folder that everybody writes to."""
    return folder.is_dir() and user.owns(folder) and folder.stat().st_mode & 0o077 == 0


def write_password(place: Place) -> None:
    """Draw the superuser's password once; without it an existing cluster cannot be entered."""
    if place.password_file.exists():
        return
    if place.cluster.exists():
        raise Refused("project-database-password-lost", file=str(place.password_file))
    private_file(place.password_file, secrets.token_urlsafe(32), place.user)


def private_file(file: Path, text: str, user: ServerUser) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    fresh = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    user.take(fresh)
    fresh.replace(file)


def remove_place(data_dir: Path, place: Place) -> None:
    if (place.home / "run").is_symlink():
        shutil.rmtree(place.socket_folder, ignore_errors=True)
    shutil.rmtree(place.home)
    if (data_dir / "postgres").is_symlink():
        (data_dir / "postgres").unlink()


@contextmanager
def locked(file: Path, kind: int = fcntl.LOCK_EX) -> Iterator[int]:
    """Hold a lock on a file, which is made if need be; the kernel lets go of it when we die. Yields its descriptor."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        take_lock_file(file)
        fcntl.flock(descriptor, kind)
        yield descriptor
    finally:
        os.close(descriptor)


def take_lock_file(file: Path) -> None:
    """A lock that root makes in another user's folder becomes that user's, who must be able to lock it later."""
    folders = owner(file.parent)
    if os.geteuid() == 0 and folders.uid != 0:
        folders.take(file)
