"""Settings from the machine's memory."""

import pytest

from amparo.project.postgres.configuration import memory_mb, memory_settings


@pytest.mark.parametrize(
    ("memory", "shared_buffers", "work_mem"),
    [(1024, 128, 4), (8 * 1024, 512, 16), (16 * 1024, 1024, 32), (256 * 1024, 1024, 32)],
)
def test_shared_pages_take_a_sixteenth_of_the_memory_within_limits(memory, shared_buffers, work_mem):
    settings = memory_settings(memory)
    assert (settings["shared_buffers_mb"], settings["work_mem_mb"]) == (shared_buffers, work_mem)


def test_this_machine_has_memory():
    assert 256 < memory_mb() < 1 << 24
