"""A day that somebody types, written in one way only: nobody's third of April may become the fourth of March."""

from typing import Any

from django import forms

WRITTEN = "%Y-%m-%d"


def day_field(label: str, *, wrong: str, hint: str = "", **settings: Any) -> forms.DateField:
    """Return a field for a day; `wrong` is the message for one that is lacking or cannot be read."""
    return forms.DateField(
        label=label,
        help_text=hint,
        input_formats=[WRITTEN],
        error_messages={"required": wrong, "invalid": wrong},
        widget=forms.DateInput(format=WRITTEN, attrs={"type": "date", "class": "govuk-input--width-10"}),
        **settings,
    )
