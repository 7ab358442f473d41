"""Limits of numbers, the same in every engine.

Nulls   a whole number beyond ±LARGEST, or a double that is not finite, is unknown: a sum that overflows grants nothing
"""

LARGEST = 9_000_000_000_000_000_000  # within int64, with room for the rounding of doubles near it
LARGEST_MULTIPLE = 1_000_000_000  # to round to: with LARGEST beside it still within int64
