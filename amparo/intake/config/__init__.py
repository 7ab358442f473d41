"""What a profile may say about a delivery: its mapping, from columns of files to fields of the dictionary."""

from amparo.intake.config.checking import CHECKS, KINSHIP, mapping
from amparo.intake.config.types import (
    AreaColumn,
    DateColumn,
    FieldColumn,
    GroupColumn,
    Identifier,
    Mapping,
    Part,
    Relationship,
    Table,
)

__all__ = [
    "CHECKS",
    "KINSHIP",
    "AreaColumn",
    "DateColumn",
    "FieldColumn",
    "GroupColumn",
    "Identifier",
    "Mapping",
    "Part",
    "Relationship",
    "Table",
    "mapping",
]
