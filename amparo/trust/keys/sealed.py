"""How a package says which of its columns hold sealed values; a test finds a column that nobody declared.

Each package lists its own in `sealed.py`; `project` puts them together for whoever seals them anew or counts them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import models


@dataclass(frozen=True)
class BlindIndex:
    """How the rows of a sealed column are found: by `column` or, when the keyring says so, by `spare`.

    `scheme`      the column that names the scheme, each of which has a key of its own
    `normalised`  what of a value is looked up: all ways of writing it give the same
    `forget`      psycopg's SQL that wipes what else was made of the old indexes of rows with these ids, before they are emptied
    """

    column: str
    spare: str
    scheme: str
    normalised: Callable[[str], str]
    forget: str = ""

    def of(self, *, is_spare: bool) -> str:
        return self.spare if is_spare else self.column


@dataclass(frozen=True)
class SealedColumn:
    """A column of sealed values, in a table whose key is `id`.

    `field_class`  which of a master key's keys seals it
    `place`        SQL for what a value is bound to, of the row's columns: as the package says it where it seals
    """

    table: str
    column: str
    field_class: str
    place: str
    id_type: str = "uuid"
    blind: BlindIndex | None = None

    @property
    def key(self) -> str:
        """The column that names each value's master key; made by `gates.seal`."""
        return f"{self.column}_key"

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


def key_of(column: str) -> models.GeneratedField:
    """Return the field for the column that names each value's master key; `gates.seal` makes it."""
    number = models.Func(models.F(column), models.Value(1), function="get_byte")
    return models.GeneratedField(expression=number, output_field=models.SmallIntegerField(), db_persist=True, null=True)
