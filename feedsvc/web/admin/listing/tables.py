"""Take a list away as a file: what the page shows of all that match, as CSV or as a workbook."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence

from flask import Response as FlaskResponse
from flask import stream_with_context
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc import sheets, workbook
from feedsvc.content.desk.asked import Asked
from feedsvc.errors import BadRequest
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin.gate import actor, blueprint
from feedsvc.web.admin.kinds import KINDS, Kind
from feedsvc.web.admin.listing import columns, found, listed, orders
from feedsvc.web.admin.listing.columns import Exported
from feedsvc.workbook import Cell

# Of a workbook, some two megabytes: it is made before it is sent, a table while it is.
MOST_ROWS = 20_000


@blueprint.get("/<any(news,calls):path>/table.csv", endpoint="list_table")
def table(path: str) -> Response:
    """Raises: BadFilter, before the first line is sent."""
    kind = KINDS[path]
    lines = stream_with_context(_lines(kind, _asked(kind)))
    response = FlaskResponse(lines, content_type=f"{sheets.MEDIA_TYPE}; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=f"{path}.csv")
    return response


@blueprint.get("/<any(news,calls):path>/table.xlsx", endpoint="list_workbook")
def table_as_workbook(path: str) -> Response:
    """Raises: BadFilter; BadRequest for more rows than a workbook may have here."""
    kind, exported = KINDS[path], _exported(KINDS[path])
    asked, file = _asked(kind), io.BytesIO()
    with context.db().read() as session:
        portions = _bounded(_portions(session, kind, asked))
        workbook.write(file, path, exported.columns, exported.rows(session, portions))
    response = FlaskResponse(file.getvalue(), content_type=workbook.MEDIA_TYPE)
    response.headers.set("Content-Disposition", "attachment", filename=f"{path}.xlsx")
    return response


def _asked(kind: Kind) -> Asked:
    """Raises: BadFilter."""
    asked = listed.read(kind)
    with context.db().read() as session:
        return listed.present(session, asked)


def _lines(kind: Kind, asked: Asked) -> Iterator[bytes]:
    """One snapshot for the whole table; it is read as it is sent."""
    exported = _exported(kind)
    with context.db().read() as session:
        portions = _portions(session, kind, asked)
        yield sheets.line(exported.columns)
        for row in exported.rows(session, portions):
            yield sheets.line([_written(cell) for cell in row])


def _exported(kind: Kind) -> Exported:
    return Exported(kind.name, context.zone(), context.now())


def _portions(session: Session, kind: Kind, asked: Asked) -> Iterator[Sequence[int]]:
    now = context.now()
    wanted = found.matching(session, kind.name, asked, actor=actor(), now=now)
    return orders.every(
        session, wanted, asked, languages=listed.languages(), now=now, limit=columns.PORTION
    )


def _bounded(portions: Iterator[Sequence[int]]) -> Iterator[Sequence[int]]:
    number = 0
    for ids in portions:
        number += len(ids)
        if number > MOST_ROWS:
            raise BadRequest(
                N_("A workbook has up to %(most)s rows. Narrow the list, or take it as CSV."),
                most=context.lang().number(MOST_ROWS),
            )
        yield ids


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    return cell.isoformat(" ", "minutes") if isinstance(cell, dt.datetime) else str(cell)
