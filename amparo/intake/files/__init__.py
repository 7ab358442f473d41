"""Reads delivered files, which nobody may trust, into columns of text.

Only a child process with limits opens them (`reading`, started by `child`); what it hands back is Parquet it wrote itself.
"""
