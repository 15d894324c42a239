"""What the pages of news and those of calls differ in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from feedsvc.calls import changes as call_changes
from feedsvc.calls import rules as call_rules
from feedsvc.calls import snapshots
from feedsvc.calls.models import Call
from feedsvc.content import entries, publication, rules
from feedsvc.content.edits import EntryEdit
from feedsvc.content.models import Entry
from feedsvc.errors import NotFound, Problem
from feedsvc.i18n import N_
from feedsvc.news import changes as news_changes
from feedsvc.news.edits import NewsEdit
from feedsvc.news.models import NewsItem
from feedsvc.web.admin.forms.call import CallForm, call_values
from feedsvc.web.admin.forms.entry import EntryForm, NewsForm, entry_values


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of entry: its name, its part of addresses, its form, and who writes it.

    `snapshot` is the table of its values, `edit_of` the edit of such a table, and `missing` what
    that lacks before it can be published.

    Endpoints are `admin.<path>`, `admin.<name>_new`, `admin.<name>_edit` and so on.
    """

    name: str
    path: str
    model: type[Entry]
    form: type[EntryForm]
    values: Callable[[Any], dict[str, Any]]
    create: Callable[..., Entry]
    edit: Callable[..., Entry]
    snapshot: Callable[[Any], dict[str, Any]]
    edit_of: Callable[[Mapping[str, Any]], EntryEdit]
    missing: Callable[[Any], list[Problem]]
    publish: Callable[..., Entry]
    keep_until: Callable[..., Entry]
    withdraw: Callable[..., Entry]
    delete: Callable[..., None]
    list_title: str
    new_title: str
    empty: str


NEWS = Kind(
    name="news",
    path="news",
    model=NewsItem,
    form=NewsForm,
    values=entry_values,
    create=news_changes.create_news,
    edit=news_changes.edit_news,
    snapshot=entries.snapshot,
    edit_of=lambda values: NewsEdit(**entries.fields(values)),
    missing=rules.missing_texts,
    publish=publication.publish,
    keep_until=publication.keep_until,
    withdraw=publication.unpublish,
    delete=publication.delete,
    list_title=N_("News"),
    new_title=N_("Write a news item"),
    empty=N_("There is no news yet."),
)
CALL = Kind(
    name="call",
    path="calls",
    model=Call,
    form=CallForm,
    values=call_values,
    create=call_changes.create_call,
    edit=call_changes.edit_call,
    snapshot=snapshots.of,
    edit_of=snapshots.edit,
    missing=call_rules.missing,
    publish=call_changes.publish_call,
    keep_until=call_changes.keep_call_until,
    withdraw=call_changes.withdraw_call,
    delete=call_changes.delete_call,
    list_title=N_("Calls for projects"),
    new_title=N_("Write a call"),
    empty=N_("There is no call yet."),
)
KINDS = {kind.path: kind for kind in (NEWS, CALL)}
BY_NAME = {kind.name: kind for kind in (NEWS, CALL)}


def loaded(session: Session, kind: Kind, entry_id: int) -> Entry:
    """Raises: NotFound."""
    entry = session.get(kind.model, entry_id)
    if entry is None:
        raise NotFound(N_("There is no entry with this number."))
    return entry


def new_address(kind: Kind) -> str:
    """The form of an entry that is not written yet."""
    return url_for(f"admin.{kind.name}_new")


def desk_address(kind: Kind, entry_id: int, page: str) -> str:
    """The page of the desk for an entry: submit | review."""
    return url_for(f"admin.entry_{page}", path=kind.path, entry_id=entry_id)


def address(kind: Kind, entry_id: int, page: str = "edit") -> str:
    """The admin's page for an entry: edit | publish | unpublish | delete | preview."""
    return url_for(f"admin.{kind.name}_{page}", entry_id=entry_id)
