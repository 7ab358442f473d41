"""A table that leaves goes through `kernel.spreadsheets`, which lets no text run as a formula; nothing else writes one."""

import ast

from tests.structure import sources

THE_WRITER = "amparo/kernel/spreadsheets.py"
# Writes a table that is not for anybody's spreadsheet, and why.
OTHERS = {
    "amparo/profiles/synth/geography.py": "an invented country's areas, read by our own reader",
    "amparo/profiles/synth/writing.py": "an invented country's people, read by our own reader, which keeps every text",
}
WRITERS = {"writer", "DictWriter", "CSVWriter", "write_csv", "to_csv", "to_excel", "Workbook", "ExcelWriter"}
LIBRARIES = {"openpyxl", "xlsxwriter", "xlwt", "odf", "pyexcel"}


def writes_tables(module: ast.Module) -> list[int]:
    """Return the lines on which CSV or a workbook is written by a library."""
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and node.attr in WRITERS and is_of_a_library(node.value):
            found.append(node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module in ("csv", "pyarrow.csv"):
            found += [node.lineno for each in node.names if each.name in WRITERS]
        elif isinstance(node, ast.Import | ast.ImportFrom) and LIBRARIES & imported(node):
            found.append(node.lineno)
    return found


def is_of_a_library(node: ast.expr) -> bool:
    return not (isinstance(node, ast.Name) and node.id == "spreadsheets")


def imported(node: ast.Import | ast.ImportFrom) -> set[str]:
    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
    return {each.split(".")[0] for each in names}


def test_only_the_one_writer_writes_tables():
    sources.expect_none(
        f"{file}:{line}"
        for file in sources.python()
        if file not in (THE_WRITER, *OTHERS)
        for line in writes_tables(sources.tree(file))
    )


def test_every_exception_still_is_one():
    sources.expect_none(file for file in (THE_WRITER, *OTHERS) if not writes_tables(sources.tree(file)))


def test_planted_writers_are_found():
    planted = sources.parse("""
import csv
csv.writer(open("x"))
from csv import DictWriter
frame.to_csv("x")
import openpyxl.workbook
spreadsheets.writer(stream)
""")
    assert sorted(writes_tables(planted)) == [3, 4, 5, 6]
