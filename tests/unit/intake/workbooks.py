"""Writes spreadsheets cell by cell, sound and hostile, for the tests of intake."""

import zipfile
from pathlib import Path

_WORKBOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>'
)
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
_ROOT = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>'
)


def sheet(rows: list[str], before: str = "") -> str:
    """A sheet of raw row contents; `cell` writes them."""
    inner = "".join(rows)
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'{before}<worksheet xmlns="{namespace}"><sheetData>{inner}</sheetData></worksheet>'


def row(number: int, **cells: str) -> str:
    """`row(2, A="<v>1</v>")`"""
    return f'<row r="{number}">' + "".join(cell(f"{at}{number}", inner) for at, inner in cells.items()) + "</row>"


def cell(at: str, inner: str) -> str:
    kind = ' t="inlineStr"' if inner.startswith("<is>") else ""
    return f'<c r="{at}"{kind}>{inner}</c>'


def text(words: str) -> str:
    return f"<is><t>{words}</t></is>"


def number(value: float) -> str:
    return f"<v>{value}</v>"


def workbook(path: Path, sheet_xml: str, **extra: str) -> Path:
    """Write a workbook with one sheet named Data, and further parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _ROOT)
        archive.writestr("xl/workbook.xml", _WORKBOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", _RELATIONS)
        archive.writestr("xl/worksheets/sheet1.xml", sheet_xml)
        for name, content in extra.items():
            archive.writestr(name, content)
    return path
