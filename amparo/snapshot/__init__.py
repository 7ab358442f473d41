"""Snapshots: the exports of every package frozen at one instant, encrypted, with a manifest and a day of deletion.

National runs, linkage, indicators and simulation read these and not the database. Not here: what is computed from them.
"""
