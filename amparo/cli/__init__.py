"""The operators' door: the command `amparo`.

A command asks the packages below and prints; it decides nothing. What it needs from the installation (a running
database, Django) it asks of the wiring that `amparo.project` hands over, so that a command which only reads files starts
at once.
"""
