"""What went, what came, and which words of a line differ."""

import re

from hypothesis import given
from hypothesis import strategies as st

from amparo.web.differences import GONE, NEW, SAME, Line, differences

TEXTS = st.text(alphabet="ab &|=\n", max_size=40).map(lambda text: "\n".join(text.splitlines()))


def test_a_changed_word_is_marked_in_both_lines():
    assert differences("a\nsize >= 1 &&\nb", "a\nsize >= 2 &&\nb") == [
        Line(SAME, ((False, "a"),)),
        Line(GONE, ((False, "size >= "), (True, "1"), (False, " &&"))),
        Line(NEW, ((False, "size >= "), (True, "2"), (False, " &&"))),
        Line(SAME, ((False, "b"),)),
    ]


def test_a_line_that_only_came_has_no_other_half():
    assert [(each.mark, each.parts) for each in differences("a", "a\nb")] == [
        (SAME, ((False, "a"),)),
        (NEW, ((True, "b"),)),
    ]


def narrowed(lines: list[str]) -> list[str]:
    return [re.sub(r" *\| *", " | ", each).strip() if "|" in each and "||" not in each else each for each in lines]


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_off_it(before, after):
    """Both, but for how wide the columns of a table are drawn: a row that stays is shown as the second text has it."""
    lines = differences(before, after)
    for text, mark in ((before, GONE), (after, NEW)):
        kept = ["".join(words for _, words in each.parts) for each in lines if each.mark in (SAME, mark)]
        assert narrowed(kept) == narrowed(text.splitlines())
    is_same = narrowed(before.splitlines()) == narrowed(after.splitlines())
    assert is_same == all(each.mark == SAME for each in lines)


def test_how_wide_the_columns_of_a_table_are_drawn_is_no_difference():
    before = 'rows = """\nzone   | answer\n-------+-------\nvalley |     90\nhill   |    140'
    after = 'rows = """\nzone | answer\n-----+-------\nvalley | 90\nhill | 150'
    assert [each.mark for each in differences(before, after)] == [SAME, SAME, SAME, SAME, GONE, NEW]
