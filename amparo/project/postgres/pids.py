"""Which running programs belong to one cluster. A number in a pid file proves nothing: numbers are given out again."""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")


def command_lines() -> Iterator[tuple[int, str]]:
    """Yield pid and command line of every program; one that has died but was not collected has an empty line."""
    if not (PROC / "self" / "cmdline").exists():  # macOS
        listed = subprocess.run(["ps", "-axww", "-o", "pid=,command="], capture_output=True, text=True, check=True)
        for line in listed.stdout.splitlines():
            pid, _, command = line.strip().partition(" ")
            yield int(pid), command
        return
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            with suppress(OSError):  # it ended meanwhile
                yield int(folder.name), (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


def pids_of(mark: str) -> set[int]:
    """Return the pids of a cluster's server and its children, also of children whose server has died."""
    return {pid for pid, command in command_lines() if mark in command and is_postgres(command)}


def is_postgres(command: str) -> bool:
    """A server is `/folder/postgres -D …`, its children call themselves `postgres: <cluster name>: …`."""
    return command.startswith("postgres: ") or Path(command.split(" -D ")[0].strip()).name == "postgres"
