"""Lines of a table that spreadsheets open (RFC 4180, UTF-8), and that can do nothing there. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from feedsvc.markup import one_line

MEDIA_TYPE = "text/csv"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def line(cells: Sequence[str]) -> bytes:
    """A line. A cell that a spreadsheet would take for a formula gets a quote before it."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([_safe(one_line(cell)) for cell in cells])
    return out.getvalue().encode()


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
