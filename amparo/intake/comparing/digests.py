"""What a delivered row says, as one digest: the same again adds nothing, anything else is a new observation.

Source  MD5 as a checksum (RFC 1321): nobody gains by two of their own rows looking alike, and identifiers go in blinded
"""

from collections.abc import Sequence

from amparo.intake.validation.expressions import literal, name


def digest(row: str, fields: Sequence[str], extras: Sequence[str]) -> str:
    """SQL for the digest of a row: its fields by name, then its day, place, holder and whatever else it says."""
    said = ", ".join(f"{literal(field)}, {row}.{name(field)}" for field in sorted(fields))
    rest = ", ".join(f"{literal(str(n))}, {extra}" for n, extra in enumerate((f"{row}.__observed_on", *extras)))
    return f"md5(json_object({', '.join(filter(None, (said, rest)))})::VARCHAR)::UUID"
