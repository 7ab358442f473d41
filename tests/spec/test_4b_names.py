"""Names: a value that is needed more than once"""


def test_naming_a_value(spec):
    """`cel.bind(name, value, …)` gives a value a name for the rest, its last argument. The value stands wherever its name
    does, as if it were written there: what is unknown stays unknown, and explanations show the value itself."""
    spec(
        "cel.bind(earned, members.map(m, m.pension).sum(), "
        "household.size >= 1 && earned <= param.poverty_line && earned > household.income)",
        """
        home | income | answer  | missing
        -----+--------+---------+---------
        1    | 9000   | true    |
        2    | 9000   | false   |
        3    | 9000   | unknown | pension
        4    |        | unknown | income
        """,
        """
        home | pension
        -----+--------
        1    | 9000
        1    | 1000
        2    | 9000
        2    | 1001
        3    | 9000
        3    |
        4    | 100
        """,
    )


def test_naming_within_a_list(spec):
    """Within a question to a list a name may stand for something of each element, and names may stand within names."""
    spec(
        "members.exists(m, cel.bind(years, age(m.birth_date), cel.bind(next, years + 1, years >= 15 && next < 18)))",
        """
        home | answer
        -----+--------
        1    | true
        2    | false
        3    | unknown
        """,
        """
        home | birth_date
        -----+-----------
        1    | 2009-01-01
        1    | 1950-01-01
        2    | 2006-01-01
        3    |
        """,
    )


def test_names_that_cannot_be_given(spec):
    """A name may not mean something already, and stands for a value and not for a list."""
    spec.refused("cel.bind(household, 1, household.size > 1)", "rules-variable-taken")
    spec.refused("cel.bind(n, household.rooms, cel.bind(n, 2, n > 1))", "rules-variable-taken")
    spec.refused("cel.bind(m, household.rooms, members.exists(m, m.disabled))", "rules-variable-taken")
    spec.refused("cel.bind(all, members, all.size() > 1)", "rules-members-alone")
    spec.refused("cel.bind(n, household.rooms)", "rules-bind-arguments")
    spec.refused("cel.bind(n, household.rooms, n.many > 1)", "rules-no-fields")
    spec.refused("cel.let(n, household.rooms, n > 1)", "rules-function-unknown")


def test_a_named_question_to_a_list_is_not_asked_within_another(spec):
    """What asks a list is not asked again for each element of another, whatever it is called."""
    spec.refused(
        "cel.bind(n, members.filter(m, m.disabled).size(), members.exists(k, age(k.birth_date) > 60 && n > 1))",
        "rules-nested",
    )


def test_names_of_names_do_not_grow_without_bound(spec):
    """A rule of few lines may stand for a very long one, so what a name stands for has a greatest length."""
    text = "household.rooms > 0"
    for number in range(12, 0, -1):
        before = f"n{number - 1}" if number > 1 else "household.rooms"
        text = f"cel.bind(n{number}, {before} + {before}, {text})"
    spec.refused(text, "rules-bind-long")


def test_what_is_not_true_of_the_unknown_stays_so_under_a_name(spec):
    """A name hides nothing: a rule that is true of somebody about whom nothing is known is refused as ever."""
    spec.refused("cel.bind(known, has(household.rooms), !known)", "rules-true-of-blank")
