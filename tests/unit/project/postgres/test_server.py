"""Starting, finding and stopping the embedded server, with real servers."""

import multiprocessing
import os
import pwd
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest

from amparo.kernel.errors import Refused
from amparo.project.postgres import Address, discard, running, server, start, stop, using
from amparo.project.postgres.pids import command_lines, pids_of
from amparo.project.postgres.place import existing_place
from amparo.project.postgres.server import server_pid, wait_until

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can work as two users")

STARTS = "import sys; from pathlib import Path; from amparo.project.postgres import start; start(Path(sys.argv[1]))"
USES = """
import sys; from pathlib import Path; from amparo.project.postgres import using
with using(Path(sys.argv[1])):
    print("in", flush=True); sys.stdin.read()
"""


def ask(address: Address, query: str, **changes: str):
    with psycopg.connect(address.conninfo(**changes), autocommit=True) as connection:
        cursor = connection.execute(query)
        return cursor.fetchall() if cursor.description else None


def pid(data_dir: Path) -> int:
    return server_pid(existing_place(data_dir))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def is_alive(program: subprocess.Popen) -> bool:
    return program.poll() is None


def kill_server(data_dir: Path) -> None:
    killed = pid(data_dir)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: pid(data_dir) != killed, 5)


def test_a_server_that_starts_answers_and_one_that_stopped_is_gone(data_dir):
    address = start(data_dir)
    assert ask(address, "SELECT 1") == [(1,)]
    assert running(data_dir) == address
    stop(data_dir)
    assert running(data_dir) is None
    assert not pids_of(existing_place(data_dir).mark)


def test_a_server_that_ends_while_it_is_looked_at_is_not_ready(data_dir, monkeypatch):
    """Its pid was still found; the file that says "ready" is gone with it."""
    start(data_dir)
    stop(data_dir)
    monkeypatch.setattr(server, "server_pid", lambda place: os.getpid())
    assert not server.is_listening(existing_place(data_dir))


def test_what_was_saved_is_there_after_a_restart(data_dir):
    ask(start(data_dir), "CREATE TABLE kept AS SELECT 7 AS number")
    stop(data_dir)
    assert ask(start(data_dir), "SELECT number FROM kept") == [(7,)]


def test_starting_twice_gives_the_same_server(data_dir):
    first, number = start(data_dir), pid(data_dir)
    assert start(data_dir) == first
    assert pid(data_dir) == number


def test_nothing_runs_where_nothing_was_started(empty_dir):
    assert running(empty_dir) is None
    stop(empty_dir)
    discard(empty_dir)
    assert not empty_dir.exists()


def test_cluster_socket_and_password_are_private(empty_dir):
    address = start(empty_dir)
    place = existing_place(empty_dir)
    assert {mode(folder) for folder in (place.home, place.cluster, place.log, Path(address.host))} == {0o700}
    assert mode(address.password_file) == 0o600
    assert address.password not in repr(address)


def test_nobody_enters_without_the_password_or_through_the_network(data_dir):
    address = start(data_dir)
    for wrong in ("", "guess"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            ask(address, "SELECT 1", password=wrong)
    assert ask(address, "SHOW listen_addresses") == [("",)]
    assert {method for (method,) in ask(address, "SELECT auth_method FROM pg_hba_file_rules")} == {"scram-sha-256"}


def test_the_cluster_sorts_by_code_point_in_utf8_and_checks_its_pages(empty_dir):
    address = start(empty_dir)
    assert ask(address, "SELECT datcollate, datctype, pg_encoding_to_char(encoding) FROM pg_database LIMIT 1") == [
        ("C.UTF-8", "C.UTF-8", "UTF8")
    ]
    assert ask(address, "SHOW data_checksums") == [("on",)]


def test_programs_that_start_at_once_get_one_server(empty_dir):
    programs = [subprocess.Popen([sys.executable, "-c", STARTS, empty_dir]) for _ in range(4)]
    assert [program.wait() for program in programs] == [0, 0, 0, 0]
    place = existing_place(empty_dir)
    assert len((place.pid_file).read_text().splitlines()) == 8
    servers = [number for number, command in command_lines() if place.mark in command and " -D " in command]
    assert servers == [pid(empty_dir)]


def test_a_killed_server_that_starts_at_once_has_lost_nothing(data_dir):
    address = start(data_dir)
    ask(address, "CREATE TABLE kept (number int)")
    connection = psycopg.connect(address.conninfo())
    connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
    connection.commit()
    connection.execute("INSERT INTO kept VALUES (-1)")  # never committed
    kill_server(data_dir)
    assert ask(start(data_dir), "SELECT count(*), min(number) FROM kept") == [(1000, 1)]
    connection.close()


def test_a_killed_servers_busy_children_are_ended_before_the_next_start(data_dir):
    address = start(data_dir)
    endless = threading.Thread(target=run_until_cut, args=(address, "DO $$ BEGIN LOOP END LOOP; END $$"))
    endless.start()
    assert wait_until(lambda: ask(address, "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'DO%'") == [(1,)], 5)
    kill_server(data_dir)
    assert pids_of(existing_place(data_dir).mark)  # it goes on, without a server
    assert ask(start(data_dir), "SELECT 1") == [(1,)]
    endless.join(5)
    assert not endless.is_alive()


def run_until_cut(address: Address, query: str) -> None:
    with pytest.raises(psycopg.OperationalError):
        ask(address, query)


def test_a_pid_that_another_program_has_by_now_is_no_obstacle_and_that_program_lives_on(data_dir):
    start(data_dir)
    place = existing_place(data_dir)
    number = str(pid(data_dir))
    kill_server(data_dir)
    as_server = {} if os.geteuid() else {"user": place.user.uid, "group": place.user.gid, "extra_groups": []}
    other = subprocess.Popen(["sleep", "600"], cwd="/", **as_server)
    try:
        for file in (place.pid_file, place.socket_folder / ".s.PGSQL.5432.lock"):
            file.write_text(file.read_text().replace(number, str(other.pid), 1))
        assert running(data_dir) is None
        assert ask(start(data_dir), "SELECT 1") == [(1,)]
        stop(data_dir)
        assert is_alive(other)
    finally:
        other.kill()
        other.wait()


def test_stopping_leaves_a_program_alone_whose_pid_stands_in_an_old_pid_file(data_dir):
    start(data_dir)
    place = existing_place(data_dir)
    lines = place.pid_file.read_text().splitlines()
    stop(data_dir)
    other = subprocess.Popen(["sleep", "600"])
    try:
        place.pid_file.write_text("\n".join([str(other.pid), *lines[1:]]))
        stop(data_dir)
        assert is_alive(other)
    finally:
        other.kill()
        other.wait()


def test_a_cluster_that_was_only_half_made_is_made_anew(data_dir):
    start(data_dir)
    place = existing_place(data_dir)
    stop(data_dir)
    place.cluster.rename(place.home / "cluster.new")
    (place.home / "cluster.new" / "PG_VERSION").unlink()
    assert ask(start(data_dir), "SELECT 1") == [(1,)]
    assert not (place.home / "cluster.new").exists()


def test_a_cluster_without_its_password_is_not_overwritten(data_dir):
    start(data_dir)
    stop(data_dir)
    existing_place(data_dir).password_file.rename(data_dir / "kept")
    with pytest.raises(Refused, match="project-database-password-lost"):
        start(data_dir)
    (data_dir / "kept").rename(existing_place(data_dir).password_file)
    assert ask(start(data_dir), "SELECT 1") == [(1,)]


def test_a_server_that_cannot_start_is_a_refusal_that_names_the_log(data_dir):
    start(data_dir)
    stop(data_dir)
    place = existing_place(data_dir)
    (place.home / "local.conf").write_text("shared_buffers = 'a lot'\n")
    with pytest.raises(Refused, match="project-database-not-started") as refusal:
        start(data_dir)
    assert "shared_buffers" in (Path(refusal.value.message.values["log"]) / "start.log").read_text()


def test_settings_in_local_conf_take_precedence(data_dir):
    start(data_dir)
    stop(data_dir)
    (existing_place(data_dir).home / "local.conf").write_text("work_mem = 5MB\n")
    assert ask(start(data_dir), "SHOW work_mem") == [("5MB",)]


def test_what_people_told_us_does_not_reach_the_servers_log(data_dir):
    address = start(data_dir)
    with pytest.raises(psycopg.Error):
        ask(address, "SELECT 'Amina of the north'::date")
    stop(data_dir)
    logs = [file.read_text() for file in existing_place(data_dir).log.iterdir()]
    assert any("ready to accept connections" in text for text in logs)
    assert not any("Amina" in text for text in logs)


def test_two_installations_run_side_by_side(empty_dir):
    first, second = start(empty_dir / "one"), start(empty_dir / "two")
    try:
        ask(first, "CREATE TABLE only_in_one (number int)")
        assert ask(second, "SELECT to_regclass('only_in_one')") == [(None,)]
        stop(empty_dir / "one")
        assert ask(second, "SELECT 1") == [(1,)]
    finally:
        discard(empty_dir / "one")
        discard(empty_dir / "two")


@pytest.mark.parametrize("name", ["long " + "x" * 120, "a,b 'c' \"d\" $HOME `e`", "سجل الأسر"])
def test_any_path_will_do(empty_dir, name):
    place = empty_dir / name
    try:
        address = start(place)
        assert ask(address, "SELECT 1") == [(1,)]
        assert mode(Path(address.host)) == 0o700
        kill_server(place)
        assert start(place).host == address.host
    finally:
        discard(place)
    assert not Path(address.host).exists()


def test_using_stops_the_server_at_the_end(data_dir):
    with using(data_dir) as address:
        assert ask(address, "SELECT 1") == [(1,)]
    assert running(data_dir) is None


def test_using_leaves_a_server_alone_that_was_started_by_hand(data_dir):
    start(data_dir)
    with using(data_dir):
        pass
    assert running(data_dir)


def test_starting_by_hand_within_a_use_keeps_the_server(data_dir):
    with using(data_dir):
        start(data_dir)
    assert running(data_dir)


def test_of_several_programs_that_use_a_server_the_last_one_stops_it(data_dir):
    first, second = (begin_use(data_dir) for _ in range(2))
    first.communicate()
    assert running(data_dir)
    second.communicate()
    assert running(data_dir) is None


def begin_use(data_dir: Path) -> subprocess.Popen:
    program = subprocess.Popen([sys.executable, "-c", USES, data_dir], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert program.stdout.readline() == b"in\n"
    return program


@as_root
def test_the_server_does_not_run_as_root(data_dir):
    start(data_dir)
    assert existing_place(data_dir).cluster.stat().st_uid != 0
    assert Path(f"/proc/{pid(data_dir)}").stat().st_uid != 0


@as_root
def test_below_a_private_folder_of_root_the_cluster_lies_elsewhere_and_no_mode_changes(empty_dir):
    closed = empty_dir / "closed"
    closed.mkdir(parents=True, mode=0o700)
    try:
        assert ask(start(closed / "here"), "SELECT 1") == [(1,)]
        home = existing_place(closed / "here").home
        assert closed not in home.parents
        assert mode(closed) == 0o700
    finally:
        discard(closed / "here")
    assert not home.exists()


def works_alone(data_dir: Path) -> None:
    assert ask(start(data_dir), "SELECT 1") == [(1,)]
    assert data_dir.stat().st_uid == existing_place(data_dir).cluster.stat().st_uid == os.geteuid() != 0
    assert mode(data_dir) == 0o700


def is_refused(data_dir: Path) -> None:
    for attempt in (start, running, stop, discard):
        with pytest.raises(Refused, match="project-database-of-another-user"):
            attempt(data_dir)


def as_ordinary_user(work, data_dir: Path) -> int:
    """Run work in a child that gave root up, and return its exit status."""
    ordinary = pwd.getpwnam("daemon")

    def child() -> None:
        os.setgroups([])
        os.setgid(ordinary.pw_gid)
        os.setuid(ordinary.pw_uid)
        work(data_dir)

    program = multiprocessing.get_context("fork").Process(target=child)
    program.start()
    program.join(60)
    return program.exitcode


@as_root
def test_an_ordinary_user_has_a_server_of_their_own_and_root_uses_it_as_that_user(empty_dir):
    own = empty_dir / "own"
    empty_dir.mkdir(mode=0o711)
    empty_dir.chmod(0o777)
    try:
        assert as_ordinary_user(works_alone, own) == 0
        assert ask(start(own), "SELECT 1") == [(1,)]
        kill_server(own)
        assert ask(start(own), "SELECT 1") == [(1,)]
        stop(own)
        assert as_ordinary_user(works_alone, own) == 0
    finally:
        discard(own)


@as_root
def test_an_ordinary_user_is_refused_another_users_server(data_dir):
    start(data_dir)
    assert as_ordinary_user(is_refused, data_dir) == 0
