"""The months that a series is asked about."""

from datetime import date


def window(on: date, months: int) -> list[date]:
    """Return the first days of the calendar months before that of the day, the earliest first.

    The month of the day itself is not over, so it is left out. Where the calendar begins there are fewer.
    """
    last = on.year * 12 + on.month - 1  # months since year 0
    return [date(number // 12, number % 12 + 1, 1) for number in range(max(last - months, 12), last)]
