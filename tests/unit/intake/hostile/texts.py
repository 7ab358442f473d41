"""Delimited text: encodings, quotes, line ends, sizes, and what only calls itself text."""

import codecs
import gzip
import io
import zipfile

from tests.unit.intake.hostile.case import Case, refused, taken

ROWS = "a,b\n001,é سلام 名\n"
ROW = (2, "001", "é سلام 名")


def _zip(**parts: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return held.getvalue()


def encodings() -> list[Case]:
    good = [
        taken("UTF-8", ROWS.encode(), ROW),
        taken("UTF-8 with a mark", ROWS.encode("utf-8-sig"), ROW),
        taken("UTF-16 LE with a mark", codecs.BOM_UTF16_LE + ROWS.encode("utf-16-le"), ROW),
        taken("UTF-16 BE with a mark", codecs.BOM_UTF16_BE + ROWS.encode("utf-16-be"), ROW),
        taken("UTF-32 LE with a mark", codecs.BOM_UTF32_LE + ROWS.encode("utf-32-le"), ROW),
        taken("UTF-32 BE with a mark", codecs.BOM_UTF32_BE + ROWS.encode("utf-32-be"), ROW),
        taken("four bytes a character", "a,b\n1,𐐷🏚\n".encode(), (2, "1", "𐐷🏚")),
        taken(
            "composed and not", "a,b\né,e\u0301\n".encode(), (2, "é", "e\u0301")
        ),  # made one by validation, which says so
        taken("other scripts' digits", "a,b\n٠١٢,१२३\n".encode(), (2, "٠١٢", "१२३")),
        taken("a mark within", "a,b\n1,x\ufeffy\n".encode(), (2, "1", "x\ufeffy")),
    ]
    for code, word in (
        ("cp1252", "é€"),
        ("cp1256", "سلام"),
        ("shift_jis", "名前"),
        ("gb18030", "名前"),
        ("koi8-r", "имя"),
    ):
        content = f"a,b\n1,{word}\n".encode(code)
        good.append(taken(f"{code}, named", content, (2, "1", word), wanted={"encoding": code}))
        good.append(refused(f"{code}, not named", content, "encoding-unclear", line=2))
    return [
        *good,
        refused("UTF-16 without a mark", "a,b\n1,2\n".encode("utf-16-le"), "text-nul", line=1),
        refused("UTF-32 without a mark", "a,b\n1,2\n".encode("utf-32-be"), "text-nul", line=1),
        refused("UTF-16 cut in a character", codecs.BOM_UTF16_LE + ROWS.encode("utf-16-le")[:-1], "encoding-broken"),
        refused("half a pair in UTF-16", codecs.BOM_UTF16_LE + "a,b\n1,".encode("utf-16-le") + b"\x00\xd8\n\x00", "encoding-broken", line=2),
        refused("half a pair in UTF-8", b"a,b\n1,\xed\xa0\x80\n", "encoding-unclear", line=2),
        refused("an overlong slash", b"a,b\n1,\xc0\xaf\n", "encoding-unclear", line=2),
        refused("beyond the last character", b"a,b\n1,\xf4\x90\x80\x80\n", "encoding-unclear", line=2),
        refused("five bytes a character", b"a,b\n1,\xf8\x88\x80\x80\x80\n", "encoding-unclear", line=2),
        refused("cut in a character", "a,b\n1,名".encode()[:-1], "encoding-unclear", line=2),
        refused("two encodings in one", "a,b\n1,é\n".encode() + "2,é\n".encode("cp1252"), "encoding-unclear", line=3),
        refused("the mark of UTF-16 before UTF-8", codecs.BOM_UTF16_LE + b"a,b\n1,2\n3", "encoding-broken"),
        refused("UTF-8 called cp1252", "a,b\n1,é\n".encode(), "encoding-is-utf8", wanted={"encoding": "cp1252"}),
        refused("what cp1252 has not", b"a,b\n1,\x81\n", "encoding-broken", line=2, wanted={"encoding": "cp1252"}),
        refused("an encoding that runs", b"a,b\n", "encoding-unknown", wanted={"encoding": "unicode_escape"}),
        refused("UTF-7", b"a,b\n1,+AD0-\n", "encoding-unknown", wanted={"encoding": "utf-7"}),
    ]  # fmt: skip


def quotes() -> list[Case]:
    return [
        taken("a quoted separator", b'a,b\n"1,2",3\n', (2, "1,2", "3")),
        taken("doubled quotes", b'a,b\n"he said ""no""",3\n', (2, 'he said "no"', "3")),
        taken("only quotes", b'a,b\n"""""",""\n', (2, '""', "")),
        taken("a quote inside an unquoted cell", b'a,b\n5" pipe,6" pipe\n', (2, '5" pipe', '6" pipe')),
        taken("a line end in a cell", b'a,b\n"x\r\ny",2\n3,4\n', (2, "x\r\ny", "2"), (4, "3", "4")),
        refused("text after a closing quote", b'a,b\n1,2\n"x"y,2\n', "quote-misplaced", line=3),
        refused("a space after a closing quote", b'a,b\n"x" ,2\n', "quote-misplaced", line=2),
        refused("an empty cell that goes on", b'a,b\n""x,2\n', "quote-misplaced", line=2),
        refused("quotes escaped by a backslash", b'a,b\n"x\\"y\\"z",2\n', "quote-misplaced", line=2),
        refused("a heading that goes on", b'"a"x,b\n1,2\n', "column-missing"),
        refused("never closed", b'a,b\n1,2\n3,"4\n5,6\n', "quote-open", line=3),
        refused("never closed, and large", lambda: b'a,b\n1,"' + b"2,3\n" * 500_000, "quote-open", line=2),
        Case("a space before a quote", lambda: b'a,b\n1, "x,y"\n3,4\n', rows=[(3, "3", "4")], aside=[(2, '1, "x,y"')]),
    ]


def lines() -> list[Case]:
    return [
        taken("line ends of Windows", b"a,b\r\n1,2\r\n3,4\r\n", (2, "1", "2"), (3, "3", "4")),
        taken("line ends of old Macs", b"a,b\r1,2\r3,4\r", (2, "1", "2"), (3, "3", "4")),
        taken("line ends of every kind", b"a,b\n1,2\r\n3,4\r5,6", (2, "1", "2"), (3, "3", "4"), (4, "5", "6")),
        taken("separators that are no line ends", "a,b\n1\u2028x,2\u0085y\x0bz\n".encode(), (2, "1\u2028x", "2\u0085y\x0bz")),
        taken("no line end at the end", b"a,b\n1,2", (2, "1", "2")),
        taken("blank lines", b"a,b\n\n1,2\n\n\n3,4\n\n", (3, "1", "2"), (6, "3", "4")),
        taken("spaces stay", b"a,b\n 1 ,\t2\n", (2, " 1 ", "\t2")),
        taken("words that mean nothing to us", b"a,b\nNULL,NaN\n#N/A,None\n", (2, "NULL", "NaN"), (3, "#N/A", "None")),
        taken("numbers that are not rounded", b"a,b\n0.10,1e5\n-0,00\n", (2, "0.10", "1e5"), (3, "-0", "00")),
        taken("twenty digits", b"a,b\n12345678901234567890,007\n", (2, "12345678901234567890", "007")),
        taken("formulas", b"a,b\n=1+1,@SUM(A1)\n", (2, "=1+1", "@SUM(A1)")),
        taken("names of tables in SQL", b"a,b\n'; DROP TABLE x;--,${x}\n", (2, "'; DROP TABLE x;--", "${x}")),
        taken("a column called PK", b"PK,b\n1,2\n", (2, "1", "2"), wanted={"columns": ("PK", "b")}),
        taken("a column called PAR1", b"PAR1,b\n1,2\n", (2, "1", "2"), wanted={"columns": ("PAR1", "b")}),
        taken("a column called BZ", b"BZ,b\n1,2\n", (2, "1", "2"), wanted={"columns": ("BZ", "b")}),
        Case("rows too short and too long", lambda: b"a,b\n1\n1,2,3\n4,5\n", rows=[(4, "4", "5")], aside=[(2, "1"), (3, "1,2,3")]),
        refused("rows all too short", lambda: b"a,b\n" + b"1\n" * 100_002, "rows-ragged"),
        refused("a NUL", b"a,b\n1,2\n3,\x00\n", "text-nul", line=3),
        refused("only NUL", bytes(100_000), "text-nul", line=1),
        refused("a cell of 40,000 characters", b"a,b\n1,2\n1," + b"x" * 40_000 + b"\n", "cell-too-long", line=3, column="b"),
        refused("a line of ten million characters", lambda: b"a,b\n1," + b"x" * 10_000_000, "line-too-long", line=2),
        refused("a cell of 300 MB", lambda: b"a,b\n1," + b"x" * 300_000_000, "line-too-long", line=2, is_long=True),
        refused("100,000 columns", ",".join(f"c{n}" for n in range(100_000)).encode(), "columns-too-many", columns=100_000),
        refused("a million separators", b"a,b" + b"," * 1_000_000, "columns-too-many", columns=1_000_002),
    ]  # fmt: skip


def headings() -> list[Case]:
    return [
        refused("nothing", b"", "file-empty"),
        refused("blank lines alone", b"\n\n \n", "file-empty"),
        refused("a mark alone", codecs.BOM_UTF8, "file-empty"),
        refused("a column missing", b"a,c\n1,2\n", "column-missing", column="b"),
        refused("a column nobody knows", b"a,b,c\n1,2,3\n", "column-unknown", column="c"),
        refused("a column twice", b"a,b,a\n1,2,3\n", "column-twice", column="a"),
        refused("a column without name", b"a,b,\n1,2,3\n", "column-unnamed", number=3),
        refused("a column with a long name", b"a,b," + b"c" * 201 + b"\n", "column-unnamed", number=3),
        refused("a column whose name turns", "a,b,x\u202eb\n1,2,3\n".encode(), "column-odd", number=3),
        taken("a heading over two lines", b'a,"b\nc"\n1,2\n', (3, "1", "2"), wanted={"columns": ("a", "b\nc")}),
        refused("a column with a bell", b"a,b,x\x07y\n1,2,3\n", "column-odd", number=3),
        refused("our own column", b"a,b,__line\n1,2,3\n", "column-twice", column="__line"),
        refused("another alphabet's a", "а,b\n1,2\n".encode(), "column-missing", column="a"),
        refused("separators mixed", b"a;b\n1,2\n", "column-missing", wanted={"separator": ","}, column="a"),
    ]


def other_kinds() -> list[Case]:
    kinds = {
        "GZIP": gzip.compress(b"a,b\n1,2\n"),
        "BZIP2": b"BZh91AY&SY" + bytes(20),
        "XZ": b"\xfd7zXZ\x00" + bytes(20),
        "ZSTD": b"\x28\xb5\x2f\xfd" + bytes(20),
        "7Z": b"7z\xbc\xaf\x27\x1c" + bytes(20),
        "RAR": b"Rar!\x1a\x07\x01\x00",
        "PDF": b"%PDF-1.7\n%\xe2\xe3\n",
        "RTF": b"{\\rtf1 a,b}",
        "PNG": b"\x89PNG\r\n\x1a\n",
        "JPEG": b"\xff\xd8\xff\xe0\x00\x10JFIF",
        "GIF": b"GIF89a,b\n",
        "ELF": b"\x7fELF" + bytes(20),
        "SQLITE": b"SQLite format 3\x00" + bytes(80),
        "ARROW": b"ARROW1\x00\x00" + bytes(20),
        "PARQUET (encrypted)": b"PARE" + bytes(20),
        "ZIP": _zip(**{"a.csv": "a,b\n1,2\n"}),
        "JAR": _zip(**{"META-INF/MANIFEST.MF": "x"}),
        "DOCX": _zip(**{"word/document.xml": "<x/>"}),
        "XLSB": _zip(**{"xl/workbook.bin": "x"}),
        "ODS": _zip(mimetype="application/vnd.oasis.opendocument.spreadsheet", **{"content.xml": "<x/>"}),
        "ODF": _zip(mimetype="application/vnd.oasis.opendocument.text", **{"content.xml": "<x/>"}),
    }
    cases = [refused(f"a {kind} called CSV", content, "file-kind", kind=kind) for kind, content in kinds.items()]
    tables = {
        "a web page called CSV": b"<html><table><tr><td>a</td></tr></table>",
        "a spreadsheet of 2003 in XML": b'<?xml version="1.0"?><Workbook/>',
        "a picture that runs": b'\xef\xbb\xbf\n <svg onload="alert(1)"/>',
    }
    cases += [refused(name, content, "file-kind", kind="HTML, XML") for name, content in tables.items()]
    return [
        *cases,
        refused("a workbook of before 2007", b"\xd0\xcf\x11\xe0" + bytes(100), "file-old-workbook"),
        refused("text called XLSX", b"a,b\n1,2\n", "file-other-kind", file="f.XLSX"),
        refused("text called Parquet", b"a,b\n1,2\n", "file-other-kind", file="f.parquet"),
        refused("text called ODS", b"a,b\n1,2\n", "file-other-kind", file="f.ods"),
        refused("JSON", b'[{"a": 1, "b": 2}]', "column-missing", column="a"),
    ]


CASES = [*encodings(), *quotes(), *lines(), *headings(), *other_kinds()]
