"""The child process: reads one file within limits, and says on standard output how far it is.

Run as `python -I -m amparo.intake.files.reading`, told on standard input what is wanted. It is given no settings and
no credentials, and it opens no connection.
"""

import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from amparo.intake.files import limits
from amparo.intake.files.wanted import Read, Wanted
from amparo.kernel.errors import Refused

_EVERY_ROWS = 50_000


def main() -> None:
    # Arrow would load it, if it is there, to ask whether a column is one of its own: most of the time of a small file.
    sys.meta_path.insert(0, SimpleNamespace(find_spec=_refuse_pandas))
    told = json.loads(sys.stdin.read())
    _limit(int(told["cpu_seconds"]))
    wanted = Wanted(
        **{key: tuple(value) if isinstance(value, list) else value for key, value in told["wanted"].items()}
    )
    try:
        _say(read=read(wanted, _progress()).as_json())
    except Refused as refused:
        _say(refused=refused.message.id, values=dict(refused.message.values))
    except MemoryError:
        _say(refused="intake-reader-memory", values={"file": wanted.name})


def _refuse_pandas(name: str, *_: object) -> None:
    if name == "pandas":
        raise ModuleNotFoundError(name=name)


def read(wanted: Wanted, progress: Callable[[int], None]) -> Read:
    """Read a file of any format into Parquet at `wanted.into`."""
    # Late: a hostile file is met only within limits, and its own parser is all that is loaded.
    from amparo.intake.files import kinds, sniffing

    path = Path(wanted.path)
    format = kinds.format_of(path, wanted.name)
    sha256 = sniffing.digest(path)
    if format == "xlsx":
        from amparo.intake.files import workbook as reader
    elif format == "parquet":
        from amparo.intake.files import columnar as reader
    else:
        from amparo.intake.files import delimited as reader
    return reader.read(wanted, sha256, progress)


def _limit(seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.MEMORY_BYTES, limits.MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))  # told apart from a kill
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.OUTPUT_BYTES, limits.OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def _progress() -> Callable[[int], None]:
    said = 0

    def tell(rows: int) -> None:
        nonlocal said
        if rows - said >= _EVERY_ROWS:
            said = rows
            _say(rows=rows)

    return tell


def _say(**line: Any) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
