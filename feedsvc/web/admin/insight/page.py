"""One page of numbers: who follows what, which programs read, what became of mails, what is missed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask import request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc.content import queries as content
from feedsvc.content.models import Entry
from feedsvc.i18n import N_
from feedsvc.insight import mails, polls, searches
from feedsvc.insight.followers import Followers, followers
from feedsvc.web import context
from feedsvc.web.admin import choices, pages
from feedsvc.web.admin.gate import blueprint
from feedsvc.web.admin.insight import charts
from feedsvc.web.admin.insight.charts import Chart
from feedsvc.web.admin.kinds import BY_NAME

PERIODS = (7, 28, 90)  # days
PERIOD = 28
WEEKS = 12
MOST = 15  # rows of a table


@dataclass(frozen=True)
class Line:
    """A row of a table with a bar: what, where it leads, how much, and that in percent."""

    name: str
    address: str
    number: int
    share: float


@blueprint.get("/insight/", endpoint="insight")
def insight() -> Response:
    days = _days()
    today = context.now().astimezone(dt.UTC).date()
    since = today - dt.timedelta(days=days - 1)
    with context.db().read() as session:
        followed = followers(session, most_calls=MOST)
        weeks = mails.weeks(session, today, WEEKS)
        return pages.page(
            "insight/page.html",
            title=context.lang().gettext(N_("Insight")),
            section="insight",
            days=days,
            periods=PERIODS,
            followed=followed,
            clusters=_clusters(session, followed),
            calls=_calls(session, followed),
            programs=polls.by_program(session, since)[:MOST],
            formats=_formats(polls.by_format(session, since)),
            asked=_polls_chart(polls.by_day(session, since), since, days),
            weeks=[week for week in reversed(weeks) if week.sent or week.failed],
            mailed=_mails_chart(weeks),
            lost=searches.lost(session, today - searches.KEPT, limit=MOST),
        )


def _days() -> int:
    asked = request.args.get("days", "")
    return int(asked) if asked in map(str, PERIODS) else PERIOD


def _clusters(session: Session, followed: Followers) -> list[Line]:
    names = {row.id: choices.name(row.texts) for row in content.clusters(session)}
    here = {number: count for number, count in followed.clusters.items() if number in names}
    return [
        Line(
            names[number], url_for("admin.part_edit", path="clusters", part_id=number), count,
            charts.share(count, max(here.values())),
        )
        for number, count in list(here.items())[:MOST]
    ]  # fmt: skip


def _calls(session: Session, followed: Followers) -> list[Line]:
    rows = {
        row.id: row for row in session.scalars(select(Entry).where(Entry.id.in_(followed.calls)))
    }
    most = max(followed.calls.values(), default=0)
    return [
        Line(
            choices.title(rows[number]),
            url_for(f"admin.{BY_NAME[rows[number].kind].name}_edit", entry_id=number),
            count, charts.share(count, most),
        )
        for number, count in followed.calls.items()
        if number in rows
    ]  # fmt: skip


def _formats(found: dict[str, int]) -> list[Line]:
    most = max(found.values(), default=0)
    return [Line(name, "", count, charts.share(count, most)) for name, count in found.items()]


def _polls_chart(found: dict[dt.date, int], since: dt.date, days: int) -> Chart | None:
    if not found:
        return None
    said = context.lang()
    every = [since + dt.timedelta(days=number) for number in range(days)]
    rows = [(said.date(day), found.get(day, 0), 0) for day in every]
    return charts.columns(
        "asked",
        said.gettext(N_("How often feeds were asked for, by day")),
        said.gettext(
            N_("%(number)s times in %(days)s days; the table beside has the numbers."),
            number=said.number(sum(found.values())), days=days,
        ),
        rows,
    )  # fmt: skip


def _mails_chart(weeks: list[mails.Week]) -> Chart | None:
    if not any(week.sent for week in weeks):
        return None
    said = context.lang()
    return charts.columns(
        "mailed",
        said.gettext(N_("Mails to readers by week; those that came back are marked")),
        said.gettext(
            N_("%(number)s mails in %(weeks)s weeks, %(back)s of them came back; the table beside has the numbers."),
            number=said.number(sum(week.sent for week in weeks)), weeks=len(weeks),
            back=said.number(sum(week.bounced for week in weeks)),
        ),
        [(said.date(week.monday), week.sent, week.bounced) for week in weeks],
    )  # fmt: skip
