"""Rounding: money, and any other number"""


def test_rounding_money(spec):
    """Money is exact, in the smallest coin. Divided or multiplied by a share it is no longer: it must be rounded before it
    is summed or paid, and the rule says how. `math.round` rounds halves away from zero."""
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


def test_half_to_the_even_number(spec):
    """`half_even` rounds halves to the even neighbour, as banks do, so that many roundings neither add nor take. (CEL has
    no such function.)"""
    spec(
        "half_even(household.income * 0.5)",
        """
        home | income | answer
        -----+--------+-------
        1    | 101    | 50
        2    | 103    | 52
        3    | -101   | -50
        4    | 102    | 51
        """,
        gives="money",
    )


def test_down_up_and_towards_zero(spec):
    """`math.floor` rounds down, `math.ceil` up, `math.trunc` towards zero."""
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
    spec(
        "math.trunc(household.income * 0.5)",
        """
        home | income | answer
        -----+--------+-------
        1    | 101    | 50
        2    | -101   | -50
        """,
        gives="money",
    )


def test_to_a_multiple(spec):
    """`ceil_to(amount, multiple)` rounds up to a multiple, and `floor_to`, `trunc_to`, `round_to` and `half_even_to` in the
    other ways. What is divided need not be rounded first. For money the multiple is a parameter, for example the smallest
    coin that is paid out (here 5.00): money of the same unit, or without one."""
    spec(
        "ceil_to(household.income * 0.35, param.coin)",
        """
        home | income | answer
        -----+--------+--------
        1    | 10000  | 3500
        2    | 10001  | 4000
        3    | -10001 | -3500
        4    |        | unknown
        """,
        gives="money",
    )
    spec(
        "floor_to(household.income, param.coin)",
        """
        home | income | answer
        -----+--------+-------
        1    | 10999  | 10500
        2    | -1     | -500
        """,
        gives="money",
    )


def test_to_the_nearest_multiple(spec):
    """Half of the multiple rounds away from zero with `round_to`, and to the even multiple with `half_even_to`."""
    spec(
        "round_to(household.rooms, 2)",
        """
        home | rooms | answer
        -----+-------+-------
        1    | 4     | 4
        2    | 5     | 6
        3    | -5    | -6
        """,
        gives="integer",
    )
    spec(
        "half_even_to(household.rooms, 2)",
        """
        home | rooms | answer
        -----+-------+-------
        1    | 5     | 4
        2    | 7     | 8
        3    | -5    | -4
        """,
        gives="integer",
    )


def test_multiples_that_are_none(spec):
    """A multiple is a whole number from 1 to 1,000,000,000. A parameter or field outside it makes the result unknown; one
    written in the rule is refused."""
    spec(
        "round_to(household.size * 10, household.rooms)",
        """
        home | rooms      | answer
        -----+------------+--------
        1    | 1000000000 | 0
        2    | 1000000001 | unknown
        3    | 0          | unknown
        4    | -5         | unknown
        """,
        gives="integer",
    )
    spec.refused("round_to(household.rooms, 0) > 1", "rules-multiple")
    spec.refused("round_to(household.income, 500)", "rules-money-literal", gives="money")
    spec.refused("round_to(household.rent, param.poverty_line)", "rules-unit", gives="money")
