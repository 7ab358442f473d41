"""Rows that a system's machine sends as JSON: the members of each are the columns of its file, and become the same text.

Shape   JSON's own values in; rows of text columns with `__line`, as the reader of files leaves them, out
Units   the place of a row is its line, from 1; a number is written as it came
Nulls   a member that is left out, or null, is not told
Errors  Refused for what is no list of plain rows, names a column that nobody named, is empty, or too many
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from amparo.kernel.errors import Refused
from amparo.programmes.feeds.mapping import FeedConfig

MOST = 50_000
Row = dict[str, str | None]


def checked(feed: FeedConfig, sent: Any) -> list[Row]:
    """Return the rows of one record or a list of them. Nothing of what was sent is in a refusal but names of columns."""
    rows = [sent] if isinstance(sent, dict) else sent
    if not isinstance(rows, list):
        raise Refused("programmes-feed-row-form", line=1)
    if not rows:
        raise Refused("programmes-feed-rows-missing", feed=feed.code)
    if len(rows) > MOST:
        raise Refused("programmes-feed-rows-many", most=MOST)
    columns = tuple(dict.fromkeys(feed.columns.values()))
    return [_row(feed, columns, line, each) for line, each in enumerate(rows, 1)]


def _row(feed: FeedConfig, columns: Sequence[str], line: int, sent: Any) -> Row:
    if not isinstance(sent, dict) or any(isinstance(each, list | dict) for each in sent.values()):
        raise Refused("programmes-feed-row-form", line=line)
    if not feed.ignore_rest and not sent.keys() <= set(columns):
        raise Refused("programmes-feed-member-unknown", line=line, known=sorted(columns))
    return {name: _text(sent.get(name)) for name in columns}


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def write(rows: Sequence[Mapping[str, str | None]], into: Path) -> None:
    """Write the rows as the reader of files does: Parquet of text columns with `__line`."""
    columns = {name: pa.array([each[name] for each in rows], pa.string()) for name in rows[0]}
    parquet.write_table(pa.table({"__line": pa.array(range(1, len(rows) + 1), pa.int64()), **columns}), into)
