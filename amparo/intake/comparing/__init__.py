"""Holds what was accepted against what the registry has: what is new, what changed, who is already known.

Nothing is written to the registry: the answer stands in DuckDB tables, so that a dry run gives the very receipt that
the real run would give.
"""
