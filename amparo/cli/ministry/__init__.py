"""Eleven institutions of a country that does not exist, as a small server: counterparts for the demo and for tests.

Everybody they know is invented by `profiles.synth`; the same seed gives the same people, with the same identifiers, as
`amparo demo` registers. It answers on this machine alone, unless it has a certificate, and is no part of a live installation.
"""
