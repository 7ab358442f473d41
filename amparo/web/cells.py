"""Cells of files that people open in a spreadsheet: none becomes a formula there."""

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in FORMULA_SIGNS else text
