"""Which part of Amparo an operation belongs to. One of a file that stands in no row answers nobody."""

from amparo.dci.codes import Registry
from amparo.trust.types.modes import Part

# The file of an operation → its part.
FILES: dict[str, Part] = {
    **dict.fromkeys(("agreements", "being", "checking", "exchanges", "programmes", "token"), Part.HOUSE),
    **dict.fromkeys(("disbursing", "lists"), Part.OPERATIONS),
    "feeds": Part.FEEDS,
    "updates": Part.SOURCES,
}
# What is asked by messages of the DCI standard: one registry or the other.
REGISTRIES: dict[Registry, Part] = {Registry.SOCIAL: Part.ELIGIBILITY, Registry.BENEFICIARY: Part.FEEDS}


def part_of(module: str) -> Part | None:
    return FILES.get(module.removeprefix("amparo.interop.operations."))
