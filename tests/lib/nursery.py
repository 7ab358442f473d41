"""Lets many files be read in a child each without starting Python and its libraries anew for each.

Shape   a nursery loads what readers load, once, and forks one for everyone who connects; `placeholder` is a program that
        takes the place of the reader's command: it hands over its standard streams and ends as its reader ended
        one line per reader is written to `measured`: seconds, peak memory in KiB, status
Limits  each reader sets its own, as it does when it is started by itself
"""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_PLACEHOLDER = """
import os, signal, socket, sys
with socket.socket(socket.AF_UNIX) as way:
    way.connect({path!r})
    socket.send_fds(way, [b"x"], [0, 1, 2])
    os.close(0)
    os.close(1)
    status = int(way.recv(16) or b"9")
if os.WIFSIGNALED(status):
    os.kill(os.getpid(), os.WTERMSIG(status))
sys.exit(os.waitstatus_to_exitcode(status))
"""


@dataclass(frozen=True)
class Nursery:
    """A running nursery: the command of a reader in it, and what was measured of those that have ended."""

    command: tuple[str, ...]
    measured: Path

    def ended(self) -> list[tuple[float, int]]:
        """Seconds and peak memory in KiB of every reader that has ended."""
        lines = (each.split() for each in self.measured.read_text().splitlines())
        return [(float(seconds), int(memory)) for seconds, memory, _ in lines]

    def next(self, before: int) -> tuple[float, int]:
        """The same of the one that ends after so many; it is written down a moment after its last words."""
        deadline = time.monotonic() + 60
        while len(self.ended()) <= before:
            assert time.monotonic() < deadline, "a reader does not end"
            time.sleep(0.005)
        return self.ended()[before]


@contextmanager
def nursery(folder: Path, environment: dict[str, str]) -> Iterator[Nursery]:
    path, measured = str(folder / "nursery"), folder / "measured"
    measured.touch()
    command = [sys.executable, "-I", __file__, path, str(measured)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as running:
        try:
            assert running.stdout is not None
            assert running.stdout.readline() == b"ready\n"
            yield Nursery((sys.executable, "-I", "-S", "-c", _PLACEHOLDER.format(path=path)), measured)
        finally:
            running.kill()


def _main(path: str, measured: str) -> None:
    from amparo.intake.files import columnar, delimited, kinds, reading, sniffing, workbook  # noqa: F401 (loaded for all)

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        print("ready", flush=True)
        while True:
            way, _ = listener.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _watch(way, measured)
                os._exit(0)
            way.close()


def _watch(way: socket.socket, measured: str) -> None:
    """Fork the reader, and end it when whoever waits for it is gone."""
    _, streams, _, _ = socket.recv_fds(way, 1, 3)
    began, reader = time.monotonic(), os.fork()
    if reader == 0:
        _read(streams)
    for each in streams:
        os.close(each)
    ended = os.pidfd_open(reader)
    if way in select.select([way, ended], [], [])[0]:
        os.kill(reader, signal.SIGKILL)
    _, status, used = os.wait4(reader, 0)
    with open(measured, "a") as file:
        file.write(f"{time.monotonic() - began:.3f} {used.ru_maxrss} {status}\n")
    with suppress(BrokenPipeError):  # nobody waits for a reader that said its last word
        way.send(str(status).encode())


def _read(streams: list[int]) -> None:
    from amparo.intake.files import reading

    for number, each in enumerate(streams):
        os.dup2(each, number)
    sys.stdin, sys.stdout = open(0), open(1, "w")  # noqa: SIM115 (they end with the process)
    try:
        reading.main()
    except BaseException:  # as Python itself ends a program: with a status, whatever it was
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    _main(*sys.argv[1:])
