"""What a Spark session must keep to itself before it may hold a snapshot's rows."""

import pyarrow as pa
import pytest

from amparo.kernel.errors import Refused
from amparo.snapshot import spark
from amparo.snapshot.spark import ROWS, computed, expect_private, session, version

HERE = {"spark.master": "local[2]", "spark.io.encryption.enabled": "true"}
AWAY = HERE | {"spark.master": "spark://somewhere:7077"}
SEALED = {"spark.authenticate": "true", "spark.network.crypto.enabled": "true"}


def test_a_session_that_writes_in_the_clear_is_refused():
    expect_private(HERE, are_disks_encrypted=False)
    for written in ({"spark.master": "local[2]"}, HERE | {"spark.io.encryption.enabled": "false"}):
        with pytest.raises(Refused, match="snapshot-spark-not-encrypted"):
            expect_private(written, are_disks_encrypted=False)
        expect_private(written, are_disks_encrypted=True)


def test_a_session_that_sends_in_the_clear_is_refused_whatever_its_disks():
    for sent in (AWAY, AWAY | {"spark.authenticate": "true"}, AWAY | {"spark.network.crypto.enabled": "true"}):
        with pytest.raises(Refused, match="snapshot-spark-on-the-wire"):
            expect_private(sent, are_disks_encrypted=True)
    expect_private(AWAY | SEALED, are_disks_encrypted=False)
    expect_private(AWAY | {"spark.ssl.rpc.enabled": "true"}, are_disks_encrypted=False)


def test_without_pyspark_or_java_a_run_is_refused(monkeypatch):
    monkeypatch.setattr(spark, "version_of", lambda name: "4.0.5")
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(Refused, match="snapshot-spark-without-java"):
        version()

    def absent(name: str) -> str:
        raise spark.PackageNotFoundError(name)

    monkeypatch.setattr(spark, "version_of", absent)
    with pytest.raises(Refused, match="snapshot-spark-missing"):
        version()


@pytest.mark.spark
def test_rows_are_computed_batch_by_batch_and_none_at_all_gives_an_empty_table():
    rows = pa.table({"n": pa.array([1, 2, 3], pa.int64())})
    reader = pa.RecordBatchReader.from_batches(rows.schema, rows.to_batches(max_chunksize=2))
    query = f"SELECT n + 1 AS more FROM {ROWS}"
    found = list(computed(session("local[2]"), reader, query, settings={}))
    assert [each.column("more").to_pylist() for each in found] == [[2, 3], [4]]
    empty = pa.RecordBatchReader.from_batches(rows.schema, [])
    found = list(computed(session("local[2]"), empty, query, settings={}))
    assert [(each.num_rows, each.column_names) for each in found] == [(0, ["more"])]


@pytest.mark.spark
def test_an_error_of_spark_never_says_what_stood_in_the_rows():
    rows = pa.table({"said": ["Maria Souza"]})
    with pytest.raises(Refused, match="snapshot-spark-failed") as refusal:
        list(computed(session("local[2]"), rows.to_reader(), f"SELECT CAST(said AS INT) FROM {ROWS}", settings={}))
    assert "Maria" not in repr(refusal.value.message)
    assert refusal.value.__suppress_context__
