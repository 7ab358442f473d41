"""Ages and months, as law counts them.

Nulls   a missing date gives a missing age: None in, None out
"""

import calendar
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, order=True)
class Month:
    """A month of a year, by its first day: what people are to read as a month, and not as a day."""

    first: date


def age_on(birth: date | None, day: date) -> int | None:
    """Return completed years of age on `day`; born on 29 February turns on 1 March. Negative before birth."""
    if birth is None:
        return None
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def add_months(day: date, months: int) -> date:
    """Return the same day of the month `months` later, or that month's last day where it has no such day."""
    month = day.year * 12 + day.month - 1 + months
    year, index = divmod(month, 12)
    return date(year, index + 1, min(day.day, calendar.monthrange(year, index + 1)[1]))


def months_between(start: date, end: date) -> int:
    """Return completed months from `start` to `end`; negative when `end` comes first."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and add_months(start, months) > end:
        return months - 1
    if months < 0 and add_months(start, months) < end:
        return months + 1
    return months
