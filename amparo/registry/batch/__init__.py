"""Records a whole batch of observations: staged in tables of their own, then taken over in one transaction.

Whoever delivers computes what is new (`look_up`), fills the staging tables (`staging`), and calls `record_batch`.
"""

from amparo.registry.batch.looking import Asked, knows, look_up, newest_delivery
from amparo.registry.batch.recording import Counts, Said, record_batch
from amparo.registry.batch.staging import Staged, drop_staging, fill, holds, open_staging, reserve_subjects

__all__ = [
    "Asked",
    "Counts",
    "Said",
    "Staged",
    "drop_staging",
    "fill",
    "holds",
    "knows",
    "look_up",
    "newest_delivery",
    "open_staging",
    "record_batch",
    "reserve_subjects",
]
