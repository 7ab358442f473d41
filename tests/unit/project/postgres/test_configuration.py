"""Settings from the machine's memory."""

import pytest

from amparo.project.postgres.configuration import disk_settings, memory_mb, memory_settings


@pytest.mark.parametrize(
    ("memory", "shared_buffers", "work_mem"),
    [(1024, 128, 4), (8 * 1024, 512, 16), (16 * 1024, 1024, 32), (256 * 1024, 1024, 32)],
)
def test_shared_pages_take_a_sixteenth_of_the_memory_within_limits(memory, shared_buffers, work_mem):
    settings = memory_settings(memory)
    assert (settings["shared_buffers_mb"], settings["work_mem_mb"]) == (shared_buffers, work_mem)


@pytest.mark.parametrize(("free", "log"), [(3_000, 1024), (60_000, 6_000), (2_000_000, 16 * 1024)])
def test_the_log_may_take_a_tenth_of_what_is_free_within_limits(free, log):
    assert disk_settings(free) == {"max_wal_size_mb": log}


def test_this_machine_has_memory():
    assert 256 < memory_mb() < 1 << 24
