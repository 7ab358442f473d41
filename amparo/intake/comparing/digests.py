"""What a delivered row says, as one digest: the same again adds nothing, anything else is a new observation.

Source  MD5 as a checksum (RFC 1321): nobody gains by two of their own rows looking alike, and identifiers go in blinded.
        Where a row may say how somebody is reached, it begins with a secret: whoever holds a dump would else try telephone
        numbers, the rest of the row beside them, until the digest is the same
"""

from collections.abc import Sequence

# The variable of a batch's own connection that holds the secret; never written to its file.
VARIABLE = "digest_secret"


def digest(row: str, extras: Sequence[str]) -> str:
    """SQL for the digest of a row: what its fields say, then its day, place, holder and whatever else it names."""
    said = [f"{row}.__said", f"{row}.__observed_on", *extras]
    return (
        f"md5(coalesce(getvariable('{VARIABLE}'), '') || "
        + " || '|' || ".join(f"coalesce({each}::VARCHAR, '')" for each in said)
        + ")::UUID"
    )
