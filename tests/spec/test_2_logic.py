"""Logic: true, false and unknown"""


def test_and(spec):
    """`&&` is false if one side is false, whatever the other is; else unknown if a side is unknown."""
    spec(
        "household.owns_home && household.rooms > 2",
        """
        home | owns_home | rooms | answer  | missing
        -----+-----------+-------+---------+----------------
        1    | true      | 3     | true    |
        2    | true      | 2     | false   |
        3    | true      |       | unknown | rooms
        4    | false     |       | false   |
        5    |           | 2     | false   |
        6    |           |       | unknown | owns_home rooms
        """,
    )


def test_or(spec):
    """`||` is true if one side is true, whatever the other is; else unknown if a side is unknown."""
    spec(
        "household.owns_home || household.rooms > 2",
        """
        home | owns_home | rooms | answer  | missing
        -----+-----------+-------+---------+----------------
        1    | true      |       | true    |
        2    |           | 3     | true    |
        3    | false     | 2     | false   |
        4    | false     |       | unknown | rooms
        5    |           |       | unknown | owns_home rooms
        """,
    )


def test_not(spec):
    """`!` turns true and false round, and leaves unknown unknown."""
    spec(
        "!household.owns_home",
        """
        home | owns_home | answer
        -----+-----------+--------
        1    | true      | false
        2    | false     | true
        3    |           | unknown
        """,
    )


def test_choice(spec):
    """`c ? a : b` is `a` where `c` is true and `b` where it is false. Where `c` is unknown it is unknown, even if `a` and
    `b` are the same."""
    spec(
        "(household.owns_home ? household.rooms : 1) >= 1",
        """
        home | owns_home | rooms | answer  | missing
        -----+-----------+-------+---------+----------
        1    | true      | 2     | true    |
        2    | true      |       | unknown | rooms
        3    | false     |       | true    |
        4    |           | 2     | unknown | owns_home
        """,
    )


def test_what_is_missing(spec):
    """An unknown answer names the fields that keep it unknown: only those whose values could still decide it. Here a child's
    unknown pension does not matter, since a child is not old."""
    spec(
        "members.exists(m, age(m.birth_date) >= 65 && m.pension == 0)",
        """
        home | answer  | missing
        -----+---------+--------------------
        1    | unknown | pension
        2    | unknown | birth_date
        3    | unknown | birth_date pension
        4    | false   |
        5    | true    |
        """,
        """
        home | birth_date | pension
        -----+------------+--------
        1    | 1950-01-01 |
        1    | 2015-01-01 |
        2    |            | 0
        2    | 2015-01-01 |
        3    |            |
        4    | 2015-01-01 |
        4    | 1950-01-01 | 100
        5    | 1950-01-01 | 0
        5    |            |
        """,
    )
