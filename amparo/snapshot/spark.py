"""A Spark session that may hold a snapshot's rows, and what it computes of them, a batch at a time.

Rows come and go as Arrow batches in memory, as many at once as `BATCH`: the snapshot's key stays in DuckDB, and Spark reads no
file. What Spark puts aside on disks must be encrypted, and what it sends to other machines: a session that would write or
send it in the clear is refused, unless it is said that the disks themselves are encrypted.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING

import pyarrow as pa

from amparo.kernel.errors import Refused

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROWS = "households"  # the name under which a query finds the rows
BATCH = 50_000
ON_THIS_MACHINE = "local"
MEMORY = "3g"  # Spark's own default of 1g is too little to read a long rule in
_ASKED = {
    "spark.io.encryption.enabled": "true",  # with it rows reach Spark through a socket, without it through a file
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
# Spark walks an expression by recursion, and a rule is as deep as it was written. Java's own stack is 1 MB.
_DEEP = dict.fromkeys(("spark.driver.defaultJavaOptions", "spark.executor.defaultJavaOptions"), "-Xss16m")
_BY_ITSELF = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}


def version() -> str:
    """Return the version of PySpark. Raises Refused where it is not installed, or has no Java to run in."""
    try:
        found = version_of("pyspark")
    except PackageNotFoundError:
        raise Refused("snapshot-spark-missing") from None
    java = os.environ.get("JAVA_HOME")
    if shutil.which(f"{java}/bin/java" if java else "java") is None:
        raise Refused("snapshot-spark-without-java")
    return found


def session(master: str, *, memory: str = MEMORY, are_disks_encrypted: bool = False) -> "SparkSession":
    """Return the process's session, started where there is none. Raises Refused where it must not hold the rows.

    All other settings are Spark's own: `spark-defaults.conf` in the folder that SPARK_CONF_DIR names.
    """
    version()
    from pyspark.sql import SparkSession

    asked = (
        _ASKED | _DEEP | {"spark.driver.memory": memory} | (_BY_ITSELF if master.startswith(ON_THIS_MACHINE) else {})
    )
    with _without_what_rows_hold():
        started = SparkSession.builder.master(master).config(map=asked).getOrCreate()
        started.sparkContext.setLogLevel("OFF")  # an error of Spark's may name the value that it met
    expect_private(dict(started.sparkContext.getConf().getAll()), are_disks_encrypted=are_disks_encrypted)
    return started


def expect_private(settings: Mapping[str, str], *, are_disks_encrypted: bool) -> None:
    """Refuse a session that would write rows, or send them to another machine, in the clear."""

    def is_set(name: str) -> bool:
        return settings.get(name, "false").lower() == "true"

    if not (is_set("spark.io.encryption.enabled") or are_disks_encrypted):
        raise Refused("snapshot-spark-not-encrypted")
    is_alone = settings.get("spark.master", "").startswith(ON_THIS_MACHINE)
    is_sealed = is_set("spark.authenticate") and is_set("spark.network.crypto.enabled")
    if not (is_alone or is_sealed or is_set("spark.ssl.rpc.enabled")):
        raise Refused("snapshot-spark-on-the-wire")


def computed(
    spark: "SparkSession", rows: pa.RecordBatchReader, query: str, *, settings: Mapping[str, str]
) -> Iterator[pa.Table]:
    """Yield what the query says of each batch of rows; of no rows at all, one empty table."""
    own = spark.newSession()  # its settings and the name of its rows are nobody else's
    for name, value in settings.items():
        own.conf.set(name, value)
    batch = next(rows, None)
    while True:
        table = pa.Table.from_batches([batch] if batch else [], rows.schema)
        with _without_what_rows_hold():
            own.createDataFrame(table).createOrReplaceTempView(ROWS)
            found = own.sql(query).toArrow()
        yield found
        if (batch := next(rows, None)) is None:
            break
    own.catalog.dropTempView(ROWS)


@contextmanager
def _without_what_rows_hold() -> Iterator[None]:
    """Let no error of Spark's out, whose text may hold what somebody told us; only what kind it was."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except PySparkException as error:
        raise Refused("snapshot-spark-failed", kind=error.getCondition() or type(error).__name__) from None
    except (Py4JError, OSError) as error:
        raise Refused("snapshot-spark-failed", kind=type(error).__name__) from None
