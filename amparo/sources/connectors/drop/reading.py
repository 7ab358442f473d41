"""The child process: reads one file of an institution and writes what it counted and the row it was asked for, as JSON.

Run by itself, as `python -I`, and imports nothing of ours. It is given no settings, no credentials and no network, and is told on its
standard input what to read. A file that is no table in UTF-8 ends it without a word.
"""

import csv
import hashlib
import io
import json
import resource
import sys
from decimal import Decimal
from typing import Any

MEMORY_BYTES = 2 << 30
LONGEST_CELL = 1 << 16


def main() -> None:
    wanted = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_CPU, (wanted["seconds"], wanted["seconds"]))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    csv.field_size_limit(LONGEST_CELL)
    json.dump(told(wanted), sys.stdout)


def told(wanted: dict[str, Any]) -> dict[str, Any]:
    """Return bytes, rows and sums of the file, and the rows with the number that was asked for."""
    with open(wanted["path"], "rb") as file:
        content = file.read()
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
    names = set(rows.fieldnames or ())
    missing = not {wanted["key"], *wanted["columns"], *wanted["totals"]} <= names
    count, sums, found = 0, dict.fromkeys(wanted["totals"], Decimal(0)), []
    for row in rows:
        count += 1
        for column in sums:
            sums[column] += Decimal(row.get(column) or 0)
        if not missing and compared(row[wanted["key"]]) == wanted["number"]:
            found.append([(row[each] or "").strip() for each in wanted["columns"]])
    return {
        "sha256": hashlib.sha256(content).hexdigest(),
        "rows": count,
        "totals": {column: str(each) for column, each in sums.items()},
        "missing": missing,
        "found": found[:2],
    }


def compared(number: str | None) -> str:
    """Return a number as it is compared: letters and digits, in capitals."""
    return "".join(each for each in (number or "") if each.isalnum()).upper()


if __name__ == "__main__":
    main()
