"""Ages turned into dates, so that an engine compares a column with a constant.

Source  completed years, born on 29 February turns on 1 March: kernel.dates.age_on
"""

from datetime import date


def born_by(on: date, years: int) -> date | None:
    """Return the last birth date of those who have completed `years` on the day; None where the calendar ends."""
    year = on.year - years
    if not 1 <= year <= 9999:
        return None
    try:
        return on.replace(year=year)
    except ValueError:  # 29 February in a year without one: who was born on 28 February has completed the years
        return date(year, 2, 28)
