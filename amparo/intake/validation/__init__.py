"""Holds what was read against the mapping and the dictionary, column by column and household by household, in DuckDB.

Reads the child's Parquet; writes tables of typed columns, and a table of reasons. Nothing here sees one row at a time.

Shape   reads the child's Parquet; writes DuckDB tables of typed columns, one row per record, and a table of reasons
Nulls   what is blank is not said: it breaks no check, and is no value
"""
