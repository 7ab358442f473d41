"""Signed files that an institution puts into a folder, for those that have no web service (VIR-7)."""
