"""The audit log, for administrators: who did what, when and from where; filtered, and as a table."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator

from flask import Response as FlaskResponse
from flask import request
from werkzeug.wrappers import Response

from feedsvc import sheets
from feedsvc.auth import audit, queries
from feedsvc.auth.audit import Wanted
from feedsvc.auth.models import History
from feedsvc.db import Database
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import histories, pages
from feedsvc.web.admin.dashboard import named
from feedsvc.web.admin.forms.entry import whole
from feedsvc.web.admin.gate import blueprint

PER_PAGE = 50
PROCESSES = "processes"  # in the address, in place of an account's number
COLUMNS = ("at", "who", "account", "from", "act", "kind", "number", "changes")


@blueprint.get("/log/", endpoint="log")
def page() -> Response:
    asked, before = _asked(), whole(request.args.get("before"))
    with context.db().read() as session:
        rows = audit.page(session, _wanted(asked), before=before, limit=PER_PAGE + 1)
        told = histories.told(rows[:PER_PAGE], context.lang())
        return pages.page(
            "accounts/log.html",
            title=context.lang().gettext(N_("Audit log")),
            section="accounts",
            acts=[named(session, happening) for happening in told],
            more=rows[PER_PAGE - 1].id if len(rows) > PER_PAGE else None,
            first_page=before is None,
            people=queries.accounts(session),
            kinds=histories.SUBJECTS,
            asked=asked,
            processes=PROCESSES,
        )


@blueprint.get("/log.csv", endpoint="log_table")
def table() -> Response:
    """Everything that the page would show, page after page."""
    lines = _lines(context.db(), _wanted(_asked()))
    response = FlaskResponse(lines, content_type=f"{sheets.MEDIA_TYPE}; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename="audit-log.csv")
    return response


def _lines(db: Database, wanted: Wanted) -> Iterator[bytes]:
    """One snapshot for the whole table; it is read as it is sent, after the request has ended."""
    yield sheets.line(COLUMNS)
    with db.read() as session:
        for row in audit.every(session, wanted):
            yield sheets.line(_cells(row))


def _cells(row: History) -> list[str]:
    account = "" if row.actor_id is None else str(row.actor_id)
    changes = json.dumps(row.changes, ensure_ascii=False) if row.changes else ""
    return [
        row.at.isoformat(), row.actor_name, account, row.client,
        row.act, row.subject, str(row.subject_id), changes,
    ]  # fmt: skip


def _asked() -> dict[str, str]:
    """The conditions that the address names and that mean something."""
    asked = {name: request.args.get(name, "").strip() for name in ("who", "kind", "from", "to")}
    good = {
        "who": asked["who"] == PROCESSES or whole(asked["who"]) is not None,
        "kind": asked["kind"] in histories.SUBJECTS,
        "from": _day(asked["from"]) is not None,
        "to": _day(asked["to"]) is not None,
    }
    return {name: value for name, value in asked.items() if good[name]}


def _wanted(asked: dict[str, str]) -> Wanted:
    """Days are those of the agency; the last one is meant whole."""
    since, last = _day(asked.get("from", "")), _day(asked.get("to", ""))
    return Wanted(
        who=whole(asked.get("who")),
        by_processes=asked.get("who") == PROCESSES,
        subject=asked.get("kind", ""),
        since=_midnight(since) if since else None,
        until=_midnight(last + dt.timedelta(days=1)) if last else None,
    )


def _day(text: str) -> dt.date | None:
    """A day of this century, as a date input sends it."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), context.zone())
