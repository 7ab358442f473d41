"""Members: counts, sums and quantifiers"""


def test_exists(spec):
    """`members.exists(m, …)` asks whether there is a member for whom it holds. One is enough, whatever is unknown of the
    others. In an empty home there is none."""
    spec(
        "members.exists(m, m.disabled)",
        """
        home | answer
        -----+--------
        1    | true
        2    | unknown
        3    | false
        4    | false
        """,
        """
        home | disabled
        -----+---------
        1    | true
        1    |
        2    | false
        2    |
        3    | false
        """,
    )


def test_all(spec):
    """`members.all(m, …)` asks whether it holds for every member. It holds in an empty home, so say that somebody lives
    there."""
    spec(
        "household.size >= 1 && members.all(m, m.disabled)",
        """
        home | answer
        -----+--------
        1    | true
        2    | unknown
        3    | false
        4    | false
        """,
        """
        home | disabled
        -----+---------
        1    | true
        2    | true
        2    |
        3    | false
        3    |
        """,
    )


def test_exactly_one(spec):
    """`members.exists_one(m, …)` asks whether it holds for exactly one member. It is known where the sure and the possible
    leave one answer: two who surely count are too many, whatever is unknown of the others."""
    spec(
        "members.exists_one(m, m.disabled)",
        """
        home | answer  | missing
        -----+---------+---------
        1    | true    |
        2    | unknown | disabled
        3    | unknown | disabled
        4    | false   |
        5    | false   |
        6    | false   |
        """,
        """
        home | disabled
        -----+---------
        1    | true
        1    | false
        2    | true
        2    |
        3    | false
        3    |
        4    | true
        4    | true
        4    |
        5    | false
        """,
    )


def test_counting(spec):
    """`.filter(m, …).size()` counts the members for whom it holds. Of whom it is not known, may count or not: the count
    lies between the sure and the possible, and a comparison is known where both ends agree."""
    spec(
        "members.filter(m, m.disabled).size() >= 2",
        """
        home | answer  | missing
        -----+---------+---------
        1    | true    |
        2    | unknown | disabled
        3    | false   |
        4    | false   |
        """,
        """
        home | disabled
        -----+---------
        1    | true
        1    | true
        1    |
        2    | true
        2    |
        3    | false
        3    |
        """,
    )


def test_arithmetic_with_counts(spec):
    """An uncertain count stays an interval through `+`, `-`, and multiplication or division by something certain, and
    through `math.least` and `math.greatest`."""
    spec(
        "members.filter(m, m.disabled).size() / household.size >= 0.5",
        """
        home | answer
        -----+--------
        1    | true
        2    | unknown
        3    | false
        4    | unknown
        """,
        """
        home | disabled
        -----+---------
        1    | true
        1    |
        2    | false
        2    |
        3    | false
        3    | false
        3    |
        """,
    )


def test_sum(spec):
    """`.map(m, …).sum()` adds a value of each member. It is unknown if one of them is; the sum of nobody is 0."""
    spec(
        "members.map(m, m.hours).sum()",
        """
        home | answer
        -----+--------
        1    | 42
        2    | unknown
        3    | 0
        """,
        """
        home | hours
        -----+------
        1    | 40
        1    | 2
        2    | 40
        2    |
        """,
        gives="integer",
    )


def test_sum_of_some(spec):
    """After a filter only those for whom it holds are added. Whoever may or may not count makes the sum unknown."""
    spec(
        'members.filter(m, m.sex == "female").map(m, m.pension).sum()',
        """
        home | answer
        -----+--------
        1    | 300
        2    | unknown
        3    | 0
        """,
        """
        home | sex    | pension
        -----+--------+--------
        1    | female | 300
        1    | male   |
        2    | female | 300
        2    |        | 50
        3    | male   | 70
        """,
        gives="money",
    )


def test_least_and_greatest_of_members(spec):
    """`.min()` and `.max()` work like `.sum()`, but of nobody there is no smallest: it is unknown."""
    spec(
        "members.filter(m, m.disabled).map(m, m.birth_date).min()",
        """
        home | answer
        -----+-----------
        1    | 1950-05-05
        2    | unknown
        3    | unknown
        """,
        """
        home | disabled | birth_date
        -----+----------+-----------
        1    | true     | 1990-01-01
        1    | true     | 1950-05-05
        1    | false    |
        2    | false    | 1990-01-01
        """,
        gives="date",
    )


def test_amounts(spec):
    """An amount is a formula that gives money: here a child benefit of 30.00 for each child under 16, for three at most. Of
    whom it is not known whether they are a child no longer matters where three are certain."""
    spec(
        "param.child_benefit * math.least(members.filter(m, age(m.birth_date) < 16).size(), param.most_children)",
        """
        home | answer
        -----+--------
        1    | 3000
        2    | 9000
        3    | unknown
        4    | 0
        5    | 9000
        """,
        """
        home | birth_date
        -----+-----------
        1    | 2015-01-01
        1    | 1990-01-01
        2    | 2010-01-01
        2    | 2012-01-01
        2    | 2014-01-01
        2    | 2016-01-01
        3    |
        5    | 2010-01-01
        5    | 2012-01-01
        5    | 2014-01-01
        5    |
        """,
        gives="money",
    )
