"""The things that programs can change: where they are found, who writes them, what they look like."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload

from feedsvc.calls import changes as call_changes
from feedsvc.calls import rules as call_rules
from feedsvc.calls import snapshots
from feedsvc.calls.models import Call
from feedsvc.content import (
    clusters,
    entries,
    organisations,
    publication,
    queries,
    rules,
    static_pages,
)
from feedsvc.content.models import Cluster, Entry, Organisation, Programme, StaticPage
from feedsvc.errors import Problem
from feedsvc.news import changes as news_changes
from feedsvc.news.edits import NewsEdit
from feedsvc.news.models import NewsItem
from feedsvc.web.api.editor import facts, part_tables, tables
from feedsvc.web.api.editor.asked import Asked, Json
from feedsvc.web.api.editor.facts import ABOUT
from feedsvc.web.api.editor.objects import Object

UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One kind of thing. `name` is that of its history, `path` its part of addresses.

    What cannot be made or deleted has no `create` and no `delete`; only entries are published.
    `snapshot` is the table of an entry's values for its history, `edit_of` the edit of such a table, and
    `missing` what an edit lacks before it can be published.
    """

    name: str
    path: str
    model: type[Any]
    table: Object
    about: Object
    edit: Callable[..., Any]
    create: Callable[..., Any] | None = None
    delete: Callable[..., None] | None = None
    publish: Callable[..., Any] | None = None
    keep_until: Callable[..., Any] | None = None
    withdraw: Callable[..., Any] | None = None
    snapshot: Callable[[Any], dict[str, Any]] | None = None
    edit_of: Callable[[Mapping[str, Any]], Any] | None = None
    missing: Callable[[Any], list[Problem]] | None = None
    every: Callable[[Session], Sequence[Any]] | None = None
    key: str = "uid"  # by which addresses name one

    @property
    def is_entry(self) -> bool:
        return issubclass(self.model, Entry)

    def find(self, session: Session, key: str, *, lock: bool) -> Any:
        """The row of that key, None if there is none; `lock` keeps it as it is until the end."""
        if self.model is StaticPage:
            known = key in static_pages.NAMES
            return static_pages.loaded(session, static_pages.number(key)) if known else None
        if not UID.fullmatch(key):
            return None
        if lock:  # before it is read: what is read must be what will be changed
            base = Entry if self.is_entry else self.model
            session.execute(select(base.id).where(base.uid == key).with_for_update())
        wanted = select(self.model).where(self.model.uid == key)
        return session.scalar(wanted.options(lazyload("*")))  # most of it is not asked for

    def told(self, session: Session, asked: Asked, row: Any) -> Json:
        """The row as JSON: what is so, and what can be changed."""
        if isinstance(row, StaticPage):  # with the texts that come with the software
            row = static_pages.loaded(session, row.id)
        return {ABOUT: self.about.write(asked.seen(row)), **self.table.write(row)}

    def component(self) -> Json:
        """The schema of that JSON."""
        own = self.table.component()
        about = {**self.about.component(), "readOnly": True, "description": "What is so"}
        return {**own, "properties": {ABOUT: about, **own["properties"]}}


NEWS = Thing(
    name="news",
    path="news",
    model=NewsItem,
    table=tables.NEWS,
    about=facts.OF_NEWS,
    create=news_changes.create_news,
    edit=news_changes.edit_news,
    delete=publication.delete,
    publish=publication.publish,
    keep_until=publication.keep_until,
    withdraw=publication.unpublish,
    snapshot=entries.snapshot,
    edit_of=lambda values: NewsEdit(**entries.fields(values)),
    missing=rules.missing_texts,
)
CALL = Thing(
    name="call",
    path="calls",
    model=Call,
    table=tables.CALL,
    about=facts.OF_CALL,
    create=call_changes.create_call,
    edit=call_changes.edit_call,
    delete=call_changes.delete_call,
    publish=call_changes.publish_call,
    keep_until=call_changes.keep_call_until,
    withdraw=call_changes.withdraw_call,
    snapshot=snapshots.of,
    edit_of=snapshots.edit,
    missing=call_rules.missing,
)
CLUSTER = Thing(
    name="cluster",
    path="clusters",
    model=Cluster,
    table=part_tables.CLUSTER,
    about=facts.OF_CLUSTER,
    create=clusters.create_cluster,
    edit=clusters.edit_cluster,
    delete=clusters.delete_cluster,
    every=queries.clusters,
)
ORGANISATION = Thing(
    name="organisation",
    path="organisations",
    model=Organisation,
    table=part_tables.ORGANISATION,
    about=facts.OF_PART,
    create=organisations.create_organisation,
    edit=organisations.edit_organisation,
    delete=organisations.delete_organisation,
    every=queries.organisations,
)
PROGRAMME = Thing(
    name="programme",
    path="programmes",
    model=Programme,
    table=part_tables.PROGRAMME,
    about=facts.OF_PART,
    create=organisations.create_programme,
    edit=organisations.edit_programme,
    delete=organisations.delete_programme,
    every=queries.programmes,
)
PAGE = Thing(
    name="page",
    path="pages",
    model=StaticPage,
    table=part_tables.PAGE,
    about=facts.OF_PAGE,
    edit=static_pages.edit_page,
    every=static_pages.every,
    key="name",
)
ENTRIES = (CALL, NEWS)
PARTS = (CLUSTER, ORGANISATION, PROGRAMME, PAGE)
