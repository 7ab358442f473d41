"""Tables as grids: rows come, go and are drawn again as they were filled in."""

from hypothesis import given
from hypothesis import strategies as st

from amparo.rules.check.drawn import drawn
from amparo.web import grids

COLUMNS = ("zone", "persons", "answer")
DRAWN = """
zone   | persons | answer
-------+---------+-------
valley | ..2     |  90.00
valley | 3..     | 130.00
"""
CELLS = st.text(alphabet="ab1.,>-", max_size=5)


def test_a_drawing_becomes_rows_and_a_drawing_again():
    grid = grids.of_drawing("rows", DRAWN, COLUMNS)
    assert grid.rows == (("valley", "..2", "90.00"), ("valley", "3..", "130.00"))
    assert grids.of_drawing("rows", grid.drawing, COLUMNS) == grid


@given(st.lists(st.tuples(CELLS.filter(lambda cell: cell.strip("-")), CELLS, CELLS), min_size=1, max_size=4))
def test_what_is_posted_is_drawn_cell_by_cell(rows):
    sent = {f"rows-{i}-{j}": cell for i, row in enumerate(rows) for j, cell in enumerate(row)}
    grid = grids.posted("rows", COLUMNS, sent | {"other-0-0": "x", "rows-x-0": "y"})
    assert [tuple(each.text for each in row) for row in drawn(grid.drawing, COLUMNS)] == rows


def test_rows_come_and_go_by_the_buttons_of_their_own_grid():
    grid = grids.of_drawing("points-0", DRAWN, COLUMNS)
    assert grid.acted("add:points-0").rows == (*grid.rows, ("", "", ""))
    assert grid.acted("remove:points-0:0").rows == grid.rows[1:]
    for act in ("save", "add:points-1", "remove:points-1:0", "remove:points-0:9", "remove:points-0:", "remove"):
        assert grid.acted(act) == grid


def test_an_empty_grid_is_drawn_without_rows_and_so_refused_by_the_check():
    assert grids.of_rows("rows", COLUMNS, []).drawing.splitlines()[0] == "zone | persons | answer"
