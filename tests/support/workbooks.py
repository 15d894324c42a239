"""Look into a workbook: the cells of its sheet, and whether anything in it would be calculated."""

from __future__ import annotations

import io
import re
from zipfile import ZipFile

from lxml import etree

SPACE = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
COLUMN = re.compile(r"[A-Z]+")


def rows(data: bytes) -> list[dict[str, tuple[str, str]]]:
    """Each row: by column letter the type of the cell (`n`, `inlineStr`) and what it holds."""
    sheet = etree.fromstring(_part(data, "xl/worksheets/sheet1.xml"))
    return [
        {_column(cell): (cell.get("t", "n"), "".join(cell.itertext())) for cell in row}
        for row in sheet.iterfind(".//m:row", SPACE)
    ]


def calculates(data: bytes) -> bool:
    return (
        etree.fromstring(_part(data, "xl/worksheets/sheet1.xml")).find(".//m:f", SPACE) is not None
    )


def _part(data: bytes, name: str) -> bytes:
    with ZipFile(io.BytesIO(data)) as book:
        return book.read(name)


def _column(cell: etree._Element) -> str:
    found = COLUMN.match(cell.get("r", ""))
    assert found is not None
    return found[0]
