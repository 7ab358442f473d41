"""Facts and figures: what a rule can read"""


def test_fields_of_the_household(spec):
    """`household.` and a name of the data dictionary reads a field. A field without a value is unknown, and so is every
    comparison with it."""
    spec(
        "household.rooms >= 2",
        """
        home | rooms | answer
        -----+-------+--------
        1    | 2     | true
        2    | 1     | false
        3    |       | unknown
        """,
    )


def test_number_of_members(spec):
    """`household.size` is the number of members. It is counted and always known; an empty home has none."""
    spec(
        "household.size >= 1",
        """
        home | answer
        -----+-------
        1    | true
        2    | false
        """,
        """
        home | sex
        -----+-----
        1    | male
        1    |
        """,
    )


def test_the_person_decided_about(spec):
    """In a programme whose unit is the person, `member` is the person decided about; the household and the other members
    can be read too."""
    spec(
        'member.sex == "female" && household.rooms < 3',
        """
        home | rooms
        -----+------
        1    | 2
        2    | 3
        """,
        """
        home | sex    | answer
        -----+--------+--------
        1    | female | true
        1    | male   | false
        1    |        | unknown
        2    | female | false
        2    |        | false
        """,
    )


def test_parameters(spec):
    """`param.` and a name reads a figure that law sets, as it stands on the decision day. (In these examples the poverty
    line is 90.00 a month, and 100.00 from 1 January 2024. Money is shown in cents.)"""
    spec(
        "household.income <= param.poverty_line",
        """
        home | income | answer
        -----+--------+--------
        1    | 9500   | true
        2    | 10001  | false
        3    |        | unknown
        """,
    )


def test_codes(spec):
    """A code is compared with the codes of its vocabulary; `in` asks for one of several."""
    spec(
        'household.region == "coast" || household.region in ["north", "south"] && household.rooms > 1',
        """
        home | region | rooms | answer
        -----+--------+-------+--------
        1    | coast  |       | true
        2    | north  | 2     | true
        3    | south  | 1     | false
        4    |        | 2     | unknown
        5    |        | 1     | unknown
        """,
    )


def test_whether_a_field_has_a_value(spec):
    """`has` asks whether a field has a value. It is always known."""
    spec(
        "has(household.rooms) && household.rooms > 1",
        """
        home | rooms | answer
        -----+-------+------
        1    | 2     | true
        2    | 1     | false
        3    |       | false
        """,
    )


def test_a_value_where_none_is_known(spec):
    """`.?field.orValue(…)` says what counts where the field has no value. It is an assumption that the rule makes openly:
    the explanation says wherever it was used. Nothing is missing then."""
    spec(
        "household.?rooms.orValue(1) >= 2 || household.owns_home",
        """
        home | rooms | owns_home | answer  | missing
        -----+-------+-----------+---------+----------
        1    | 2     |           | true    |
        2    | 1     |           | unknown | owns_home
        3    |       | false     | false   |
        4    |       | true      | true    |
        """,
    )
    spec(
        "household.?income.orValue(param.poverty_line)",
        """
        home | income | answer
        -----+--------+-------
        1    | 9500   | 9500
        2    |        | 10000
        """,
        gives="money",
    )
    spec.refused("household.?income.orValue(0) <= param.poverty_line", "rules-true-of-blank")
    spec.refused("household.?rooms > 1", "rules-optional-alone")
    spec.refused("household.?rooms.orValue(0.5) > 1.0", "rules-or-value-whole")


def test_dates(spec):
    """Dates are compared with each other, and with `date("year-month-day")`."""
    spec(
        'household.registered >= date("2024-01-01")',
        """
        home | registered | answer
        -----+------------+--------
        1    | 2024-01-01 | true
        2    | 2023-12-31 | false
        3    |            | unknown
        """,
    )


def test_age(spec):
    """`age` is the number of completed years on the decision day, here 1 March 2024. Who was born on 29 February turns on
    1 March."""
    spec(
        "age(member.birth_date)",
        """
        home
        ----
        1
        """,
        """
        home | birth_date | answer
        -----+------------+-------
        1    | 2008-03-01 | 16
        1    | 2008-03-02 | 15
        1    | 2004-02-29 | 20
        1    | 2024-03-01 | 0
        1    |            | unknown
        """,
        gives="integer",
    )


def test_age_against_a_limit(spec):
    """On 28 February of a year without a 29th, who was born on 29 February has not yet turned."""
    from datetime import date

    spec(
        "age(member.birth_date) >= 16",
        """
        home
        ----
        1
        """,
        """
        home | birth_date | answer
        -----+------------+-------
        1    | 2007-02-28 | true
        1    | 2008-02-29 | false
        1    | 2007-03-01 | false
        """,
        on=date(2023, 2, 28),
    )
