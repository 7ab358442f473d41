"""What a delivered row says, as one digest: the same again adds nothing, anything else is a new observation.

Source  MD5 as a checksum (RFC 1321): nobody gains by two of their own rows looking alike, and identifiers go in blinded
"""

from collections.abc import Sequence


def digest(row: str, extras: Sequence[str]) -> str:
    """SQL for the digest of a row: what its fields say, then its day, place, holder and whatever else it names."""
    said = [f"{row}.__said", f"{row}.__observed_on", *extras]
    return "md5(" + " || '|' || ".join(f"coalesce({each}::VARCHAR, '')" for each in said) + ")::UUID"
