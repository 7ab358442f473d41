"""Rows of the registry as a stream: in order, at one instant, nested rows with their own parents."""

import pytest

from amparo.kernel.errors import Refused
from amparo.kernel.exports import Export, Grade, Nested
from amparo.registry.exports import households
from amparo.snapshot import stream
from amparo.snapshot.stream import bulk_login
from tests.lib.country import DICTIONARY, household

pytestmark = pytest.mark.usefixtures("database")
READS = {("household", "income"), ("person", "sex")}


def drawn(export: Export, **parameters) -> list[dict]:
    with stream.instant(bulk_login()) as instant, stream.rows(export, instant, parameters=parameters) as reader:
        return reader.read_all().to_pylist()


def numbers(count: str = "count", children: str = "VALUES (1, 'a'), (1, 'b'), (3, 'c')") -> Export:
    """Three parents of which the second has no child, with keys that look like ids."""
    id = "lpad(%s::text, 32, '0')::uuid"
    return Export(
        name="parents",
        query=f"SELECT {id % 'n'} AS id, {count} AS count FROM (VALUES (1, 2), (2, 0), (3, 1)) v (n, count) ORDER BY 1",
        key="id",
        columns={"id": "key", "count": "computed"},
        grades=frozenset({Grade.DECISION}),
        nested=(
            Nested(
                "children",
                f"SELECT {id % 'n'} AS id, word FROM ({children}) v (n, word) ORDER BY 1, 2",
                parent="id",
                count="count",
                columns={"word": "situation"},
            ),
        ),
    )


def test_nested_rows_come_with_their_own_parent_and_a_parent_without_any_has_an_empty_list():
    assert [[child["word"] for child in row["children"]] for row in drawn(numbers())] == [["a", "b"], [], ["c"]]


@pytest.mark.parametrize(
    "children",
    [
        "VALUES (1, 'a'), (2, 'b'), (3, 'c')",  # one slipped to a neighbour
        "VALUES (1, 'a'), (1, 'b')",  # one too few
        "VALUES (1, 'a'), (1, 'b'), (3, 'c'), (3, 'd')",  # one too many
    ],
)
def test_nested_rows_that_do_not_match_their_parents_end_the_export(children):
    with pytest.raises(Refused, match="snapshot-parents-differ"):
        drawn(numbers(children=children))


def test_a_column_that_was_not_declared_ends_the_export():
    export = households(DICTIONARY, reads=READS)
    wider = Export(**{**vars(export), "query": export.query.replace("h.area_number,", "h.area_number, h.number,")})
    with pytest.raises(Refused, match="snapshot-columns-differ"):
        drawn(wider)


def test_all_exports_of_a_snapshot_see_the_same_instant():
    export = households(DICTIONARY, reads=READS)
    with stream.instant(bulk_login()) as instant:
        with stream.rows(export, instant, parameters={}) as reader:
            before = reader.read_all().num_rows
        household("n1", {"sex": "female"})
        with stream.rows(export, instant, parameters={}) as reader:
            assert reader.read_all().num_rows == before
    assert len(drawn(export)) == before + 1


def test_households_and_their_members_come_in_the_order_of_areas():
    """So that a run over an area reads a stretch of the file; that each has their own members is held by the stream."""
    for area in ("s1", "n1", "s1", "n1"):
        household(area, {"sex": "female"}, {"sex": "male"})
    found = [(row["area_number"], row["household_id"]) for row in drawn(households(DICTIONARY, reads=READS))]
    assert found == sorted(found)
    assert found != sorted(found, key=lambda pair: pair[1])
