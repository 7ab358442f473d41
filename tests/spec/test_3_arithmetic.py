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


def test_rounding_money(spec):
    """Money is exact, in the smallest coin. Divided or multiplied by a share it is no longer: it must be rounded before it
    is summed or paid. `math.round` rounds halves away from zero, `math.floor` down, `math.ceil` up."""
    spec(
        "math.round(household.income * 0.5)",
        """
        home | income | answer
        -----+--------+--------
        1    | 101    | 51
        2    | -101   | -51
        3    | 100    | 50
        4    |        | unknown
        """,
        gives="money",
    )
    spec(
        "math.floor(household.income * 0.5)",
        """
        home | income | answer
        -----+--------+-------
        1    | 101    | 50
        2    | -101   | -51
        """,
        gives="money",
    )
    spec(
        "math.ceil(household.income * 0.5)",
        """
        home | income | answer
        -----+--------+-------
        1    | 101    | 51
        2    | -101   | -50
        """,
        gives="money",
    )


def test_least_and_greatest(spec):
    """`math.least` and `math.greatest` give the smallest and the largest of several values, for floors and caps."""
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
