"""What of a line that was set aside its reader may read: the columns whose fields they may, and no others.

Shape   a mapping as it was delivered with, and classes of fields in; the names of the columns that may be shown out
Nulls   a column that the mapping does not read has no class, and is not shown
Errors  none: where the dictionary no longer bears the mapping out, no column is shown, since nobody can say what is in it
"""

from collections.abc import Collection, Mapping
from typing import Any

from amparo.intake.config import mapping as checked
from amparo.intake.config.types import Part
from amparo.kernel.errors import Refused
from amparo.registry.dictionary import Dictionary
from amparo.trust.types import FieldClass


def shown_columns(
    raw: Mapping[str, Any], words: Dictionary, classes: Collection[FieldClass]
) -> tuple[frozenset[str], bool]:
    """Return the columns that may be shown, and whether those are all that was delivered."""
    try:
        tables = checked(dict(raw), words).tables
    except Refused:
        return frozenset(), False
    parts = [part for table in tables for part in table.parts]
    read = {column for part in parts for column in part.columns}
    hidden = {column for part in parts for column in _hidden(part, classes)}
    return frozenset(read - hidden), not hidden and not any(each.ignore or each.ignore_rest for each in tables)


def _hidden(part: Part, classes: Collection[FieldClass]) -> set[str]:
    """A column that holds two fields is shown to whoever may read both."""
    fields = {each.column for each in part.fields if each.column and each.field.field_class not in classes}
    if FieldClass.IDENTITY in classes:
        return fields
    return fields | {*part.key, *part.parent, *(each.column for each in part.identifiers)}
