"""Writes the reference of the rule language from its examples: `python -m tests.spec`."""

from tests.spec.page import PAGE, page

PAGE.parent.mkdir(parents=True, exist_ok=True)
PAGE.write_text(page(), encoding="utf-8")
