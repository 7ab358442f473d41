"""The programs of a running installation: the web server, the worker that does what pages put off, and the sealer.

They live together: whatever dies is started again, the database too; on SIGTERM or Ctrl-C all are stopped.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain

from amparo.kernel.errors import Refused
from amparo.project.patience import PLACES, READERS, SEATS
from amparo.trust.modes import queues

FIRST_PORT = 8000
READY_SECONDS = 120
STOP_SECONDS = 20
WATCH_SECONDS = 2
RESTARTS_A_MINUTE = 3
HEADER_BYTES = 1 << 16
THREADS = PLACES + SEATS + READERS
MOST_PYTHONS = 4


@dataclass
class Program:
    """One program that runs as long as we do. `starts` are the instants, on the monotonic clock, when it was started."""

    name: str
    module: list[str]
    door: str
    starts: list[float] = field(default_factory=list)
    running: subprocess.Popen | None = None

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C reaches us alone, and we end it."""
        environment = os.environ | {"AMPARO_DOOR": self.door, "DJANGO_SETTINGS_MODULE": "amparo.project.settings"}
        command = [sys.executable, "-m", *self.module]
        self.starts.append(time.monotonic())
        self.running = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr, start_new_session=True
        )

    def start_if_ended(self) -> None:
        """Start it again if it ended by itself. Raises Refused when that happens too often."""
        if self.running.poll() is None:
            return
        if sum(each > time.monotonic() - 60 for each in self.starts) > RESTARTS_A_MINUTE:
            raise Refused("project-program-ended", name=self.name, status=str(self.running.returncode))
        self.start()


def serve(*, host: str, port: int | None, ready: Callable[[str], None], keep_database: Callable[[], None]) -> None:
    """Serve until asked to stop. Raises Refused when the port is taken, or one of the programs ends again and again."""
    port = port_to_use(host, port)
    workers = [Program("worker", worker_command(), "operator"), Program("sealer", SEALER, "operator")]
    programs = [Program("web", web_command(host, port), "web"), *workers]
    with stop_signals() as stopping:
        try:
            for program in programs:
                program.start()
            if wait_until_ready(host, port, programs, stopping):
                ready(f"http://{'localhost' if host == '127.0.0.1' else host}:{port}/")
            watch(programs, stopping, keep_database)
        finally:
            end([program.running for program in programs if program.running])


def port_to_use(host: str, wanted: int | None) -> int:
    """Return the wanted port, or else the first free one from 8000 on. Raises Refused when it is taken."""
    for port in [wanted] if wanted else chain(range(FIRST_PORT, FIRST_PORT + 100), [0]):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise Refused("project-port-taken", host=host, port=str(wanted))


def web_command(host: str, port: int) -> list[str]:
    pythons = min(os.cpu_count() or 1, MOST_PYTHONS)
    command = ["granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--workers", str(pythons)]
    command += ["--blocking-threads", str(THREADS), "--no-ws", "--respawn-failed-workers", "--log-level", "error"]
    # One protocol, so that a proxy before us and we agree on where a request ends; headers soon, and not many.
    command += ["--http", "1", "--http1-header-read-timeout", "5000", "--http1-buffer-size", str(HEADER_BYTES)]
    return [*command, "--workers-kill-timeout", "10", "amparo.project.wsgi:application"]


WORKER = ["django", "procrastinate", "worker", "--concurrency", "1", "--shutdown-graceful-timeout", "10"]
WORKER += ["--delete-jobs", "successful"]  # one to seal the audit log comes every few seconds


def worker_command() -> list[str]:
    """Return the worker of this mode. Jobs of a part that is off wait in its queue, and run once it is on again."""
    return [*WORKER, "--queues", ",".join(queues())]


# Seals the audit log however long the worker's job takes.
SEALER = [*WORKER, "--queues", "seal"]


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """Yield an event that SIGTERM or SIGINT sets, within the block only."""
    stopping = threading.Event()
    before = {each: signal.signal(each, lambda *_: stopping.set()) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopping
    finally:
        for number, reaction in before.items():
            signal.signal(number, reaction)


def wait_until_ready(host: str, port: int, programs: list[Program], stopping: threading.Event) -> bool:
    """Return True once a page is served, and False when asked to stop before."""
    deadline = time.monotonic() + READY_SECONDS
    while not stopping.wait(0.1):
        for program in programs:
            program.start_if_ended()
        if answers(host, port):
            return True
        if time.monotonic() > deadline:
            raise Refused("project-server-silent", seconds=READY_SECONDS)
    return False


def answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()


def watch(programs: list[Program], stopping: threading.Event, keep_database: Callable[[], None]) -> None:
    """Start again whatever dies, the database first, until asked to stop."""
    while not stopping.wait(WATCH_SECONDS):
        keep_database()
        for program in programs:
            program.start_if_ended()


def end(programs: list[subprocess.Popen]) -> None:
    """Ask each to finish what it is doing, and insist after a while."""
    for program in programs:
        program.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for program in programs:
        try:
            program.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()
