"""DuckDB connections that write and read encrypted Parquet, and reach no other file than the folders they are given.

The key stays in the connection's memory; what DuckDB must put aside on disk is encrypted too.
"""

import base64
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import duckdb

KEY_BYTES = 32
MEMORY_LIMIT = "3GB"
# Nothing is fetched at run time: the one extension needed is in a wheel.
OFFLINE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
SPILL = "spill"
ROW_HASH = "row_hash"
HASHED_BY = f"duckdb {duckdb.__version__}"  # another version may hash otherwise
ENCRYPTED = "{footer_key: 'snapshot'}"


def connect(*folders: Path, key: bytes, memory_limit: str = MEMORY_LIMIT) -> duckdb.DuckDBPyConnection:
    """Return a connection with the snapshot's key loaded, which reaches `folders` only and spills into the last."""
    connection = duckdb.connect(config=OFFLINE | {"allow_unsigned_extensions": "true"})
    connection.load_extension(_extension())
    connection.execute(f"PRAGMA add_parquet_key('snapshot', '{base64.b64encode(key).decode()}')")
    connection.execute("SET temp_file_encryption = true")
    connection.execute("SET memory_limit = ?", [memory_limit])
    connection.execute("SET temp_directory = ?", [str(folders[-1] / SPILL)])
    connection.execute("SET python_enable_replacements = false")
    connection.execute("SET allowed_directories = ?", [[str(each) for each in folders]])
    connection.execute("SET enable_external_access = false")
    return connection


def working_folder(connection: duckdb.DuckDBPyConnection) -> Path:
    """Return the folder that the connection may write to, its last."""
    return Path(connection.execute("SELECT current_setting('temp_directory')").fetchone()[0]).parent


def write(connection: duckdb.DuckDBPyConnection, relation: str, file: Path, *, hashed: bool = False) -> None:
    """Write a table or registered stream to one encrypted Parquet file, in its own order; with a hash of each row if asked."""
    columns = f"*, hash({relation}) AS {ROW_HASH}" if hashed else "*"
    connection.execute(
        f"COPY (SELECT {columns} FROM {relation}) TO '{quoted(file)}' "
        f"(FORMAT parquet, COMPRESSION zstd, ENCRYPTION_CONFIG {ENCRYPTED})"
    )


def read(file: Path) -> str:
    """Return the SQL that stands for the rows of one encrypted Parquet file."""
    return f"read_parquet('{quoted(file)}', encryption_config = {ENCRYPTED})"


def quoted(file: Path) -> str:
    return str(file).replace("'", "''")


@cache
def _extension() -> str:
    """Return the file of the one extension, looked at once: to hold it to its maker's signature takes a tenth of a second."""
    spec = find_spec("duckdb_extension_httpfs")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("duckdb_extension_httpfs")
    file = next((Path(spec.origin).parent / "extensions" / f"v{duckdb.__version__}").glob("*.duckdb_extension"))
    expect_signed(file)
    return str(file)


def expect_signed(extension: Path) -> None:
    """Raises duckdb.Error where an extension is not signed by DuckDB's maker, or was changed since."""
    with duckdb.connect(config=OFFLINE) as signed:
        signed.load_extension(str(extension))
