"""Make what a test needs, with defaults that are right: plain functions, one line to call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from feedsvc.auth.rules import Actor
from feedsvc.calls import changes as call_changes
from feedsvc.calls.edits import CallEdit, KeyDateEdit
from feedsvc.calls.models import Call
from feedsvc.content import clusters, organisations, publication
from feedsvc.content.edits import TextEdit
from feedsvc.content.models import Cluster, Entry, Organisation, Programme
from feedsvc.news import changes as news_changes
from feedsvc.news.edits import NewsEdit
from feedsvc.news.models import NewsItem

ANA = Actor(None, "Ana", "editor")
LUXEMBOURG = "Europe/Luxembourg"
BEGINNING = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)  # what the tests' clock shows


def deadline(
    day: str, time: str | None = "17:00", *, kind: str = "submission", **more: Any
) -> KeyDateEdit:
    """A key date: `deadline("2026-04-30")`; with time=None only the day is known."""
    return KeyDateEdit(
        type=kind,
        date=dt.date.fromisoformat(day),
        time=dt.time.fromisoformat(time) if time else None,
        zone=more.pop("zone", LUXEMBOURG),
        **more,
    )


def opening(day: str, time: str | None = None, **more: Any) -> KeyDateEdit:
    return deadline(day, time, kind="opens", **more)


def call_edit(title: str = "Reuse of process heat", **more: Any) -> CallEdit:
    """A call in English that closes on 30 April 2026 at 17:00 in Luxembourg."""
    more.setdefault("texts", {"en": TextEdit(title=title, body="Use the *heat* twice.")})
    more.setdefault("key_dates", (deadline("2026-04-30"),))
    return CallEdit(**more)


def make_call(
    session: Session,
    title: str = "Reuse of process heat",
    *,
    now: dt.datetime = BEGINNING,
    publish_at: dt.datetime | None = BEGINNING,
    **more: Any,
) -> Call:
    """A call, published unless `publish_at` is None."""
    call = call_changes.create_call(session, call_edit(title, **more), actor=ANA, now=now)
    if publish_at is not None:
        call_changes.publish_call(session, call.id, at=publish_at, actor=ANA, now=now)
    return call


def news_edit(title: str = "Waste heat: time to act", **more: Any) -> NewsEdit:
    more.setdefault("texts", {"en": TextEdit(title=title, body="Heat is *there* to be used.")})
    return NewsEdit(**more)


def make_news(
    session: Session,
    title: str = "Waste heat: time to act",
    *,
    now: dt.datetime = BEGINNING,
    publish_at: dt.datetime | None = BEGINNING,
    **more: Any,
) -> NewsItem:
    """A news item, published unless `publish_at` is None."""
    item = news_changes.create_news(session, news_edit(title, **more), actor=ANA, now=now)
    if publish_at is not None:
        publication.publish(session, item.id, at=publish_at, actor=ANA, now=now)
    return item


def make_cluster(
    session: Session, name: str = "CleanTech", *, now: dt.datetime = BEGINNING, **more: Any
) -> Cluster:
    more.setdefault("texts", {"en": clusters.NameEdit(name)})
    return clusters.create_cluster(session, clusters.ClusterEdit(**more), actor=ANA, now=now)


def make_organisation(
    session: Session, name: str = "Example Fund", *, now: dt.datetime = BEGINNING, **more: Any
) -> Organisation:
    more.setdefault("names", {"en": name})
    edit = organisations.OrganisationEdit(**more)
    return organisations.create_organisation(session, edit, actor=ANA, now=now)


def make_programme(
    session: Session, name: str = "Example Programme", *, now: dt.datetime = BEGINNING, **more: Any
) -> Programme:
    edit = organisations.ProgrammeEdit(name=name, **more)
    return organisations.create_programme(session, edit, actor=ANA, now=now)


def put_entries(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Many entries at once, drafts unless told, with nothing but what lists find them by."""
    usual = {
        "kind": "news", "publish_at": None, "withdrawn_at": None, "review": "", "languages": "",
        "created_at": BEGINNING, "updated_at": BEGINNING,
    }  # fmt: skip
    each = [{**usual, "uid": str(number), **row} for number, row in enumerate(rows)]
    session.execute(insert(Entry.__table__), each)  # type: ignore[arg-type]
