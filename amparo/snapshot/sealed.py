"""Which columns of snapshots are sealed: the key of each one's files. The files themselves need no other key."""

from amparo.snapshot.queries import KEY_CLASS
from amparo.trust.keys.sealed import SealedColumn

SEALED = (
    SealedColumn(
        "snapshot_snapshot", "wrapped_key", field_class=KEY_CLASS, place="'snapshot_snapshot.wrapped_key:' || id"
    ),
)
