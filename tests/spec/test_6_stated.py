"""Tables, models, areas and other programmes

What a profile states beside its parameters. In these examples, the table `heating` has a row for each zone and size of
household, `level` one for each income and disability; `hardship` is a scorecard with points for children under 16 (30
for none, 10 for one or two, 0 for more), for an owned home (15), for the region (north 0, else 7), and 3 for each
room; `chance` turns its score into a probability. `poor_home` and `old_age` are programmes.
"""


def test_looking_up_a_table(spec):
    """`lookup(table, …)` gives the answer of the one row whose cells hold. Rows never overlap and leave no gap: a table
    that does either is refused when the profile is checked."""
    spec(
        "lookup(heating, area.zone, household.size)",
        """
        home | area.zone | answer
        -----+-----------+-------
        1    | valley    | 2000
        2    | valley    | 3500
        3    | mountain  | 5000
        """,
        """
        home | disabled
        -----+---------
        1    |
        2    |
        2    |
        3    |
        3    |
        """,
        gives="money",
    )


def test_an_unknown_input_of_a_table(spec):
    """Where an input is unknown, every row whose cell might hold is possible. The answer is known if all of them give the
    same; else it is unknown and names the input."""
    spec(
        'lookup(level, household.income, household.owns_home) == "full"',
        """
        home | income | owns_home | answer  | missing
        -----+--------+-----------+---------+---------------
        1    | 4999   |           | true    |
        2    | 7000   |           | unknown | owns_home
        3    | 7000   | false     | false   |
        4    |        | false     | unknown | income
        5    | 20000  |           | false   |
        6    |        |           | unknown | income owns_home
        """,
    )


def test_a_gap_that_a_table_declares(spec):
    """A table may say that some combinations are not known. They are unknown, and nothing is missing: nobody could find it
    out. `density` has rows below 40.5 and from 100 to 200 square metres."""
    spec(
        "lookup(density, household.area) < 0.5",
        """
        home | area | answer  | missing
        -----+------+---------+--------
        1    | 40.4 | true    |
        2    | 40.5 | unknown |
        3    | 200  | true    |
        4    |      | unknown | area
        """,
    )


def test_a_number_that_a_table_answers_may_be_known_well_enough(spec):
    """A number lies between the least and the greatest of the possible rows, so that a comparison may be known before the
    number is, as with counts."""
    spec(
        "lookup(heating, area.zone, household.size) <= param.poverty_line && household.size >= 1",
        """
        home | area.zone | answer
        -----+-----------+-------
        1    |           | true
        """,
        """
        home | disabled
        -----+---------
        1    |
        """,
    )


def test_scoring(spec):
    """`score(model)` adds up the points of a scorecard, or the weights of a proxy-means model. It is exact: decimals are
    reckoned as whole numbers of the smallest place and divided once."""
    spec(
        "score(hardship)",
        """
        home | region | owns_home | rooms | answer
        -----+--------+-----------+-------+-------
        1    | north  | true      | 2     | 51
        2    | coast  | false     | 0     | 17
        3    | coast  |           | 0     | unknown
        """,
        """
        home | birth_date
        -----+-----------
        1    | 1980-05-05
        2    | 2015-05-05
        2    | 1990-05-05
        """,
        gives="integer",
    )


def test_a_score_that_is_known_well_enough(spec):
    """Unknown answers leave the score between the least and the greatest possible. A comparison is known where both ends
    agree. A number that is weighed, such as the rooms, has no such ends."""
    spec(
        "household.size >= 1 && score(hardship) < 45",
        """
        home | region | owns_home | rooms | answer  | missing
        -----+--------+-----------+-------+---------+----------
        1    |        |           | 1     | true    |
        2    | north  |           | 4     | unknown | owns_home
        3    | coast  |           | 9     | false   |
        4    | north  | true      |       | unknown | rooms
        """,
        """
        home | birth_date
        -----+-----------
        1    | 2015-05-05
        2    | 1980-05-05
        3    | 1980-05-05
        4    | 2015-05-05
        """,
    )


def test_probability(spec):
    """`probability(model)` looks the score up in the table that the model names."""
    spec(
        "probability(hardship) >= 0.45",
        """
        home | region | owns_home | rooms | answer
        -----+--------+-----------+-------+--------
        1    | north  | true      | 2     | false
        2    | north  | false     | 2     | true
        3    |        | false     | 2     | true
        """,
        """
        home | birth_date
        -----+-----------
        1    | 1980-05-05
        2    | 1980-05-05
        3    | 1980-05-05
        """,
    )


def test_regional_variants(spec):
    """A model may have variants, chosen by a field or an attribute of the area. `welfare` starts from 7.25 in the valley
    and takes 0.125 for each person; in the mountains from 6.9, and takes 0.25."""
    spec(
        "household.size >= 1 && score(welfare) >= 6.65",
        """
        home | area.zone | area | rent | answer  | missing
        -----+-----------+------+------+---------+---------
        1    | valley    | 0    | 1    | true    |
        2    | mountain  | 0    | 0    | true    |
        3    | mountain  | 0    | 0    | false   |
        4    |           | 0    | 0    | true    |
        5    |           | 0    | 0    | unknown | area.zone
        6    | mountain  |      |      | unknown | rent
        """,
        """
        home | sex  | disabled
        -----+------+---------
        1    | male | false
        2    | male | false
        3    | male | false
        3    | male | false
        4    | male | false
        5    | male | false
        5    | male | false
        6    | male | false
        """,
    )


def test_what_is_stated_of_the_area(spec):
    """`area.zone` is an attribute of the area where the household lives, on the decision day. It is unknown where nobody
    has stated it."""
    spec(
        'area.zone == "mountain" && area.poverty_rate >= 0.4',
        """
        home | area.zone | area.poverty_rate | answer  | missing
        -----+-----------+-------------------+---------+------------------
        1    | mountain  | 0.4               | true    |
        2    | valley    |                   | false   |
        3    | mountain  |                   | unknown | area.poverty_rate
        """,
    )


def test_what_another_programme_decides(spec):
    """`programme.poor_home.granted` is what that programme's rule says of the same household on the same day. Unknown
    there is unknown here, and names the same facts."""
    spec(
        "household.size >= 1 && household.rooms < 3 && !programme.poor_home.granted",
        """
        home | rooms | income | answer  | missing
        -----+-------+--------+---------+--------
        1    | 1     | 10000  | false   |
        2    | 1     | 10001  | true    |
        3    | 1     |        | unknown | income
        4    | 4     |        | false   |
        """,
        """
        home | disabled
        -----+---------
        1    |
        2    |
        3    |
        4    |
        """,
    )


def test_what_another_programme_decides_about_a_member(spec):
    """Of a programme about persons ask each member."""
    spec(
        "members.exists(m, m.programme.old_age.granted)",
        """
        home | answer  | missing
        -----+---------+-----------
        1    | true    |
        2    | false   |
        3    | unknown | birth_date
        """,
        """
        home | birth_date
        -----+-----------
        1    | 1957-03-01
        1    |
        2    | 1957-03-02
        3    |
        """,
    )


def test_references_that_are_refused(spec):
    """Names that nothing has, programmes that ask each other around a circle, and inputs that do not fit."""
    spec.refused("lookup(heeting, area.zone, household.size) > param.poverty_line", "rules-table-unknown")
    spec.refused("lookup(heating, household.size) > param.poverty_line", "rules-table-inputs")
    spec.refused("lookup(heating, area.zone, household.income) > param.poverty_line", "rules-unit")
    spec.refused("score(wealth) > 3", "rules-score-unknown")
    spec.refused("programme.egg.granted", "rules-stated-circle")
    spec.refused("programme.old_age.granted", "rules-programme-unit")
    spec.refused("area.height > 3", "rules-field-unknown")
