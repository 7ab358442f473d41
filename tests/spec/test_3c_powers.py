"""Powers and logarithms: the same digits everywhere"""


def test_exponential(spec):
    """`exp(x, decimals)` is e to the power of x, rounded half-even to so many decimals, 0 to 10. Databases and languages
    differ in the last digit of such functions; here every engine reckons it by the same steps, and a rule decides only by
    the digits it names. A result has at most eleven digits; what is larger is unknown. (CEL has no such function.)"""
    spec(
        "exp(household.area, 4)",
        """
        home | area   | answer
        -----+--------+-----------
        1    | 0.0    | 1.0
        2    | 1.0    | 2.7183
        3    | -2.5   | 0.0821
        4    | 15.5   | 5389698.4763
        5    | 17.0   | unknown
        6    | -800.0 | 0.0
        7    |        | unknown
        """,
        gives="number",
    )


def test_logarithm(spec):
    """`ln(x, decimals)` is the natural logarithm. Of zero and of what is below there is none: it is unknown."""
    spec(
        "ln(household.area, 6)",
        """
        home | area  | answer
        -----+-------+----------
        1    | 1.0   | 0.0
        2    | 10.0  | 2.302585
        3    | 0.001 | -6.907755
        4    | 0.0   | unknown
        5    | -1.0  | unknown
        """,
        gives="number",
    )


def test_power(spec):
    """`pow(x, y, decimals)` is x to the power of y, for example to compare homes of different size. Half-way goes to the
    even digit: 1.5 times 1.5 is 2.25, so 2.2. Zero has positive powers only; what is negative has none."""
    spec(
        "pow(household.area, household.share_farmed, 1)",
        """
        home | area | share_farmed | answer
        -----+------+--------------+--------
        1    | 1.5  | 2.0          | 2.2
        2    | 9.0  | 0.5          | 3.0
        3    | 4.0  | -1.0         | 0.2
        4    | 0.0  | 0.5          | 0.0
        5    | 0.0  | 0.0          | unknown
        6    | -8.0 | 2.0          | unknown
        7    | 2.0  | 40.0         | unknown
        """,
        gives="number",
    )
    spec(
        "household.income / pow(household.size, 0.5, 4) <= param.poverty_line",
        """
        home | income | answer
        -----+--------+--------
        1    | 20000  | true
        2    | 10001  | false
        3    | 10000  | unknown
        """,
        """
        home | sex
        -----+-----
        1    | male
        1    | male
        1    | male
        1    | male
        2    | male
        """,
    )


def test_what_has_no_power(spec):
    """How many decimals must be written. Money has no power or logarithm, since a month's and a year's would differ: divide
    it by an amount first."""
    spec.refused("exp(household.area) > 1.0", "rules-arguments")
    spec.refused("exp(household.area, household.rooms) > 1.0", "rules-decimals")
    spec.refused("exp(household.area, 11) > 1.0", "rules-decimals")
    spec.refused("ln(household.income / household.size, 4) > 1.0", "rules-power-of-money")
    spec(
        "ln(household.income / param.poverty_line, 2) >= 0",
        """
        home | income | answer
        -----+--------+-------
        1    | 10000  | true
        2    | 9800   | false
        """,
    )
