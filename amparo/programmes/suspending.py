"""What keeps a decision for the worse from taking effect beside its own notice: told by the packages above that know of it.

Nulls   a condition that is unknown suspends nothing
"""

# Conditions on a row of programmes_notice, which statements call `n`.
_CONDITIONS: list[str] = []


def suspend_where(condition: str) -> None:
    """Say when what a notice is about does not take effect. Called once, when the product starts."""
    if condition not in _CONDITIONS:
        _CONDITIONS.append(condition)


def suspended() -> str:
    """Return the condition by which a notice's decision waits; none of them told, nothing does."""
    return " OR ".join(f"coalesce({each}, false)" for each in _CONDITIONS) or "false"
