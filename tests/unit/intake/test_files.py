"""Files that nobody may trust: every kind is refused or read in a child process, and nothing happens to the parent."""

import datetime
import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from amparo.intake.files import child, limits
from amparo.intake.files.kinds import format_of
from amparo.intake.files.wanted import LINE, Read, Wanted
from amparo.kernel.errors import Refused, Stopped
from tests.unit.intake.workbooks import cell, number, row, sheet, text, workbook


def read(folder: Path, content: bytes | None, *, name: str = "f.csv", columns=("a", "b"), **wanted) -> Read:
    path = folder / name
    if content is not None:
        path.write_bytes(content)
    return child.read(Wanted(str(path), name, str(folder / "out.parquet"), tuple(columns), **wanted))


def rows(folder: Path) -> list[tuple]:
    table = pq.read_table(folder / "out.parquet")
    return [tuple(each.values()) for each in table.to_pylist()]


def ragged(folder: Path) -> list[tuple[int, str]]:
    return [(each[LINE], each["text"]) for each in pq.read_table(folder / "out.ragged").to_pylist()]


def refusal(folder: Path, content: bytes | None, **wanted) -> tuple[str, dict]:
    with pytest.raises(Refused) as refused:
        read(folder, content, **wanted)
    return refused.value.message.id.removeprefix("intake-"), dict(refused.value.message.values)


@pytest.mark.parametrize(
    ("encoding", "given"),
    [("utf-8", None), ("utf-8-sig", None), ("utf-16", None), ("utf-32", None), ("cp1252", "cp1252"), ("cp1256", "cp1256")],
)  # fmt: skip
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_encoding_separator_and_line_end_gives_the_same_rows(tmp_path, encoding, given, separator, end):
    word = "é" if encoding == "cp1252" else "سلام" if encoding == "cp1256" else "é سلام 名"
    lines = [["a", "b"], ["001", word], ["", f'"x{separator}y"']]
    content = "".join(separator.join(cells) + end for cells in lines).encode(encoding)
    found = read(tmp_path, content, encoding=given)
    assert rows(tmp_path) == [(2, "001", word), (3, "", f"x{separator}y")]
    assert (found.rows, found.separator) == (2, separator)


def test_lines_are_counted_through_blank_lines_cells_of_several_lines_and_rows_set_aside(tmp_path):
    read(tmp_path, b'a,b\n1,2\n3\n\n4,"5\n6"\n7,8,9\n10,11\n')
    assert rows(tmp_path) == [(2, "1", "2"), (5, "4", "5\n6"), (8, "10", "11")]
    assert ragged(tmp_path) == [(3, "3"), (7, "7,8,9")]


def test_lines_are_counted_right_over_many_blocks(tmp_path):
    lines = ["a,b", *(f"{n},{'x' * 200}" if n % 1_000 else f"{n}" for n in range(1, 60_000))]
    read(tmp_path, "\n".join(lines).encode())
    assert [(int(a), line) for line, a, _ in rows(tmp_path)] == [(n, n + 1) for n in range(1, 60_000) if n % 1_000]
    assert ragged(tmp_path) == [(n + 1, str(n)) for n in range(1_000, 60_000, 1_000)]


@pytest.mark.parametrize(
    ("content", "id", "place"),
    [
        (b"", "file-empty", {}),
        (b"\n\n  \n", "file-empty", {}),
        (b"a,c\n1,2\n", "column-missing", {"column": "b"}),
        (b"a,b,c\n1,2,3\n", "column-unknown", {"column": "c"}),
        (b"a,b,a\n1,2,3\n", "column-twice", {"column": "a"}),
        (b"a,b,\n1,2,3\n", "column-unnamed", {"number": 3}),
        (",".join(f"c{n}" for n in range(100_000)).encode() + b"\n", "columns-too-many", {"columns": 100_000}),
        ("a,b\n1,é\n".encode("cp1252"), "encoding-unclear", {"line": 2}),
        (b"a,b\n1,\xff\xfe\n", "encoding-unclear", {"line": 2}),
        (b"a,b\n1,\x00\n", "text-nul", {"line": 2}),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "file-kind", {"kind": "JPEG"}),
        ("a,b\n1,2\n".encode("utf-16-le"), "text-nul", {"line": 1}),
        (b'a,b\n1,2\n1,"2\n3,4\n', "quote-open", {"line": 3}),
        (b"a,b\n1,2\n1," + b"x" * 40_000 + b"\n", "cell-too-long", {"line": 3, "column": "b"}),
        (b"a,b\n1," + b"x" * 300_000_000 + b"\n", "line-too-long", {"line": 2}),
        (b"\xd0\xcf\x11\xe0" + b"x" * 100, "file-old-workbook", {}),
        (b"PK\x03\x04" + b"x" * 100, "workbook-unreadable", {}),
        (b"PAR1\x15" + b"x" * 100, "parquet-unreadable", {}),
        (b"a,b\n" + b"1\n" * 100_002, "rows-ragged", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_text_is_refused_with_its_place(tmp_path, content, id, place):
    found, values = refusal(tmp_path, content)
    assert found == id
    assert values | place == values
    assert values["file"] == "f.csv"


@pytest.mark.parametrize("name", ["f.parquet", "f.XLSX", "f.pdf"])
def test_a_text_under_the_name_of_something_else_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"a,b\n1,2\n")
    with pytest.raises(Refused) as refused:
        format_of(tmp_path / name, name)
    assert refused.value.message.id == "intake-file-other-kind"


def test_a_legacy_encoding_is_refused_for_a_file_that_is_utf8(tmp_path):
    assert refusal(tmp_path, "a,b\n1,é\n".encode(), encoding="cp1252")[0] == "encoding-is-utf8"


def test_a_file_that_is_not_in_the_encoding_named_is_refused(tmp_path):
    assert refusal(tmp_path, b"a,b\n1,\x81\n", encoding="cp1252")[0] == "encoding-broken"


def test_an_encoding_nobody_writes_is_refused(tmp_path):
    assert refusal(tmp_path, b"a,b\n", encoding="rot13")[0] == "encoding-unknown"


def test_ignored_columns_are_not_unknown(tmp_path):
    assert read(tmp_path, b"a,b,c\n1,2,3\n", ignore=("c",)).rows == 1
    assert read(tmp_path, b"a,b,c\n1,2,3\n", ignore_rest=True).rows == 1


def test_a_workbook_gives_its_rows_by_their_number_and_formulas_as_text(tmp_path):
    first = row(3, B=text("a"), C=text("b"))
    rest = [row(4, B=number(1.0), C=text("x")), row(6, B=number(1.5), C="<f>A1+1</f><v>7</v>")]
    workbook(tmp_path / "f.xlsx", sheet([first, *rest]))
    read(tmp_path, None, name="f.xlsx", sheet="Data")
    assert rows(tmp_path) == [(4, "1", "x"), (6, "1.5", "=A1+1")]


HEADING = row(1, A=text("a"), B=text("b"))


@pytest.mark.parametrize(
    ("rows", "id"),
    [
        ([row(1, A=text("a"), XFD=text("b"))], "columns-too-many"),
        ([HEADING, row(1_048_576, B=number(1))], None),
        ([HEADING, row(1_048_576, ZZ=number(1))], "sheet-too-large"),
        ([HEADING, row(99_999_999_999, B=number(1))], "sheet-too-large"),
        ([HEADING, row(2, B=text("x" * 40_000))], "sheet-cell-too-long"),
        ([HEADING, row(2, B=text("x" * 300_000_000))], "workbook-bomb"),
        ([HEADING, *(row(n, B="<f>A1</f>") for n in range(2, 10_003))], "sheet-formulas"),
        (['<row r="1"><c r="1A"><v>1</v></c></row>'], "workbook-unreadable"),
        (["<row>"], "workbook-unreadable"),
        (["<dimension ref='A1:XFD1048576'/>", HEADING], "columns-too-many"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_workbook_that_would_hurt_its_reader_is_refused_before_it_is_opened(tmp_path, rows, id):
    workbook(tmp_path / "f.xlsx", sheet(rows))
    if id is None:
        assert read(tmp_path, None, name="f.xlsx").rows == 1
    else:
        assert refusal(tmp_path, None, name="f.xlsx")[0] == id


def test_entities_in_a_workbook_are_refused(tmp_path):
    doctype = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    workbook(tmp_path / "f.xlsx", sheet([row(1, A=text("a"), B=text("&x;"))], before=doctype))
    assert refusal(tmp_path, None, name="f.xlsx")[0] == "workbook-suspect"


@pytest.mark.parametrize("part", ["../evil", "/etc/evil", "C:\\evil", "a/../../b", "inner.zip", "more.xlsx"])
def test_a_workbook_with_parts_that_no_program_writes_is_refused(tmp_path, part):
    workbook(tmp_path / "f.xlsx", sheet([HEADING]), **{part: "x"})
    assert refusal(tmp_path, None, name="f.xlsx")[0] == "workbook-suspect"


def test_a_link_in_a_workbook_is_refused(tmp_path):
    workbook(tmp_path / "f.xlsx", sheet([HEADING]))
    with zipfile.ZipFile(tmp_path / "f.xlsx", "a") as archive:
        link = zipfile.ZipInfo("xl/link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert refusal(tmp_path, None, name="f.xlsx")[0] == "workbook-suspect"


def test_too_many_parts_are_refused(tmp_path):
    workbook(tmp_path / "f.xlsx", sheet([HEADING]), **{f"p{n}": "x" for n in range(limits.ZIP_ENTRIES)})
    assert refusal(tmp_path, None, name="f.xlsx")[0] == "workbook-bomb"


def test_entries_that_share_bytes_are_refused(tmp_path):
    workbook(tmp_path / "f.xlsx", sheet([HEADING]), kernel="x" * 5_000)
    content = bytearray((tmp_path / "f.xlsx").read_bytes())
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        [kernel] = [each for each in archive.infolist() if each.filename == "kernel"]
        [first] = [each for each in archive.infolist() if each.filename == "xl/workbook.xml"]
    place = content.rindex(b"kernel") - 4  # the offset in the directory, which stands before the name
    assert int.from_bytes(content[place : place + 4], "little") == kernel.header_offset
    content[place : place + 4] = first.header_offset.to_bytes(4, "little")
    assert refusal(tmp_path, bytes(content), name="f.xlsx")[0] == "workbook-suspect"


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_a_truncated_workbook_is_refused(tmp_path, share):
    workbook(tmp_path / "f.xlsx", sheet([HEADING, *(row(n, A=number(n)) for n in range(2, 500))]))
    content = (tmp_path / "f.xlsx").read_bytes()
    assert refusal(tmp_path, content[: int(len(content) * share)], name="f.xlsx")[0] == "workbook-unreadable"


def test_a_sheet_that_is_not_there_is_refused(tmp_path):
    workbook(tmp_path / "f.xlsx", sheet([HEADING]))
    assert refusal(tmp_path, None, name="f.xlsx", sheet="Other")[0] == "sheet-missing"


def test_a_shared_text_of_300_megabytes_is_refused(tmp_path):
    strings = f"<sst><si><t>{'x' * 100_000}</t></si></sst>"
    workbook(tmp_path / "f.xlsx", sheet([HEADING]), **{"xl/sharedStrings.xml": strings})
    assert refusal(tmp_path, None, name="f.xlsx")[0] == "workbook-cell-too-long"


def test_cells_of_every_kind_become_the_text_a_csv_would_have(tmp_path):
    cells = [cell("A2", number(12.0)), cell("B2", number(0.1)), '<c r="C2" t="b"><v>1</v></c>']
    heading = row(1, A=text("a"), B=text("b"), C=text("c"))
    workbook(tmp_path / "f.xlsx", sheet([heading, f'<row r="2">{"".join(cells)}</row>']))
    read(tmp_path, None, name="f.xlsx", columns=("a", "b", "c"))
    assert rows(tmp_path) == [(2, "12", "0.1", "true")]


def test_parquet_gives_its_values_as_text_and_nothing_as_blank(tmp_path):
    day = datetime.datetime(2020, 1, 31)
    table = pa.table({"a": [1, None], "b": [1.5, 2.0], "c": [day, None], "d": pa.array(["x", "y"]).dictionary_encode()})
    pq.write_table(table, tmp_path / "f.parquet")
    read(tmp_path, None, name="f.parquet", columns=("a", "b", "c", "d"))
    assert rows(tmp_path) == [(1, "1", "1.5", "2020-01-31", "x"), (2, "", "2", "", "y")]


def test_parquet_with_lists_is_refused(tmp_path):
    pq.write_table(pa.table({"a": [[1]], "b": [2]}), tmp_path / "f.parquet")
    assert refusal(tmp_path, None, name="f.parquet") == ("column-nested", {"file": "f.parquet", "column": "a"})


def test_a_child_that_needs_too_much_memory_dies_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(child, "_COMMAND", (child.sys.executable, "-I", "-c", _GREEDY))
    assert refusal(tmp_path, b"a,b\n1,2\n")[0] == "reader-died"


_GREEDY = """
import json, resource, sys
json.loads(sys.stdin.read())
resource.setrlimit(resource.RLIMIT_AS, (1 << 28, 1 << 28))
x = bytearray(1 << 30)
"""


def test_a_child_that_takes_too_long_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(child, "_COMMAND", (child.sys.executable, "-I", "-c", "import time; time.sleep(60)"))
    monkeypatch.setattr(limits, "SECONDS", 1)
    assert refusal(tmp_path, b"a,b\n1,2\n")[0] == "reader-slow"


@pytest.mark.parametrize(
    "said",
    ["nonsense", '{"rows": "many"}', '{"read": {"x": 1}}', '{"refused": "trust-not-permitted", "values": {}}', "[]"],
)
def test_whatever_a_child_says_that_is_not_ours_is_its_death(tmp_path, monkeypatch, said):
    monkeypatch.setattr(child, "_COMMAND", (child.sys.executable, "-I", "-c", f"print({said!r})"))
    assert refusal(tmp_path, b"a,b\n1,2\n")[0] == "reader-died"


def test_a_child_is_given_nothing_of_ours(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    told = tmp_path / "told"
    code = f"import os; open({str(told)!r}, 'w').write(repr(dict(os.environ)))"
    monkeypatch.setattr(child, "_COMMAND", (child.sys.executable, "-I", "-c", code))
    refusal(tmp_path, b"a,b\n1,2\n")
    assert "secret" not in told.read_text()
    assert "AMPARO" not in told.read_text()


def test_reading_stops_when_asked(tmp_path):
    (tmp_path / "f.csv").write_bytes(b"a,b\n" + b"1,2\n" * 2_000_000)
    wanted = Wanted(str(tmp_path / "f.csv"), "f.csv", str(tmp_path / "out.parquet"), ("a", "b"))
    with pytest.raises(Stopped):
        child.read(wanted, is_stopped=lambda: True)
