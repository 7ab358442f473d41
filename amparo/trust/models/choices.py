"""What a column of words may hold."""


def choices(kind: type) -> list[tuple[str, str]]:
    """Return the words of an enumeration, as Django wants them."""
    return [(each.value, each.value) for each in kind]
