"""Names of what a rule reads beside a fact's value: who said it and when, under the field's name and a suffix."""

OBSERVED_ON, SOURCE = "__observed_on", "__source"


def plain(name: str) -> str:
    """Return the name of the field itself."""
    return name.removesuffix(OBSERVED_ON).removesuffix(SOURCE)
