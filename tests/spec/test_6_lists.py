"""Lists: relatives, items, months, and the first few of an order"""


def test_relatives(spec):
    """A person has lists of relatives: `children`, `parents`, `spouse`, `caregiver`, `guardian` and, the other way round,
    `cares_for` and `wards`. They hold the living, also those who live elsewhere. Everything that can be asked of `members`
    can be asked of them, also within a question to another list."""
    spec(
        'members.exists(m, m.sex == "female" && m.children.exists(c, age(c.birth_date) < 3))',
        """
        home | answer
        -----+--------
        1    | true
        2    | true
        3    | false
        """,
        """
        home | sex    | birth_date
        -----+--------+-----------
        1    | female | 1990-01-01
        1    | male   | 2022-06-01
        2    | female | 1990-01-01
        3    | female | 1990-01-01
        3    | male   | 2015-06-01
        """,
        """
        of  | list        | who | birth_date
        ----+-------------+-----+-----------
        1/1 | children    | 2   |
        1/2 | no children |     |
        2/1 | children    |     | 2023-06-01
        3/1 | children    | 2   |
        3/2 | no children |     |
        """,
    )


def test_a_list_that_was_not_collected(spec):
    """A list is known of whoever has a record in a source that names it whole. Of anybody else it is unknown and not empty,
    so that what nobody asked is never read as none; its name is what is missing."""
    spec(
        "member.children.size() >= 1",
        """
        home
        ----
        1
        """,
        """
        home | sex    | answer  | missing
        -----+--------+---------+---------
        1    | female | true    |
        1    | male   | unknown | children
        1    | male   | false   |
        """,
        """
        of  | list        | who
        ----+-------------+----
        1/1 | children    | 3
        1/3 | no children |
        """,
    )


def test_items(spec):
    """`household.items(plot)` and `m.items(earning)` are the things of one kind that a household or person holds. Which
    kinds there are, and who holds them, the profile says."""
    spec(
        "household.items(plot).map(p, p.hectares).sum() <= 2.0",
        """
        home | answer  | missing
        -----+---------+---------
        1    | true    |
        2    | false   |
        3    | true    |
        4    | unknown | plot
        5    | unknown | hectares
        """,
        "",
        """
        of | list    | hectares | irrigated
        ---+---------+----------+----------
        1  | plot    | 0.5      |
        1  | plot    | 1.5      |
        2  | plot    | 2.5      |
        3  | no plot |          |
        5  | plot    |          | true
        """,
    )


def test_months_of_a_series(spec):
    """`over(list.map(i, value), n)` makes one value of each of the `n` calendar months before that of the decision day:
    the sum of what belongs to it. A month without anything is unknown. Of the months `mean`, `sum`, `min` and `max` are
    asked; all must be known, unless the rule says how many. `count` is how many are known. Here money per month."""
    lists = """
        of  | list       | month      | amount
        ----+------------+------------+-------
        1/1 | earning    | 2024-02-01 | 500
        1/1 | earning    | 2024-01-01 | 200
        1/1 | earning    | 2024-01-01 | 100
        1/1 | earning    | 2023-12-01 | 400
        1/1 | earning    | 2023-11-01 | 9000
        1/1 | earning    | 2024-03-01 | 9000
        1/2 | earning    | 2024-02-01 | 500
        1/2 | earning    | 2023-12-01 | 100
        1/3 | no earning |            |
    """
    for text, answers in (
        ("over(member.items(earning).map(i, i.amount), 3).mean()", ("400.0", "unknown", "unknown", "unknown")),
        ("over(member.items(earning).map(i, i.amount), 3).mean(2)", ("400.0", "300.0", "unknown", "unknown")),
    ):
        spec(
            text,
            """
            home
            ----
            1
            """,
            f"""
            home | answer       | missing
            -----+--------------+--------
            1    | {answers[0]} |
            1    | {answers[1]} | {"earning" if answers[1] == "unknown" else ""}
            1    | {answers[2]} | earning
            1    | {answers[3]} | earning
            """,
            lists,
            gives="number",
        )
    spec(
        "over(member.items(earning).map(i, i.amount), 3).count()",
        """
        home
        ----
        1
        """,
        """
        home | answer
        -----+--------
        1    | 3
        1    | 2
        1    | 0
        1    | unknown
        """,
        lists,
        gives="integer",
    )


def test_some_of_a_month(spec):
    """What a filter leaves out adds nothing to its month, but the month is known: somebody said what belongs to it."""
    spec(
        'over(member.items(earning).filter(i, i.kind == "farm").map(i, i.amount), 2).sum()',
        """
        home
        ----
        1
        """,
        """
        home | answer  | missing
        -----+---------+---------
        1    | 100     |
        1    | unknown | kind
        """,
        """
        of  | list    | month      | kind | amount
        ----+---------+------------+------+-------
        1/1 | earning | 2024-02-01 | wage | 500
        1/1 | earning | 2024-01-01 | farm | 100
        1/2 | earning | 2024-02-01 | wage | 500
        1/2 | earning | 2024-01-01 |      | 100
        """,
        gives="money",
    )


def test_the_first_of_an_order(spec):
    """`.sortBy(m, key).slice(0, n)` takes the first `n`, the least key first; of equal keys whoever has the lower id of ours
    comes first. Then a value is added, or its least or greatest taken. A key that is unknown does not matter where no more
    than `n` are there; elsewhere it is not known who is first."""
    spec(
        "members.filter(m, age(m.birth_date) < 16).sortBy(m, age(m.birth_date)).slice(0, 2).map(m, m.pension).sum()",
        """
        home | answer  | missing
        -----+---------+-----------
        1    | 300     |
        2    | 300     |
        3    | unknown | birth_date
        4    | unknown | birth_date
        """,
        """
        home | birth_date | pension
        -----+------------+--------
        1    | 2010-01-01 |
        1    | 2020-01-01 | 100
        1    | 2015-01-01 | 200
        2    | 2015-01-01 | 100
        2    | 2015-02-01 | 200
        2    | 2015-03-01 | 400
        3    | 2010-01-01 | 100
        3    | 2011-01-01 | 100
        3    |            | 100
        4    |            | 100
        """,
        gives="money",
    )
    spec(
        "members.sortBy(m, m.hours).slice(0, 2).map(m, m.births).sum()",
        """
        home | answer
        -----+--------
        1    | 3
        2    | unknown
        """,
        """
        home | hours | births
        -----+-------+-------
        1    |       | 1
        1    | 40    | 2
        2    |       | 1
        2    | 40    | 2
        2    | 20    | 3
        """,
        gives="integer",
    )


def test_age_and_source_of_a_fact(spec):
    """`age_of(…)` is how many days ago a fact was observed, `source_of(…)` who said so, in the code of the source. Both are
    unknown where the fact is."""
    spec(
        'age_of(household.rooms) <= 365 && source_of(household.rooms) == "tax"',
        """
        home | answer  | missing
        -----+---------+--------
        1    | unknown | rooms
        """,
    )


def test_refused_lists(spec):
    """A list is no value. Members are not asked within a question to a list, and lists are not asked without end."""
    spec.refused("member.children", "rules-list-not-a-value", unit="person")
    spec.refused("members.exists(m, m.items(plot).size() > 0)", "rules-items-unknown")
    spec.refused('household.items("plot").size() > 0', "rules-items-argument")
    spec.refused("members.exists(m, m.children.exists(c, members.exists(k, k.disabled)))", "rules-nested")
    spec.refused(
        "member.children.exists(a, a.children.exists(b, b.children.exists(c, c.children.size() > 0)))",
        "rules-nested-too-deep",
        unit="person",
    )
    spec.refused(
        "members.exists(m, m.children.exists(c, c.children.exists(d, d.disabled || d.pregnant)))", "rules-too-costly"
    )
    spec.refused("members.sortBy(m, m.hours).size() > 1", "rules-sort-then-slice")
    spec.refused("members.sortBy(m, m.hours).slice(1, 2).map(m, m.hours).sum() > 1", "rules-slice-from-zero")
    spec.refused("over(member.children.map(c, c.hours), 12).mean() > 1.0", "rules-over-no-months", unit="person")
    spec.refused("over(member.items(earning), 12).mean() > 1.0", "rules-over-form", unit="person")
    spec.refused("over(member.items(earning).map(i, i.amount), 12).mean(13) > 0", "rules-over-number", unit="person")
