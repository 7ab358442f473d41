"""Where in a text something is wrong, beside the entry that it stands in."""

from amparo.kernel.errors import Refused


def with_line(place: str, refusal: Refused) -> str:
    """Return a place with line and column, where a refusal tells them."""
    values = refusal.message.values
    return f"{place} › {values['line']}:{values['column']}" if "line" in values else place
