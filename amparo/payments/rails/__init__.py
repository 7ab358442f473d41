"""How money travels: each kind of rail writes the files of an approved list for who pays. Files that come back are read
in a child process (`returned`)."""

from collections.abc import Callable, Mapping

from amparo.payments.rails import agents, bank_file
from amparo.payments.rails.sending import Sending
from amparo.payments.types import RailKind

# Kind of rail → what writes one file, and how its name ends.
WRITES: Mapping[RailKind, tuple[Callable[[Sending], bytes], str]] = {
    RailKind.BANK_FILE: (bank_file.written, "xml"),
    RailKind.AGENTS: (agents.written, "csv"),
}
