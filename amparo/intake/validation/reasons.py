"""Every reason for which a row is set aside or spoken of, in the order in which somebody would put them right.

Each is a message of the catalogues. Values: `field`, where one field is meant; `file` and `line` of the row it clashes
with, where there is one. None holds what the row itself says.
"""

ORDER = (
    "intake-row-ragged",
    "intake-key-blank",
    "intake-key-long",
    "intake-key-twice",
    "intake-parent-blank",
    "intake-household-unknown",
    "intake-holder-unknown",
    "intake-area-blank",
    "intake-area-unknown",
    "intake-area-outside",
    "intake-observed-unreadable",
    "intake-observed-future",
    "intake-value-missing",
    "intake-value-type",
    "intake-value-code",
    "intake-value-range",
    "intake-value-decimals",
    "intake-value-long",
    "intake-value-control",
    "intake-identifier-unsound",
    "intake-erased",
    "intake-household-disagrees",
    "intake-group-differs",
    "intake-household-empty",
    "intake-head-none",
    "intake-head-twice",
    "intake-child-older",
    "intake-parent-younger",
    "intake-birth-early",
    "intake-birth-late",
    "intake-household-held",
    "intake-formula-kept",
    "intake-relative-unknown",
)


def rank(rule: str) -> int:
    """Where a reason stands in the order."""
    return ORDER.index(rule)
