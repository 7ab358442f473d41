"""Where intake keeps personal data, and how somebody's is found in rows that were never taken in.

A row that was set aside is linked to nobody. It is opened and held against what is known of whom to erase: the key of their
record at the same source, an identifier, or a birth date with the names. Rows of people of whom nothing else is known are
found by nobody's request: their schedule takes them.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache, partial
from typing import Any
from uuid import UUID

from django.db import transaction

from amparo.intake import folder
from amparo.intake.config import Part
from amparo.intake.config import mapping as check_mapping
from amparo.intake.quarantining import FIELD_CLASS, place
from amparo.kernel.errors import Refused
from amparo.registry.batch import drop_staging
from amparo.registry.kept import Marks, marks
from amparo.registry.queries import dictionary
from amparo.registry.schemes import normalised_identifier
from amparo.trust.keeping.kept import FoundBy, Holds, Kept, Lapse, Leaves, Reached, Stone
from amparo.trust.keys.encryption import decrypt

_ROLES = ("given_name", "family_name", "birth_date")
_ROWS = 5_000
_LEAST_IN_TEXT = 6  # of a line that could not be read into cells: shorter numbers stand in it by chance

Row = Mapping[str, Any]
IsTheirs = Callable[[Row], bool]


def _set_aside(cursor: Any, reached: Reached, stone: Stone) -> int:
    """Delete the rows that are theirs, and note their batches, whose files' names may be theirs too."""
    words = dictionary(using="bulk")
    roles = {each.role: each.name for each in words.fields if each.grain == "person" and each.role in _ROLES}
    known = marks(cursor, reached, list(roles.values()))

    @cache
    def of_batch(batch: UUID) -> IsTheirs | None:
        cursor.execute("SELECT mapping, mapping_name, source FROM intake_batch WHERE id = %s", [batch])
        mapping, name, source = cursor.fetchone()
        return _reader(json.loads(mapping), name, source, known, roles)

    theirs = [(id, batch) for id, batch, text in _opened(cursor) if _is_theirs(text, of_batch(batch), known)]
    reached["batches"] += {batch for _, batch in theirs}
    cursor.execute("DELETE FROM intake_quarantine WHERE id = ANY(%s)", [[id for id, _ in theirs]])
    return len(theirs)


def _opened(cursor: Any) -> list[tuple[int, UUID, str]]:
    found = []
    with cursor.connection.cursor(name="quarantine") as rows:
        rows.itersize = _ROWS
        rows.execute("SELECT id, batch_id, position, original FROM intake_quarantine")
        for id, batch, position, sealed in rows:
            found.append((id, batch, decrypt(FIELD_CLASS, sealed, place(batch, position)).decode()))
    return found


def _reader(mapping: Row, name: str, source: str, known: Marks, roles: Mapping[str, str]) -> IsTheirs | None:
    """Return what says of a delivered row whether it is theirs; None where its mapping fits the dictionary no more."""
    try:
        checked = check_mapping(dict(mapping), dictionary(using="bulk"), name)
    except Refused:
        return None
    parts = [part for table in checked.tables for part in table.parts]
    return lambda row: any(_says(part, row, source, known, roles) for part in parts)


def _says(part: Part, row: Row, source: str, known: Marks, roles: Mapping[str, str]) -> bool:
    if any((source, grain, _key(columns, row)) in known.keys for grain, columns in _names(part)):
        return True
    if any((each.scheme, _number(row.get(each.column))) in known.identifiers for each in part.identifiers):
        return True
    told = {each.field.name: str(row.get(each.column) or "").strip() for each in part.fields if each.column in row}
    return part.grain == "person" and any(_is_named(told, each, roles) for each in known.names)


def _names(part: Part) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Whom a row names by key: whom it is about, and of an item whose it is."""
    yield part.grain, part.key
    if part.of:
        yield part.of, part.parent


def _key(columns: tuple[str, ...], row: Row) -> str:
    return "/".join(str(row.get(each) or "").strip() for each in columns)


def _number(value: Any) -> str:
    return normalised_identifier(str(value or ""))


def _is_named(told: Row, said: Mapping[str, frozenset[str]], roles: Mapping[str, str]) -> bool:
    """Whether a row has all names that are known of somebody, and no other birth date, however it is written."""
    names = [name for role in ("given_name", "family_name") if (name := roles.get(role)) and said.get(name)]
    if not names or any(told.get(name, "").casefold() not in map(str.casefold, said[name]) for name in names):
        return False
    born = roles.get("birth_date", "")
    days = {"".join(sorted(filter(str.isdigit, each))) for each in said.get(born, ())}
    day = "".join(sorted(filter(str.isdigit, told.get(born, ""))))
    return not day or not days or day in days


def _is_theirs(text: str, is_theirs: IsTheirs | None, known: Marks) -> bool:
    """Whether a row is theirs by its cells; a line without cells by an identifier or all names that stand in it."""
    if text.startswith("{") and is_theirs:
        return is_theirs(json.loads(text))
    plain, lower = normalised_identifier(text), text.casefold()
    if any(len(number) >= _LEAST_IN_TEXT and number in plain for _, number in known.identifiers):
        return True
    return any(
        each and all(any(word.casefold() in lower for word in words) for words in each.values()) for each in known.names
    )


_BROUGHT = """
SELECT id FROM intake_batch WHERE id = ANY(%(batches)s) OR delivery_id IN (
    SELECT delivery_id FROM registry_observation WHERE subject_id = ANY(%(subjects)s)
)
"""


def _file_names(cursor: Any, reached: Reached, stone: Stone) -> int:
    """Let files that brought somebody's rows be called by their number: who names a file may name whom it is about."""
    cursor.execute(_BROUGHT, reached)
    return sum(forget_names(cursor, id) for (id,) in cursor.fetchall())


def forget_names(cursor: Any, batch: UUID) -> int:
    """Put numbers for the names of a batch's files, wherever they stand; return how many there were."""
    cursor.execute("SELECT files, receipt, refusal FROM intake_batch WHERE id = %s", [batch])
    files, receipt, refusal = (json.loads(each) if each else None for each in cursor.fetchone())
    numbers = {name: str(number) for number, name in enumerate(files, 1) if name != str(number)}
    if not numbers:
        return 0
    cursor.execute(
        "UPDATE intake_batch SET files = %s, receipt = %s, refusal = %s WHERE id = %s",
        [*(each and json.dumps(_renamed(each, numbers)) for each in (files, receipt, refusal)), batch],
    )
    cursor.execute("SELECT id, file, reasons FROM intake_quarantine WHERE batch_id = %s", [batch])
    for id, file, reasons in cursor.fetchall():
        said = json.dumps(_renamed(json.loads(reasons), numbers))
        cursor.execute(
            "UPDATE intake_quarantine SET file = %s, reasons = %s WHERE id = %s", [numbers.get(file, file), said, id]
        )
    return len(numbers)


def _renamed(told: Any, names: Mapping[str, str]) -> Any:
    if isinstance(told, dict):
        return {key: _renamed(value, names) for key, value in told.items()}
    if isinstance(told, list):
        return [_renamed(each, names) for each in told]
    return names.get(told, told) if isinstance(told, str) else told


KEPT = (
    Kept(
        "intake_quarantine",
        Holds.ORIGINALS,
        FoundBy.CONTENT,
        Leaves.NOTHING,
        columns=("file", "reasons", "original"),
        erase=_set_aside,
    ),
    Kept(
        "intake_batch",
        Holds.FILES,
        FoundBy.DELIVERY,
        Leaves.BARE_ROW,
        columns=("files", "receipt", "refusal"),
        bare=("mapping_name", "mapping", "source", "purpose", "agreement", "digest", "state", "phase"),
        erase=_file_names,
    ),
    Kept("deliveries", Holds.ORIGINALS, FoundBy.DELIVERY, Leaves.ITS_DAY, is_folder=True),
    Kept("staging.", Holds.ORIGINALS, FoundBy.DELIVERY, Leaves.ITS_DAY, many=True),
)


_SET_ASIDE = """
FROM intake_quarantine q JOIN intake_batch b ON b.id = q.batch_id
WHERE coalesce(b.finished_at, b.received_at)::date < %(until)s
"""
# A file that is called by its number has lost its name.
_NAMED = """
FROM intake_batch b WHERE b.state IN ('done', 'refused') AND coalesce(b.finished_at, b.received_at)::date < %(until)s
AND EXISTS (SELECT FROM jsonb_array_elements_text(b.files) WITH ORDINALITY AS file (name, number) WHERE name <> number::text)
"""


def _take_set_aside(cursor: Any, until: date, at_most: int, stone: Stone) -> int:
    cursor.execute(
        f"DELETE FROM intake_quarantine WHERE id IN (SELECT q.id {_SET_ASIDE} LIMIT %(at_most)s)",
        {"until": until, "at_most": at_most},
    )
    return cursor.rowcount


def _take_names(cursor: Any, until: date, at_most: int, stone: Stone) -> int:
    cursor.execute(f"SELECT b.id {_NAMED} ORDER BY b.id LIMIT %(at_most)s", {"until": until, "at_most": at_most})
    return sum(bool(forget_names(cursor, id)) for (id,) in cursor.fetchall())


# Files and half-done work of a delivery that somebody stopped, and nobody went on with.
_OPEN = "FROM intake_batch b WHERE b.state = 'stopped' AND b.received_at::date < %(until)s"
_CLOSED = """
UPDATE intake_batch SET state = 'refused', refusal = %(refusal)s, finished_at = now()
WHERE id IN (SELECT b.id FROM intake_batch b WHERE b.state = 'stopped' AND b.received_at::date < %(until)s LIMIT %(at_most)s)
RETURNING id
"""


def _close_open(cursor: Any, until: date, at_most: int, stone: Stone) -> int:
    refusal = json.dumps({"id": "intake-left-too-long", "values": {}})
    cursor.execute(_CLOSED, {"until": until, "at_most": at_most, "refusal": refusal})
    ids = [id for (id,) in cursor.fetchall()]
    for id in ids:
        transaction.on_commit(partial(_forget_work, id), using="bulk")
    return len(ids)


def _forget_work(batch: UUID) -> None:
    folder.remove(batch)
    drop_staging(folder.token(batch))


LAPSES = (
    Lapse("open-deliveries", "delivered", due=f"SELECT count(*) {_OPEN}", take=_close_open),
    Lapse("set-aside", "delivered", due=f"SELECT count(*) {_SET_ASIDE}", take=_take_set_aside),
    Lapse("file-names", "delivered", due=f"SELECT count(*) {_NAMED}", leaves=Leaves.BARE_ROW, take=_take_names),
)
