"""Whatever is planted is in the files, and the truth says where; nothing else is wrong."""

import pytest

SAME = "planted.household = held.household AND planted.person = held.person"


def planted(ask, kind: str) -> int:
    return ask(f"SELECT count(*) FROM truth WHERE kind = '{kind}'")


def test_the_truth_has_every_kind_and_the_summary_counts_it(made, ask, settings):
    counted = dict(ask("SELECT kind, count(*) FROM truth GROUP BY 1"))
    assert counted == made.planted
    assert set(counted) == {*settings.duplicates, *settings.defects}


def test_households_without_head_or_with_two_are_the_planted_ones(ask):
    heads = (
        "SELECT household, count(*) FILTER (relation_to_head = 'head') AS heads"
        " FROM persons WHERE household IN (SELECT household FROM households) GROUP BY 1"
    )
    for kind, condition in (("no_head", "heads = 0"), ("two_heads", "heads > 1")):
        found = ask(f"SELECT list(household ORDER BY household) FROM ({heads}) WHERE {condition}")
        assert found == ask(f"SELECT list(household ORDER BY household) FROM truth WHERE kind = '{kind}'")


def test_children_older_than_the_head_are_the_planted_ones(ask):
    """A head who is written as born in the last century but one is older than anybody, and no child is older."""
    found = ask(
        "SELECT list(DISTINCT child.person ORDER BY child.person) FROM persons child JOIN persons head"
        " ON child.household = head.household AND head.relation_to_head = 'head' AND child.relation_to_head = 'child'"
        " WHERE child.birth_date <= head.birth_date AND child.household NOT IN"
        " (SELECT household FROM truth WHERE kind IN ('two_heads', 'born_in_the_future'))"
    )
    assert found == ask("SELECT list(person ORDER BY person) FROM truth WHERE kind = 'child_older_than_parent'")


def test_impossible_birth_dates_are_the_planted_ones(ask):
    for kind, condition in (
        ("born_in_the_future", "birth_date > visited"),
        ("born_too_long_ago", "birth_date < DATE '1900-01-01'"),
    ):
        found = ask(
            f"SELECT list(person ORDER BY person) FROM persons JOIN households USING (household) WHERE {condition}"
        )
        assert found == ask(f"SELECT list(person ORDER BY person) FROM truth WHERE kind = '{kind}'")


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("out_of_range", "SELECT household FROM households WHERE rooms > 40"),
        ("unknown_area", "SELECT household FROM households WHERE area NOT LIKE 'VM%'"),
        ("unknown_code", "SELECT household FROM persons WHERE sex NOT IN ('F', 'M')"),
        (
            "broken_reference",
            "SELECT 'H' || household[2:] FROM persons WHERE household NOT IN (SELECT household FROM households)",
        ),
    ],
)
def test_values_that_cannot_be_are_the_planted_ones(ask, kind, found):
    rows = ask(f"SELECT list(held ORDER BY held) FROM ({found}) AS t(held)")
    assert rows == ask(f"SELECT list(household ORDER BY household) FROM truth WHERE kind = '{kind}'")


def test_a_duplicate_is_the_same_person_written_down_again(ask):
    pairs = (
        "SELECT copy.*, original.given_name AS first, original.family_name AS family, original.birth_date AS born,"
        " original.national_id AS number, original.household AS home, kind FROM truth"
        " JOIN persons copy ON copy.person = truth.person JOIN persons original ON original.person = other_person"
        " WHERE kind IN ('twice_in_household', 'in_two_households')"
    )
    assert ask(f"SELECT count(*) FROM ({pairs})") == planted(ask, "twice_in_household") + planted(
        ask, "in_two_households"
    )
    assert ask(f"SELECT count(*) FROM ({pairs}) WHERE abs(len(given_name) - len(first)) > 1") == 0
    assert 0.3 < ask(f"SELECT avg((given_name = first AND family_name = family)::int) FROM ({pairs})") < 0.9
    assert 0.6 < ask(f"SELECT avg((birth_date = born)::int) FROM ({pairs})") < 0.95
    assert ask(f"SELECT count(*) FROM ({pairs}) WHERE national_id IS NOT NULL AND national_id <> number") == 0
    assert ask(f"SELECT count(*) FROM ({pairs}) WHERE (kind = 'twice_in_household') <> (household = home)") == 0


def test_nobody_has_the_number_of_another_but_their_own_copy(ask):
    shared = "SELECT national_id FROM persons WHERE national_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1"
    assert (
        ask(
            f"SELECT count(*) FROM persons WHERE national_id IN ({shared}) AND person NOT IN"
            " (SELECT person FROM truth UNION SELECT other_person FROM truth WHERE other_person IS NOT NULL)"
        )
        == 0
    )


def test_one_thing_is_planted_in_a_household(ask):
    assert (
        ask(
            "SELECT count(*) FROM (SELECT household FROM truth WHERE kind NOT LIKE '%household%'"
            " GROUP BY 1 HAVING count(*) > 1)"
        )
        == 0
    )
