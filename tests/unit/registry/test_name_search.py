"""A search by name finds the same people whichever way it takes, and nobody outside the caller's areas (PRV-1)."""

import random

import pytest
from django.db import connections, transaction
from django.db.utils import ProgrammingError

from amparo.trust.context import acting
from amparo.trust.types import Permission

GIVEN = ["mariam", "marian", "miriam", "amina", "yusuf", "joseph", "josé", "ቢኒያም", "فاطمة", "fatima"]
FAMILY = ["hassan", "hasan", "hassen", "silva", "sylva", "da silva", "okoye", "البناء", "farrow"]
PEOPLE = 15_000  # more than are read one by one


@pytest.fixture(scope="module")
def villages(database):
    """Most of the people live in the north, a few in the south."""
    draw = random.Random(3)
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT code, number FROM trust_area")
        numbers = dict(cursor.fetchall())
        rows = [
            (f"{draw.choice(GIVEN)} {draw.choice(FAMILY)}", numbers["n1" if place % 50 else draw.choice(["s1", "s2"])])
            for place in range(PEOPLE)
        ]
        cursor.execute(
            "INSERT INTO registry_person_name (person_id, words, area_number)"
            " SELECT amparo_uuid7(), amparo_name_words(name), area FROM unnest(%s::text[], %s::bigint[]) AS t (name, area)",
            [[name for name, _ in rows], [area for _, area in rows]],
        )
    return numbers


def found(by, asked, at_most=50):
    with acting(by.narrowed(Permission.FIND)), connections["default"].cursor() as cursor:
        return cursor.execute("SELECT * FROM amparo_search_names(%s, %s)", [asked, at_most]).fetchall()


def plainly(by, asked, at_most=50):
    """Read every name there is, past both gates."""
    reach = by.narrowed(Permission.FIND).scope
    with transaction.atomic(using="bulk"), connections["bulk"].cursor() as cursor:
        cursor.execute("SET LOCAL pg_trgm.word_similarity_threshold = 0.4")
        return cursor.execute(
            "SELECT person_id, strict_word_similarity(amparo_name_words(%(asked)s), words) AS alike"
            " FROM registry_person_name WHERE amparo_name_words(%(asked)s) <%% words"
            " AND strict_word_similarity(amparo_name_words(%(asked)s), words) >= 0.3"
            " AND area_number <@ %(reach)s::int8multirange ORDER BY alike DESC, person_id LIMIT %(most)s",
            {"asked": asked, "reach": reach.multirange, "most": at_most},
        ).fetchall()


@pytest.mark.parametrize(
    "asked", ["Mariam Hassan", "mriam hasen", "sylva", "José", "ቢኒያም", "فاطمه البناء", "nobody known", "x"]
)
@pytest.mark.parametrize("officer", ["amina", "chen", "bruno"])
def test_many_names_and_few_are_searched_to_the_same_end(villages, cast, officer, asked):
    by = getattr(cast, officer)
    wanted = plainly(by, asked) if len(asked) > 1 else []
    assert found(by, asked) == wanted
    assert len(found(by, asked, 3)) == min(3, len(wanted))


def test_no_more_than_two_hundred_are_ever_shown(villages, cast):
    assert len(found(cast.amina, "mariam", 100_000)) == 200


def test_without_a_scope_the_search_is_refused(villages):
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|no scope is set"),
        connections["default"].cursor() as cursor,
    ):
        cursor.execute("SELECT * FROM amparo_search_names('mariam', 10)")
