"""Start, find and stop the server of an installation.

Every change happens under one file lock, so that two programs that start at once get one server. A server that was
killed leaves children, a pid file and shared memory behind: `clear` ends what is left of it before the next start, and
PostgreSQL then recovers from its log whatever had been committed.
"""

import fcntl
import os
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from amparo.kernel.errors import Refused
from amparo.project.postgres.accounts import server_user
from amparo.project.postgres.address import Address
from amparo.project.postgres.binaries import Binaries, find_binaries
from amparo.project.postgres.configuration import write_settings
from amparo.project.postgres.pids import pids_of
from amparo.project.postgres.place import PORT, SOCKET, Place, existing_place, locked, make_place, remove_place

SUPERUSER = "postgres"
START_SECONDS = 600  # recovery after a crash reads up to max_wal_size of log
STOP_SECONDS = 120
LOCK = "postgres.lock"
USERS = "postgres.users"


def start(data_dir: Path) -> Address:
    """Return the address of the installation's server, started if it does not run. Made folders are private.

    Raises Refused when it cannot be made or started; the reason is then in the log that the refusal names.
    """
    data_dir = data_dir.absolute()
    make_installation_folder(data_dir)
    with locked(data_dir / LOCK):
        launch(data_dir)
        if (data_dir / USERS).exists():  # who starts it by hand also stops it
            os.truncate(data_dir / USERS, 0)
    return address(make_place(data_dir))


def running(data_dir: Path) -> Address | None:
    """Return the address of the installation's server if it runs and accepts connections. Changes nothing."""
    place = existing_place(data_dir.absolute())
    return address(place) if place and is_listening(place) else None


def stop(data_dir: Path) -> None:
    """Stop the installation's server, and whatever a killed one left behind. Open connections are closed."""
    data_dir = data_dir.absolute()
    if existing_place(data_dir):
        with locked(data_dir / LOCK):
            halt(existing_place(data_dir))


def discard(data_dir: Path) -> None:
    """Stop the server and delete its cluster for ever, with everything in it. The data directory itself stays."""
    stop(data_dir)
    if place := existing_place(data_dir.absolute()):
        remove_place(data_dir.absolute(), place)
    for name in (LOCK, USERS):
        (data_dir / name).unlink(missing_ok=True)


@contextmanager
def using(data_dir: Path) -> Iterator[Address]:
    """Have the server run for the length of the block; the last of several programs that use it stops it.

    A server that was running before any of them, by `start`, stays.
    """
    data_dir = data_dir.absolute()
    make_installation_folder(data_dir)
    with locked(data_dir / USERS, fcntl.LOCK_SH) as users:
        keep(data_dir)
        try:
            yield address(make_place(data_dir))
        finally:
            fcntl.flock(users, fcntl.LOCK_UN)
            with suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                stop_if_kept(data_dir)


def keep(data_dir: Path) -> None:
    """Start the server of a `using` block again if it has died. Harmless when it runs."""
    with locked(data_dir / LOCK):
        if launched := launch(data_dir):
            (data_dir / USERS).write_text(str(launched))


def stop_if_kept(data_dir: Path) -> None:
    """Stop the server if it is the one that `using` started, and not one that somebody started by hand since."""
    place = existing_place(data_dir)
    launched = (data_dir / USERS).read_text()
    if place and launched and launched == str(server_pid(place)):
        stop(data_dir)


def make_installation_folder(data_dir: Path) -> None:
    """Root's folder can be passed through (the server runs as another user) but not listed; a user's is private."""
    try:
        data_dir.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    except PermissionError as error:
        raise Refused("project-database-of-another-user", folder=str(data_dir)) from error
    server_user(data_dir)


def launch(data_dir: Path) -> int:
    """Start the server unless it runs already, and return its pid, or 0 if it did run. To be called under the lock."""
    found = existing_place(data_dir)
    if found and is_listening(found):
        return 0
    if found:
        clear(found)
    place = make_place(data_dir)
    binaries = find_binaries(place)
    if not place.cluster.exists():
        create_cluster(place, binaries)
    write_settings(place)
    run_server(place, binaries)
    return server_pid(place)


def address(place: Place) -> Address:
    return Address(
        host=str(place.socket_folder),
        port=PORT,
        user=SUPERUSER,
        password=place.password_file.read_text(),
        database="postgres",
        password_file=place.password_file,
    )


def is_listening(place: Place) -> bool:
    """Whether a server of this cluster is ready. Its socket lies in a folder where nobody else can put one."""
    if not server_pid(place) or "ready" not in written(place):
        return False
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(place.socket_folder / SOCKET))
        except OSError:
            return False
    return True


def server_pid(place: Place) -> int:
    """Return the pid of this cluster's server, or 0: also when the pid file names somebody else's program."""
    first = written(place).split("\n", 1)[0].strip()
    return int(first) if first.isdigit() and int(first) in pids_of(place.mark) else 0


def written(place: Place) -> str:
    """Return what the pid file says; nothing where there is none, be it that a server has just ended."""
    try:
        return place.pid_file.read_text()
    except FileNotFoundError:
        return ""


def clear(place: Place) -> None:
    """Wait for a server that is just starting or stopping; else end what a killed one has left behind."""
    if server_pid(place):
        wait_until(lambda: is_listening(place) or not server_pid(place), START_SECONDS)
        if is_listening(place):
            return
    end_orphans(place)
    # The pid file may hold a number that another program has by now: PostgreSQL would take it for its own server.
    place.pid_file.unlink(missing_ok=True)
    (place.socket_folder / f"{SOCKET}.lock").unlink(missing_ok=True)


def end_orphans(place: Place) -> None:
    """End the children of a server that was killed: most notice at once, one busy with a query may not."""
    for attempt in (None, signal.SIGQUIT, signal.SIGKILL):
        for pid in pids_of(place.mark) if attempt else ():
            with suppress(ProcessLookupError):
                os.kill(pid, attempt)
        if wait_until(lambda: not pids_of(place.mark), 3):
            return
    raise Refused("project-database-not-stopped", seconds=9)


def create_cluster(place: Place, binaries: Binaries) -> None:
    """Make the cluster under another name first: what bears its name is whole."""
    fresh = place.home / "cluster.new"
    shutil.rmtree(fresh, ignore_errors=True)
    # Sorting by code point never changes with the machine's libraries, so that indexes stay right after an upgrade.
    provider = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if binaries.major >= 17 else []
    command = [binaries.folder / "initdb", "-D", fresh.name, "-U", SUPERUSER, "-A", "scram-sha-256", "-E", "UTF8"]
    command += ["--locale=C.UTF-8", *provider, "--data-checksums", f"--pwfile={place.password_file.name}"]
    finished = place.user.run(command, folder=place.home)
    if finished.returncode:
        log = place.log / "initdb.log"
        log.write_text(finished.stdout)
        raise Refused("project-database-not-created", log=str(log))
    fresh.rename(place.cluster)


def run_server(place: Place, binaries: Binaries) -> None:
    """Start the server in a session of its own. Paths are relative to the home: pg_ctl gives them to a shell."""
    (place.log / "start.log").unlink(missing_ok=True)
    command = [binaries.folder / "pg_ctl", "start", "-D", place.cluster.name, "-l", "log/start.log"]
    command += ["-o", f"-c cluster_name={place.mark}", "-w", "-s", "-t", str(START_SECONDS)]
    finished = place.user.run(command, folder=place.home)
    if finished.returncode or not is_listening(place):
        raise Refused("project-database-not-started", log=str(place.log))


def halt(place: Place | None) -> None:
    if place and (pid := server_pid(place)):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)  # "fast": open transactions are undone, the rest is written out
        if not wait_until(lambda: not server_pid(place), STOP_SECONDS):
            raise Refused("project-database-not-stopped", seconds=STOP_SECONDS)
    if place:
        end_orphans(place)


def wait_until(happened: Callable[[], bool], seconds: float) -> bool:
    """Ask again and again, at most so long, and return whether it happened."""
    deadline = time.monotonic() + seconds
    while not (done := happened()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return done
