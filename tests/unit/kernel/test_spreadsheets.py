"""No text that leaves in a table runs as a formula, and no value that is none is touched."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.kernel.spreadsheets import SIGNS, cell, writer

FORMULAS = (
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\tx", " =1", "\u00a0=1", "\u200b=1", "\ufeff=1",
    '"=1', "'=1", "' \"=1", "＝1", "＋1", "－1", "＠x", " ＝1", "=cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0",
    '=HYPERLINK("http://x")', "+cmd", "+1-2", "-x", "+", "-", "=", "@", "--1", "+254-700", "-1e5=", "+٢",
)  # fmt: skip
HARMLESS = (
    "", "n1", "a=b", "x@y.org", "1-2", "Ana-Maria", "O'Neil", "-5", "-5.25", "-5,25", "+254700123456", "+254 700 123 456",
    "007", "2020-01-31", "#N/A", "’=", "(+254)",
)  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_a_spreadsheet_would_calculate_is_shown_instead(text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_a_text_that_is_no_formula_stays(text):
    assert cell(text) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-5, "-5"),
        (Decimal("-12.50"), "-12.50"),
        (-0.5, "-0.5"),
        (None, ""),
        (True, "True"),
        (date(2020, 1, 31), "2020-01-31"),
        (datetime(2020, 1, 31, tzinfo=UTC), "2020-01-31T00:00:00+00:00"),
        (UUID(int=1), str(UUID(int=1))),
    ],
)
def test_a_typed_value_is_written_as_it_is(value, text):
    assert cell(value) == text


@given(st.text())
def test_every_text_comes_back_and_begins_with_no_sign_but_a_number_s(text):
    written = cell(text)
    assert written in (text, f"'{text}")
    if written[:1] in (*SIGNS, "\t", "\r", "\n"):
        assert written.strip("+-0123456789., ") == ""
        assert written[1:2].isdigit()


def test_rows_are_written_as_csv_whose_cells_are_safe():
    stream = io.StringIO(newline="")
    write = writer(stream)
    write(("a", "b"))
    write(("=1,2", Decimal("-1.50")))
    assert list(csv.reader(io.StringIO(stream.getvalue()))) == [["a", "b"], ["'=1,2", "-1.50"]]
