"""Days: ages, months, and the calendar"""

from datetime import date


def test_the_day_of_the_decision(spec):
    """`decision_day` is the day on which is decided, here 1 March 2024."""
    spec(
        "household.registered < decision_day",
        """
        home | registered | answer
        -----+------------+--------
        1    | 2024-02-29 | true
        2    | 2024-03-01 | false
        3    |            | unknown
        """,
    )


def test_age_on_a_day(spec):
    """`age(birth, day)` is the number of completed years on another day, for example the day of registration. Who was born
    on 29 February turns on 1 March."""
    spec(
        "age(member.birth_date, household.registered)",
        """
        home | registered
        -----+-----------
        1    | 2023-02-28
        2    | 2023-03-01
        3    | 2024-02-29
        4    |
        """,
        """
        home | birth_date | answer
        -----+------------+--------
        1    | 2004-02-29 | 18
        2    | 2004-02-29 | 19
        3    | 2004-02-29 | 20
        3    | 2004-03-01 | 19
        3    | 2024-03-01 | -1
        4    | 2004-02-29 | unknown
        """,
        gives="integer",
    )


def test_months_between(spec):
    """`months_between(from, to)` is the number of completed months; where `to` comes first it is negative. A month is
    completed on the same day of a later month, and in a month without that day on the first day of the next, as for ages:
    twelve months are always one year."""
    spec(
        "months_between(household.registered, decision_day)",
        """
        home | registered | answer
        -----+------------+--------
        1    | 2024-02-01 | 1
        2    | 2024-02-02 | 0
        3    | 2024-01-31 | 1
        4    | 2022-03-01 | 24
        5    | 2022-03-02 | 23
        6    | 2024-03-02 | -1
        7    |            | unknown
        """,
        gives="integer",
    )
    spec(
        "months_between(household.registered, decision_day)",
        """
        home | registered | answer
        -----+------------+-------
        1    | 2024-01-31 | 0
        2    | 2020-02-29 | 47
        """,
        gives="integer",
        on=date(2024, 2, 28),
    )


def test_days_between(spec):
    """`days_between(from, to)` is the number of days."""
    spec(
        "days_between(household.registered, decision_day)",
        """
        home | registered | answer
        -----+------------+-------
        1    | 2024-02-28 | 2
        2    | 2023-03-01 | 366
        3    | 2024-03-02 | -1
        """,
        gives="integer",
    )


def test_months_later(spec):
    """`add_months(day, months)` is the same day so many months later, or earlier if negative; in a month without that day,
    its last day. Outside the years 1 to 9999 it is unknown."""
    spec(
        "add_months(household.registered, 1)",
        """
        home | registered | answer
        -----+------------+-----------
        1    | 2023-01-31 | 2023-02-28
        2    | 2024-01-31 | 2024-02-29
        3    | 2024-02-29 | 2024-03-29
        4    | 2023-12-15 | 2024-01-15
        5    | 9999-12-01 | unknown
        6    |            | unknown
        """,
        gives="date",
    )
    spec(
        "add_months(household.registered, -param.infancy)",
        """
        home | registered | answer
        -----+------------+-----------
        1    | 2024-02-29 | 2022-02-28
        2    | 0002-12-31 | unknown
        """,
        gives="date",
    )


def test_year_and_month(spec):
    """`year(day)` and `month(day)` are the year and the month of a day, January being 1. (CEL's getMonth begins with 0.)"""
    spec(
        "year(household.registered) * 100 + month(household.registered)",
        """
        home | registered | answer
        -----+------------+-------
        1    | 2024-02-29 | 202402
        2    | 1999-12-31 | 199912
        """,
        gives="integer",
    )


def test_units_of_time(spec):
    """Years, months and days are units: none is compared with another or with a bare count."""
    spec.refused("months_between(household.registered, decision_day) > param.old_age", "rules-unit")
    spec.refused("days_between(household.registered, decision_day) > household.rooms", "rules-unit")
    spec.refused("add_months(household.registered, household.rooms) < decision_day", "rules-unit")
    spec(
        "months_between(household.registered, decision_day) < param.infancy",
        """
        home | registered | answer
        -----+------------+-------
        1    | 2022-03-02 | true
        2    | 2022-03-01 | false
        """,
    )
