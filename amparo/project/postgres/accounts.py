"""The operating-system user that the server runs as. PostgreSQL refuses to run as root, so root lends it another."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from amparo.kernel.errors import Refused

UNPRIVILEGED = ("postgres", "_postgres", "nobody")


@dataclass(frozen=True)
class ServerUser:
    uid: int
    gid: int

    def owns(self, path: Path) -> bool:
        return path.lstat().st_uid == self.uid

    def take(self, path: Path) -> None:
        """Make the path this user's own: needed only where root made it."""
        if not self.owns(path):
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def run(self, command: Sequence[str | Path], *, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, in a folder it may enter, with nothing of our own environment but the path."""
        other = {"user": self.uid, "group": self.gid, "extra_groups": []} if self.uid != os.geteuid() else {}
        environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LC_ALL": "C"}
        return subprocess.run(
            [str(part) for part in command],
            cwd=folder,
            env=environment,
            umask=0o077,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            **other,
        )

    def may_enter(self, folder: Path) -> bool:
        """Ask the kernel rather than read modes: access lists and mounts count too."""
        return self.run(["/bin/sh", "-c", 'cd "$1"', "sh", folder], folder=Path("/")).returncode == 0

    def may_run(self, program: Path) -> bool:
        try:
            return self.run([program, "--version"], folder=Path("/")).returncode == 0
        except OSError:
            return False


def owner(home: Path) -> ServerUser:
    """Return who runs the server of an existing home: its owner. Raises Refused when it is closed to us."""
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        raise Refused("project-database-of-another-user", folder=str(home))
    found = home.stat()
    return ServerUser(found.st_uid, found.st_gid)


def server_user(data_dir: Path) -> ServerUser:
    """Return who will run the server of a new home: ourselves; or, for root, the folder's owner or an unprivileged user.

    Raises Refused when the folder is closed to us, and when this machine has no unprivileged user.
    """
    found = owner(data_dir)
    if os.geteuid() != 0:
        return ServerUser(os.geteuid(), os.getegid())
    return found if found.uid != 0 and has_name(found.uid) else unprivileged_user()


def has_name(uid: int) -> bool:
    """PostgreSQL makes a cluster only for a user with a name; an owner from outside a container has none."""
    try:
        return bool(pwd.getpwuid(uid))
    except KeyError:
        return False


def unprivileged_user() -> ServerUser:
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(entry.pw_uid, entry.pw_gid)
    raise Refused("project-database-no-user", names=", ".join(UNPRIVILEGED))
