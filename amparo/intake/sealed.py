"""Which columns of intake are sealed."""

from amparo.intake.quarantining import FIELD_CLASS
from amparo.trust.keys.sealed import SealedColumn

SEALED = (
    SealedColumn(
        table="intake_quarantine",
        column="original",
        field_class=FIELD_CLASS,
        place="'intake_quarantine.original:' || batch_id || ':' || position",
        id_type="bigint",
    ),
)
