"""The server's settings, computed from this machine's memory and disk and written anew at each start.

Units   megabytes
Source  PostgreSQL's documentation, "Resource Consumption"; sizes leave most of the memory to imports and runs
"""

import os
import shutil
import sys
from pathlib import Path
from string import Template

from amparo.project.postgres.place import PORT, Place, private_file

MEGABYTE = 1 << 20
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
ACCESS = "# Only through the private socket, and only with a password.\nlocal all all scram-sha-256\n"


def write_settings(place: Place) -> None:
    """Write postgresql.conf and pg_hba.conf into the cluster, which must not be running."""
    template = Template(Path(__file__).with_name("postgresql.conf").read_text())
    free = shutil.disk_usage(place.home).free // MEGABYTE
    values = {"socket_folder": place.socket_folder, "port": PORT, **memory_settings(memory_mb()), **disk_settings(free)}
    private_file(place.cluster / "postgresql.conf", template.substitute(values), place.user)
    private_file(place.cluster / "pg_hba.conf", ACCESS, place.user)


def memory_mb() -> int:
    """Return the memory that this machine, or the container around us, has in all."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEGABYTE
    limit = CGROUP_LIMIT.read_text().strip() if CGROUP_LIMIT.exists() else "max"
    return min(machine, int(limit) // MEGABYTE) if limit.isdigit() else machine


def memory_settings(memory: int) -> dict[str, object]:
    """Return the settings that depend on memory in megabytes."""
    return {
        "shared_buffers_mb": min(max(memory // 16, 128), 1024),
        "effective_cache_size_mb": max(memory // 2, 256),
        "work_mem_mb": min(max(memory // 512, 4), 32),
        "maintenance_work_mem_mb": min(max(memory // 32, 64), 512),
        "dynamic_shared_memory_type": "posix" if shared_memory_mb() >= 512 else "mmap",
    }


def disk_settings(free: int) -> dict[str, object]:
    """Return the settings that depend on how many megabytes are free where the cluster lies."""
    return {"max_wal_size_mb": min(max(free // 10, 1024), 16 * 1024)}


def shared_memory_mb() -> int:
    """Return the size of /dev/shm; macOS has no such folder and no such limit."""
    if sys.platform == "darwin":
        return 1 << 20
    try:
        room = os.statvfs("/dev/shm")  # noqa: S108 -- measured, not written to
    except OSError:
        return 0
    return room.f_frsize * room.f_blocks // MEGABYTE
