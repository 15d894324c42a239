"""Workbooks that spreadsheets open (XLSX): numbers are numbers, dates are dates, texts do nothing.

Rows are written as they come and never held. A text that looks like a formula is marked as text the
way a spreadsheet does it itself (a quote prefix), so that it stays one when somebody edits the cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, BinaryIO

import xlsxwriter

from feedsvc.markup import one_line
from feedsvc.sheets import FORMULA

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST = 32_767  # characters of a cell, as Excel has it
Cell = str | int | Decimal | datetime | None  # an instant without zone: spreadsheets know none
NEVER = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write(
    file: BinaryIO, title: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> None:
    """A workbook of one sheet, whose first row stays in sight."""
    with xlsxwriter.Workbook(file, {"constant_memory": True, **NEVER}) as book:
        sheet = book.add_worksheet(title)
        formats = {
            "head": book.add_format({"bold": True}),
            "text": book.add_format({"quote_prefix": True}),
            "date": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            "money": book.add_format({"num_format": "#,##0.00"}),
        }
        sheet.set_column(0, len(columns) - 1, 18)
        sheet.freeze_panes(1, 0)
        for place, name in enumerate(columns):
            sheet.write_string(0, place, name, formats["head"])
        for number, row in enumerate(rows, start=1):
            for place, cell in enumerate(row):
                _put(sheet, number, place, cell, formats)


def _put(sheet: Any, row: int, place: int, cell: Cell, formats: dict[str, Any]) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, str):
        text = one_line(cell)[:LONGEST]
        sheet.write_string(row, place, text, formats["text"] if text.startswith(FORMULA) else None)
    elif isinstance(cell, datetime):
        sheet.write_datetime(row, place, cell, formats["date"])
    else:
        money = formats["money"] if isinstance(cell, Decimal) else None
        sheet.write_number(row, place, cell, money)
