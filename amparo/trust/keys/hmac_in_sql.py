"""HMAC-SHA256 of a whole column, in DuckDB's SQL: what `hmac.digest` gives for one value after the other.

Shape   an expression over a BLOB that gives the digest in hexadecimal figures
Nulls   of nothing, and where no key is held, null
Source  RFC 2104, section 2: the key, padded to a block of 64 bytes, stands before what is hashed, inside and outside
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_BLOCK_BYTES = 64
_PADS = {"hmac_inner": 0x36, "hmac_outer": 0x5C}


@contextmanager
def holding(db: "duckdb.DuckDBPyConnection", key: bytes) -> Iterator[None]:
    """Hold a key for the statements of one connection. It stands in none of them, nor in a file that they write."""
    if len(key) > _BLOCK_BYTES:
        raise ValueError(f"a key has at most {_BLOCK_BYTES} bytes, not {len(key)}")
    try:
        for variable, pad in _PADS.items():
            db.execute(f"SET VARIABLE {variable} = ?", [bytes(each ^ pad for each in key.ljust(_BLOCK_BYTES, b"\0"))])
        yield
    finally:
        for variable in _PADS:
            db.execute(f"RESET VARIABLE {variable}")


def hmac_sha256(message: str) -> str:
    """Return the SQL of a message's digest with the key that is held."""
    inner = f"unhex(sha256(getvariable('hmac_inner') || {message}))"
    return f"sha256(getvariable('hmac_outer') || {inner})"
