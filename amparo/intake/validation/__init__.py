"""Holds what was read against the mapping and the dictionary, column by column and household by household, in DuckDB.

Reads the child's Parquet; writes tables of typed columns, and a table of reasons. Nothing here sees one row at a time.
"""
