"""The web server as `amparo serve` starts it, on a free port, with what a test wants behind it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from amparo.project import serving

ROOT = Path(__file__).parents[2]
READY_SECONDS = 60


@contextmanager
def web_server(application: str = "amparo.project.wsgi:application", **environment: str) -> Iterator[int]:
    """Yield the port of a server that runs until the block is left."""
    port = free_port()
    command = [sys.executable, "-m", *serving.web_command("127.0.0.1", port)[:-1], application]
    known = os.environ | {"PYTHONPATH": str(ROOT), "AMPARO_DOOR": "web"} | environment
    program = subprocess.Popen(command, env=known, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not _is_open(port):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield port
    finally:
        program.terminate()
        program.wait(20)


def free_port() -> int:
    """Return a port the system picks: two test processes that looked for the first free one would meet on it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
