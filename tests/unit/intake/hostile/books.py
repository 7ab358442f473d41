"""Workbooks: hostile archives, hostile XML, and sheets that say less, more or other than they show."""

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable

from tests.unit.intake.hostile.case import Case, refused, taken
from tests.unit.intake.workbooks import number, row, sheet, text, workbook

XLSX = "f.xlsx"
HEADING = row(1, A=text("a"), B=text("b"))
NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def book(rows: list[str], after: str = "", **parts: str) -> bytes:
    """A workbook of these rows; `after` stands behind them in the sheet, `parts` beside it or instead of it."""
    held = io.BytesIO()
    written = sheet(rows).replace("</worksheet>", f"{after}</worksheet>")
    workbook(held, parts.pop("xl/worksheets/sheet1.xml", written), **parts)
    return held.getvalue()


def rewritten(content: bytes, change: Callable[[str, bytes], bytes | None], **settings: int) -> bytes:
    """The same archive with each part changed, or left out."""
    held = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(held, "w", settings.get("compression", zipfile.ZIP_DEFLATED)) as new,
    ):
        for name in old.namelist():
            if (part := change(name, old.read(name))) is not None:
                new.writestr(name, part)
    return held.getvalue()


def replacing(part: str, old: str, new: str) -> bytes:
    def change(name: str, held: bytes) -> bytes:
        return held.replace(old.encode(), new.encode()) if name == part else held

    return rewritten(SOUND, change)


SOUND = book([HEADING, row(2, A=number(1), B=text("x"))])
SHEET, BOOK, RELATIONS = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
STRINGS, STYLES = "xl/sharedStrings.xml", "xl/styles.xml"


def strings(*items: str) -> str:
    return f"<sst {NAMESPACE}>{''.join(f'<si>{each}</si>' for each in items)}</sst>"


def shared(at: str, index: int) -> str:
    return f'<c r="{at}" t="s"><v>{index}</v></c>'


def archives() -> list[Case]:
    return [
        taken("a sound workbook", SOUND, (2, "1", "x"), file=XLSX),
        taken("a sound workbook called CSV", SOUND, (2, "1", "x")),
        refused("a directory cut off", SOUND[:-10], "workbook-unreadable", file=XLSX),
        *(
            refused(f"cut off at {share} %", SOUND[: len(SOUND) * share // 100], "workbook-unreadable", file=XLSX)
            for share in (1, 10, 25, 50, 75, 90, 99)
        ),
        refused("no directory", b"PK\x03\x04" + bytes(100), "workbook-unreadable", file=XLSX),
        refused("an empty archive", b"PK\x05\x06" + bytes(18), "file-kind", file=XLSX, kind="ZIP"),
        refused("an archive within", book([HEADING], **{"xl/more.zip": "x"}), "workbook-suspect", file=XLSX),
        refused("a workbook within", book([HEADING], **{"xl/embeddings/a.xlsx": "x"}), "workbook-suspect", file=XLSX),
        *(
            refused(f"a part called {name}", book([HEADING], **{name: "x"}), "workbook-suspect", file=XLSX)
            for name in ("../evil", "/etc/evil", "C:\\evil", "a/../../b", "xl\\..\\..\\b", "xl/SharedStrings.XML/../x")
        ),
        refused("a link", _with_link(), "workbook-suspect", file=XLSX),
        refused("1,001 parts", book([HEADING], **{f"p{n}": "x" for n in range(1_000)}), "workbook-bomb", file=XLSX),
        refused("a part that comes twice", _twice("xl/worksheets/sheet1.xml"), "workbook-suspect", file=XLSX),
        refused("a part twice but for its case", _twice("xl/WORKSHEETS/sheet1.xml"), "workbook-suspect", file=XLSX),
        refused("parts that share bytes", _overlapping, "workbook-suspect", file=XLSX),
        refused("something before the archive", b"PK\x03\x04" + b"x" * 100 + SOUND, "workbook-suspect", file=XLSX),
        refused("a second directory in the comment", _commented(SOUND), "file-kind", file=XLSX, kind="ZIP"),
        refused("a password", _flagged(0x1), "workbook-locked", file=XLSX),
        refused("a size that lies low", _sized(10), "workbook-unreadable", file=XLSX),
        refused("a size that lies high", _sized(0xFFFF_FFF0), "workbook-bomb", file=XLSX),
        refused("a checksum that lies", _patched(b"PK\x01\x02", 16, b"\0\0\0\0"), "workbook-unreadable", file=XLSX),
        refused("a packing nobody knows", _patched(b"PK\x01\x02", 10, b"\x63\0"), "workbook-unreadable", file=XLSX),
        refused("another name inside", _patched(b"PK\x03\x04", 30, b"[Xontent"), "workbook-unreadable", file=XLSX),
        refused("packed a thousand to one", lambda: book([HEADING, row(2, B=text("x" * 3_000_000))]), "workbook-bomb", file=XLSX),
        refused("300 MB in one cell", lambda: book([HEADING, row(2, B=text("x" * 300_000_000))]), "workbook-bomb", file=XLSX, is_long=True),
        refused("300 MB that says it is small", lambda: _lying(300_000_000), "workbook-unreadable", file=XLSX, is_long=True),
        refused("no sheet", rewritten(SOUND, lambda name, held: None if name == SHEET else held), "workbook-unreadable", file=XLSX),
        refused("no relations", rewritten(SOUND, lambda name, held: None if name == RELATIONS else held), "workbook-unreadable", file=XLSX),
        refused("macros", book([HEADING], **{"xl/vbaProject.bin": "x"}), "workbook-macros", file="f.xlsm"),
        refused("macros in other letters", book([HEADING], **{"xl/VBAPROJECT.BIN": "x"}), "workbook-macros", file=XLSX),
        refused("an archive that holds itself", _quine, "file-kind", file=XLSX, kind="ZIP"),
    ]  # fmt: skip


def _with_link() -> bytes:
    held = io.BytesIO(SOUND)
    with zipfile.ZipFile(held, "a") as archive:
        link = zipfile.ZipInfo("xl/link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return held.getvalue()


def _twice(name: str) -> bytes:
    held = io.BytesIO(SOUND)
    with zipfile.ZipFile(held, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr(name, sheet([HEADING]))
    return held.getvalue()


def _commented(content: bytes) -> bytes:
    return content[:-2] + struct.pack("<H", 22) + b"PK\x05\x06" + bytes(18)


def _patched(mark: bytes, offset: int, value: bytes) -> bytes:
    """Change the first record with this mark."""
    at = SOUND.index(mark) + offset
    return SOUND[:at] + value + SOUND[at + len(value) :]


def _flagged(bits: int) -> bytes:
    return _patched(b"PK\x01\x02", 8, struct.pack("<H", bits))


def _sized(size: int) -> bytes:
    """Let the directory lie about the size of the sheet."""
    at = SOUND.index(b"xl/worksheets/sheet1.xml", SOUND.index(b"PK\x01\x02")) - 46 + 24
    return SOUND[:at] + struct.pack("<I", size) + SOUND[at + 4 :]


def _lying(size: int) -> bytes:
    content = book([HEADING, row(2, B=text("x" * size))])
    at = content.index(b"xl/worksheets/sheet1.xml", content.index(b"PK\x01\x02")) - 46 + 24
    return content[:at] + struct.pack("<I", 1_000) + content[at + 4 :]


def _overlapping() -> bytes:
    """Let one entry of the directory lead to the bytes of another."""
    content = bytearray(book([HEADING], kernel="x" * 5_000))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        first = archive.getinfo(BOOK)
    place = content.rindex(b"kernel") - 4  # the offset in the directory, which stands before the name
    content[place : place + 4] = first.header_offset.to_bytes(4, "little")
    return bytes(content)


def _quine() -> bytes:
    """An archive whose one part is stored and begins like the archive itself."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("r/r.bin", b"PK\x03\x04" * 100)
    return inner.getvalue()


PAYLOADS = {
    "a file": '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    "an address": '<!DOCTYPE r [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>',
    "a parameter": '<!DOCTYPE r [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    "a document type elsewhere": '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">',
    "a public one": '<!DOCTYPE r PUBLIC "-//X" "http://127.0.0.1:9/x.dtd">',
    "a billion laughs": '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>",
    "one long entity many times": f'<!DOCTYPE r [<!ENTITY a "{"a" * 10_000}">]>',
    "a document type alone": "<!DOCTYPE r>",
}


def documents() -> list[Case]:
    """Every payload in every part that is XML."""
    more = {
        STRINGS: strings("<t>x</t>"),
        STYLES: f"<styleSheet {NAMESPACE}/>",
        "docProps/core.xml": "<x/>",
        "customXml/item1.xml": "<x/>",
    }
    parts = ("[Content_Types].xml", "_rels/.rels", BOOK, RELATIONS, SHEET, *more)
    whole = book([HEADING, row(2, A=number(1), B=text("x"))], **more)

    def injected(part: str, payload: str) -> Callable[[], bytes]:
        return lambda: rewritten(whole, lambda name, held: payload.encode() + held if name == part else held)

    found = [
        refused(f"{what} in {part}", injected(part, payload), "workbook-suspect", file=XLSX)
        for part in parts
        for what, payload in PAYLOADS.items()
    ]
    for part in (BOOK, SHEET, STRINGS, STYLES):
        found.append(refused(f"{part} in UTF-16", _encoded(whole, part, "utf-16"), "workbook-suspect", file=XLSX))
        found.append(
            refused(f"{part} in UTF-16 without mark", _encoded(whole, part, "utf-16-le"), "workbook-suspect", file=XLSX)
        )
        latin = injected(part, '<?xml version="1.0" encoding="ISO-8859-1"?>')
        found.append(refused(f"{part} in Latin-1", latin, "workbook-suspect", file=XLSX))
    return [
        taken("parts in UTF-8 that say so", injected(SHEET, '<?xml version="1.0" encoding="UTF-8"?>'), (2, "1", "x"), file=XLSX),
        *found,
        refused("a sheet that does not end", replacing(SHEET, "</worksheet>", ""), "workbook-unreadable", file=XLSX),
        refused("a sheet nested a million deep", lambda: book(["<x>" * 1_000_000]), "workbook-bomb", file=XLSX),
        refused("a sheet nested 100,000 deep", lambda: book(["<x>" * 100_000]), "workbook-unreadable", file=XLSX),
        refused("half a pair as a number", book([HEADING, row(2, A=text("&#xD800;"))]), "workbook-unreadable", file=XLSX),
        refused("a NUL as a number", book([HEADING, row(2, A=text("&#0;"))]), "workbook-unreadable", file=XLSX),
        refused("a NUL in the workbook's own writing", book([HEADING, row(2, A=text("x_x0000_"))]), "text-nul", file=XLSX, line=2),
        refused("64 KB before the first element", lambda: book([HEADING], **{STYLES: f"<!--{_noise(100_000)}--><x/>"}), "workbook-bomb", file=XLSX),
        refused("an attribute twice", replacing(SHEET, "<row", '<row r="1"'), "workbook-unreadable", file=XLSX),
        refused("a prefix nobody declared", replacing(SHEET, "<sheetData>", "<y:z/><sheetData>"), "workbook-unreadable", file=XLSX),
    ]  # fmt: skip


def _encoded(content: bytes, part: str, encoding: str) -> Callable[[], bytes]:
    return lambda: rewritten(content, lambda name, held: held.decode().encode(encoding) if name == part else held)


def _noise(length: int) -> str:
    """Text that does not pack well: each piece is the checksum of where it stands."""
    return "".join(f"{zlib.crc32(str(n).encode()):08x}" for n in range(length // 8))


def sizes() -> list[Case]:
    return [
        refused("a cell far to the right", book([row(1, A=text("a"), XFD=text("b"))]), "columns-too-many", file=XLSX, columns=16_384),
        refused("a cell far down and right", book([HEADING, row(1_048_576, ZZ=number(1))]), "sheet-too-large", file=XLSX, row=1_048_576),
        refused("a row beyond any sheet", book([HEADING, row(99_999_999_999, B=number(1))]), "sheet-too-large", file=XLSX),
        refused("a row with 5,000 digits", book([HEADING, f'<row r="{"9" * 5_000}"/>']), "workbook-unreadable", file=XLSX),
        refused("a dimension that lies", replacing(SHEET, "<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>'), "columns-too-many", file=XLSX),
        refused("a cell of 40,000 characters", book([HEADING, row(7, B=text("x" * 40_000))]), "sheet-cell-too-long", file=XLSX, sheet="Data", row=7, column=2),
        refused("a shared text of 40,000", book([HEADING], **{STRINGS: strings(f"<t>{'x' * 40_000}</t>")}), "workbook-cell-too-long", file=XLSX),
        refused("a shared text in other letters", book([HEADING], **{"xl/SHAREDSTRINGS.XML": strings(f"<t>{'x' * 40_000}</t>")}), "workbook-cell-too-long", file=XLSX),
        refused("one shared text a hundred thousand times", _shared_bomb, "sheet-too-long", file=XLSX, sheet="Data"),
        refused("a shared text that is not there", book([HEADING, f'<row r="2">{shared("A2", 9)}</row>'], **{STRINGS: strings("<t>x</t>")}), "workbook-unreadable", file=XLSX),
        refused("10,001 formulas", lambda: book([HEADING, *(row(n, B="<f>A1</f>") for n in range(2, 10_003))]), "sheet-formulas", file=XLSX, row=10_002, column=2),
        taken("a row far down", book([HEADING, row(1_048_576, B=number(1))]), (1_048_576, "", "1"), file=XLSX),
        refused("five million cells", _full, "columns-too-many", file=XLSX, is_long=True),
    ]  # fmt: skip


def _shared_bomb() -> bytes:
    rows = (f'<row r="{n}">{shared(f"A{n}", 0)}</row>' for n in range(2, 100_002))
    return book([HEADING, *rows], **{STRINGS: strings(f"<t>{'x' * 32_000}</t>")})


def _full() -> bytes:
    return book(
        [
            HEADING,
            *(f'<row r="{n}">' + f'<c r="A{n}"><v>1</v></c>' + "</row>" for n in range(2, 500_000)),
            row(500_001, XFD=number(1)),
        ]
    )


def cells() -> list[Case]:
    first = '<c r="A2" t="{}"><v>{}</v></c><c r="B2"><v>1</v></c>'

    def one(kind: str, value: str) -> bytes:
        return book([HEADING, f'<row r="2">{first.format(kind, value)}</row>'])

    return [
        taken("a formula without value", book([HEADING, row(2, A="<f>1+1</f>", B=number(1))]), (2, "=1+1", "1"), file=XLSX),
        taken("a formula with value", book([HEADING, row(2, A=number(1), B="<f>A1+1</f><v>7</v>")]), (2, "1", "=A1+1"), file=XLSX),
        taken("a formula that calls a program", book([HEADING, row(2, A="<f>cmd|' /C calc'!A0</f><v>0</v>", B=number(1))]), (2, "=cmd|' /C calc'!A0", "1"), file=XLSX),
        taken("a formula alone in its column", book([row(1, A=text("a"), B=text("b")), row(2, A="<f>B2</f>", B=number(2))]), (2, "=B2", "2"), file=XLSX),
        refused("a formula before the table", book([row(1, B=text("a"), C=text("b")), row(2, A="<f>B2</f>", B=number(2), C=number(3))]), "column-unnamed", file=XLSX, number=1),
        refused("a formula after the table", book([HEADING, row(2, A=number(2), B=number(3), D="<f>B2</f>")]), "column-unnamed", file=XLSX, number=3),
        taken("an error", one("e", "#N/A"), (2, "#N/A", "1"), file=XLSX),
        taken("twenty digits", one("n", "12345678901234567890"), (2, "12345678901234567890", "1"), file=XLSX),
        taken("seventeen digits", one("n", "12345678901234567"), (2, "12345678901234567", "1"), file=XLSX),
        taken("sixteen digits a double holds", one("n", "3201234567890120"), (2, "3201234567890120", "1"), file=XLSX),
        taken("ten thousand billion", one("n", "1E+16"), (2, "10000000000000000", "1"), file=XLSX),
        taken("leading zeros", one("n", "007"), (2, "007", "1"), file=XLSX),
        taken("leading zeros as text", one("str", "007"), (2, "007", "1"), file=XLSX),
        taken("a tenth", one("n", "0.1"), (2, "0.1", "1"), file=XLSX),
        taken("a third, as spreadsheets write it", one("n", "0.33333333333333331"), (2, "0.3333333333333333", "1"), file=XLSX),
        taken("not a number", one("n", "nan"), (2, "nan", "1"), file=XLSX),
        taken("more than any number", one("n", "1e400"), (2, "1e400", "1"), file=XLSX),
        taken("400 digits", one("n", "9" * 400), (2, "9" * 400, "1"), file=XLSX),
        taken("true", one("b", "1"), (2, "true", "1"), file=XLSX),
        refused("a kind nobody knows", one("zz", "1"), "workbook-unreadable", file=XLSX),
        taken("rich text without its reading aid", _rich(), (2, "a b ", "1"), file=XLSX),
        taken("spaces kept", book([HEADING, row(2, A='<is><t xml:space="preserve"> x </t></is>', B=number(1))]), (2, " x ", "1"), file=XLSX),
        taken("a control character in writing", book([HEADING, row(2, A=text("x_x000D_y"), B=number(1))]), (2, "x\ry", "1"), file=XLSX),
        taken("a day", _dated(43_861), (2, "2020-01-31", "1"), file=XLSX),
        taken("a day counted from 1904", _dated(42_399, since_1904=True), (2, "2020-01-31", "1"), file=XLSX),
        taken("a moment", _dated(43_861.5), (2, "2020-01-31T12:00:00", "1"), file=XLSX),
        refused("merged cells", book([HEADING, row(2, A=number(1), B=number(2))], '<mergeCells><mergeCell ref="A2:A4"/></mergeCells>'), "sheet-merged", file=XLSX, sheet="Data", row=2, column=1),
        refused("a cell twice", book([HEADING, row(2, A=number(1)), row(2, A=number(2))]), "sheet-disordered", file=XLSX, row=2),
        refused("a cell twice in its row", book([HEADING, '<row r="2"><c r="A2"><v>1</v></c><c r="A2"><v>2</v></c></row>']), "sheet-disordered", file=XLSX, row=2),
        refused("rows out of order", book([row(5, A=text("a"), B=text("b")), row(2, A=number(1))]), "sheet-disordered", file=XLSX),
        refused("a cell of another row", book([HEADING, '<row r="2"><c r="A3"><v>1</v></c></row>']), "sheet-disordered", file=XLSX),
        refused("a cell that is nowhere", book([HEADING, '<row r="2"><c r="1A"><v>1</v></c></row>']), "workbook-unreadable", file=XLSX),
        refused("row nought", book([HEADING, '<row r="2"><c r="A0"><v>1</v></c></row>']), "workbook-unreadable", file=XLSX),
        refused("digits of another script", book([HEADING, '<row r="٢"/>']), "workbook-unreadable", file=XLSX),
    ]  # fmt: skip


def _rich() -> bytes:
    item = '<r><t>a</t></r><r><t xml:space="preserve"> b </t></r><rPh sb="0" eb="1"><t>hidden</t></rPh>'
    return book([HEADING, f'<row r="2">{shared("A2", 0)}<c r="B2"><v>1</v></c></row>'], **{STRINGS: strings(item)})


def _dated(serial: float, *, since_1904: bool = False) -> bytes:
    styles = f'<styleSheet {NAMESPACE}><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    content = book(
        [HEADING, f'<row r="2"><c r="A2" s="1"><v>{serial}</v></c><c r="B2"><v>1</v></c></row>'], **{STYLES: styles}
    )
    if not since_1904:
        return content
    return rewritten(
        content,
        lambda name, held: held.replace(b"<sheets>", b'<workbookPr date1904="1"/><sheets>') if name == BOOK else held,
    )


def sheets() -> list[Case]:
    two = '<sheet name="{}" sheetId="1" {} r:id="rId1"/><sheet name="{}" sheetId="2" r:id="rId2"/>'
    one = '<sheet name="Data" sheetId="1" r:id="rId1"/>'
    link = '<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet2.xml"/></Relationships>'
    second = sheet([HEADING, row(2, A=number(2), B=text("second"))])

    def pair(first: str, state: str, other: str) -> bytes:
        def change(name: str, held: bytes) -> bytes:
            if name == BOOK:
                return held.replace(one.encode(), two.format(first, state, other).encode())
            return held.replace(b"</Relationships>", link.encode()) if name == RELATIONS else held

        return rewritten(
            book([HEADING, row(2, A=number(1), B=text("first"))], **{"xl/worksheets/sheet2.xml": second}), change
        )

    external = 'TargetMode="External" Target="http://127.0.0.1:9/x"'
    return [
        taken("a hidden sheet before the one seen", pair("Old", 'state="hidden"', "New"), (2, "2", "second"), file=XLSX),
        taken("a very hidden sheet before", pair("Old", 'state="veryHidden"', "New"), (2, "2", "second"), file=XLSX),
        taken("a hidden sheet that is named", pair("Old", 'state="hidden"', "New"), (2, "1", "first"), file=XLSX, wanted={"sheet": "Old"}),
        refused("two sheets of one name", pair("Data", "", "Data"), "workbook-suspect", file=XLSX),
        refused("two sheets of nearly one name", pair("Data", "", "DATA"), "workbook-suspect", file=XLSX),
        refused("a sheet that is not there", SOUND, "sheet-missing", file=XLSX, found="Data", wanted={"sheet": "Other"}),
        refused("a sheet elsewhere", replacing(RELATIONS, 'Target="worksheets/sheet1.xml"', external), "sheet-missing", file=XLSX),
        refused("a sheet outside the archive", replacing(RELATIONS, "worksheets/sheet1.xml", "../../../etc/passwd"), "workbook-unreadable", file=XLSX),
        taken("a link that is never followed", book([HEADING, row(2, A=number(1), B="<f>[1]Sheet1!A1</f><v>9</v>")], **{"xl/externalLinks/externalLink1.xml": "<x/>"}), (2, "1", "=[1]Sheet1!A1"), file=XLSX),
        refused("an empty sheet", book([]), "file-empty", file=XLSX),
        refused("a heading that turns", book([row(1, A=text("a"), B=text("b"), C=text("x\u202ey"))]), "column-odd", file=XLSX, number=3),
    ]  # fmt: skip


CASES = [*archives(), *documents(), *sizes(), *cells(), *sheets()]
