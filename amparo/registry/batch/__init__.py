"""Records a whole batch of observations in one transaction; what may be there already is staged in tables of its own before.

Whoever delivers computes what is new (`look_up`), fills the staging tables (`staging`), and calls `record_batch`.
"""

from amparo.registry.batch.arriving import New
from amparo.registry.batch.looking import Asked, knows, look_up, newest_delivery, plain_names
from amparo.registry.batch.recording import Counts, Said, record_batch
from amparo.registry.batch.staging import Staged, drop_staging, fill, holds, open_staging, reserve_subjects

__all__ = [
    "Asked",
    "Counts",
    "New",
    "Said",
    "Staged",
    "drop_staging",
    "fill",
    "holds",
    "knows",
    "look_up",
    "newest_delivery",
    "open_staging",
    "plain_names",
    "record_batch",
    "reserve_subjects",
]
