"""Reads, checks and installs a country folder, and speaks its languages. Code only: no country is in here."""
