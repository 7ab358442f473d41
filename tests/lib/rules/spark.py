"""Runs rules on Spark in this process; one session for all tests."""
import ibis
import pyarrow as pa

from functools import cache
from amparo.rules.engines.columnar.spark import sql, SETTINGS

@cache
def session():
    from pyspark.sql import SparkSession
    s=(SparkSession.builder.master("local[2]").config("spark.ui.enabled","false").config("spark.ui.showConsoleProgress","false").config("spark.sql.shuffle.partitions","2")
    .config("spark.io.encryption.enabled","true").config("spark.driver.bindAddress","127.0.0.1").config("spark.driver.host","127.0.0.1")
    .config("spark.driver.memory","1g").getOrCreate())
    s.sparkContext.setLogLevel("OFF")
    for k,v in SETTINGS.items(): s.conf.set(k,v)
    return s

def computed(make, memtable):
    arrow=memtable.to_pyarrow()
    s=session()
    s.createDataFrame(arrow).createOrReplaceTempView("household")
    unb=ibis.table(ibis.Schema.from_pyarrow(arrow.schema),name="household")
    return s.sql(sql(make(unb))).toArrow()
