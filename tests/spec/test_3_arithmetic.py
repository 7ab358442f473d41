"""Arithmetic: numbers, units and money"""


def test_adding_and_multiplying(spec):
    """`+ - * %` of whole numbers give whole numbers. `*` and `/` multiply and divide units; `+`, `-` and comparisons want
    the same unit on both sides."""
    spec(
        "household.rooms * 3 - 1",
        """
        home | rooms | answer
        -----+-------+--------
        1    | 2     | 5
        2    | 0     | -1
        3    |       | unknown
        """,
        gives="integer",
    )


def test_division(spec):
    """`/` divides exactly, whole numbers too: 1 / 2 is 0.5. Division by zero is unknown, and nothing is missing."""
    spec(
        "household.income / household.size <= param.poverty_line",
        """
        home | income | answer  | missing
        -----+--------+---------+--------
        1    | 20001  | false   |
        2    | 20000  | true    |
        3    | 20000  | unknown |
        4    |        | unknown | income
        """,
        """
        home | sex
        -----+-----
        1    | male
        1    | male
        2    | male
        2    | male
        4    | male
        """,
    )


def test_remainder(spec):
    """`%` is the remainder; its sign is that of the left side."""
    spec(
        "household.rooms % 3",
        """
        home | rooms | answer
        -----+-------+-------
        1    | 7     | 1
        2    | -7    | -1
        """,
        gives="integer",
    )


def test_too_large_is_unknown(spec):
    """A whole number beyond ±9,000,000,000,000,000,000 and a number too large for double precision are unknown: an overflow
    grants nothing."""
    spec(
        "household.rooms * household.rooms > 0",
        """
        home | rooms      | answer
        -----+------------+--------
        1    | 2999999999 | true
        2    | 4000000000 | unknown
        """,
    )


def test_least_and_greatest(spec):
    """`math.least` and `math.greatest` give the smallest and the largest of several values, for floors and caps: of
    numbers of one unit, or of days. The values may also stand in a list, `math.least([…])`."""
    spec(
        "math.least(household.rooms, 3)",
        """
        home | rooms | answer
        -----+-------+--------
        1    | 2     | 2
        2    | 5     | 3
        3    |       | unknown
        """,
        gives="integer",
    )


def test_without_the_sign(spec):
    """`math.abs` leaves out the sign, and keeps the unit; `math.sign` is -1, 0 or 1."""
    spec(
        "math.abs(household.rooms) + math.sign(household.income)",
        """
        home | rooms                | income | answer
        -----+----------------------+--------+--------
        1    | -7                   | 300    | 8
        2    | 7                    | -300   | 6
        3    | 7                    | 0      | 7
        4    | -9223372036854775808 | 0      | unknown
        """,
        gives="integer",
    )


def test_per_month_and_per_year(spec):
    """`per_month` and `per_year` convert between amounts a year and amounts a month. Nothing is converted silently."""
    spec(
        "per_month(household.rent) <= household.income",
        """
        home | rent | income | answer
        -----+------+--------+-------
        1    | 1200 | 100    | true
        2    | 1201 | 100    | false
        """,
    )
    spec.refused("household.rent <= household.income", "rules-unit")
