"""Starts the child process that reads a file, follows it, and kills it when it takes too long or is no longer wanted."""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from amparo.intake.files import limits
from amparo.intake.files.wanted import Read, Wanted, is_odd
from amparo.kernel.errors import Refused, Stopped

_COMMAND = (sys.executable, "-I", "-m", "amparo.intake.files.reading")
# Nothing of ours: no database address, no key folder. The last two keep glibc from holding on to what was freed: a
# census of four million persons otherwise ends at the limit of memory, however little of it is used at once.
ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "65536",
}
_LINE_BYTES = 1 << 20
_WORDS = 2_000  # characters of one value
_TICK_SECONDS = 0.5


def read(
    wanted: Wanted,
    *,
    progress: Callable[[int], None] = lambda rows: None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Read:
    """Read one file in a child process; its rows are then at `wanted.into`, ragged ones beside it (`.ragged`).

    Errors  Refused with what is wrong with the file, or that reading took too much time or memory; Stopped
    """
    longer = Path(wanted.path).stat().st_size // limits.BYTES_PER_SECOND
    seconds = limits.SECONDS + longer
    with _start(wanted, limits.CPU_SECONDS + longer) as child:
        try:
            said = _follow(child, seconds, progress, is_stopped, wanted)
        finally:
            child.kill()
    if not said and child.returncode == -signal.SIGXCPU:
        raise Refused("intake-reader-slow", file=wanted.name, seconds=limits.CPU_SECONDS + longer)
    try:
        if str(said.get("refused", "")).startswith("intake-"):
            raise Refused(said["refused"], **_plain(said["values"]), file=wanted.name)
        return Read.from_json(said["read"])
    except (KeyError, TypeError, AttributeError):
        raise Refused("intake-reader-died", file=wanted.name) from None


def _plain(values: dict[str, Any]) -> dict[str, str | int]:
    """What the child says beside a refusal, as it may be shown and stored: numbers, and texts without odd characters.

    A child that was taken over by what it read says what it likes; the file's name is not taken from it.
    """
    kept = {name: each for name, each in values.items() if type(each) is int or type(each) is str}
    return {
        name: each if isinstance(each, int) else "".join("\ufffd" if is_odd(sign) else sign for sign in each[:_WORDS])
        for name, each in kept.items()
        if name.isidentifier() and name != "file"
    }


def _start(wanted: Wanted, cpu_seconds: int) -> subprocess.Popen[bytes]:
    child = subprocess.Popen(
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=ENVIRONMENT,
        cwd=Path(wanted.into).parent,
        start_new_session=True,
    )
    assert child.stdin is not None
    with suppress(BrokenPipeError):  # a child that died at once says nothing, and that is understood
        child.stdin.write(json.dumps({"wanted": wanted.as_json(), "cpu_seconds": cpu_seconds}).encode())
        child.stdin.close()
    return child


def _follow(
    child: subprocess.Popen[bytes],
    seconds: int,
    progress: Callable[[int], None],
    is_stopped: Callable[[], bool],
    wanted: Wanted,
) -> dict[str, Any]:
    """Return the child's last words; {} when it died without any."""
    deadline = time.monotonic() + seconds
    for line in _lines(child):
        if time.monotonic() > deadline:
            raise Refused("intake-reader-slow", file=wanted.name, seconds=seconds)
        if is_stopped():
            raise Stopped("intake-stopped")
        if line and not isinstance(line.get("rows"), int):
            return line
        if line:
            progress(line["rows"])
    return {}


def _lines(child: subprocess.Popen[bytes]):
    """Yield what the child says, and {} twice a second while it says nothing."""
    assert child.stdout is not None
    os.set_blocking(child.stdout.fileno(), False)
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(_TICK_SECONDS):
                yield {}
                continue
            chunk = os.read(child.stdout.fileno(), 1 << 16)
            if not chunk or len(pending) > _LINE_BYTES:
                return
            *whole, pending = (pending + chunk).split(b"\n")
            for line in whole:
                yield _understood(line)


def _understood(line: bytes) -> dict[str, Any]:
    """A line that is not ours ends the conversation like a death would."""
    try:
        said = json.loads(line)
    except ValueError:
        return {"refused": ""}
    return said if isinstance(said, dict) and said else {"refused": ""}
