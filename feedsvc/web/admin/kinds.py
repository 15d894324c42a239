"""What the pages of news and those of calls differ in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from feedsvc.calls import changes as call_changes
from feedsvc.calls.models import Call
from feedsvc.content import publication
from feedsvc.content.models import Entry
from feedsvc.errors import NotFound
from feedsvc.i18n import N_
from feedsvc.news import changes as news_changes
from feedsvc.news.models import NewsItem
from feedsvc.web.admin.forms.call import CallForm, call_values
from feedsvc.web.admin.forms.entry import EntryForm, NewsForm, entry_values


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of entry: its name, its part of addresses, its form, and who writes it.

    Endpoints are `admin.<path>`, `admin.<name>_new`, `admin.<name>_edit` and so on.
    """

    name: str
    path: str
    model: type[Entry]
    form: type[EntryForm]
    values: Callable[[Any], dict[str, Any]]
    create: Callable[..., Entry]
    edit: Callable[..., Entry]
    publish: Callable[..., Entry]
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
    publish=publication.publish,
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
    publish=call_changes.publish_call,
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


def address(kind: Kind, entry_id: int, page: str = "edit") -> str:
    """The admin's page for an entry: edit | publish | unpublish | delete | preview."""
    return url_for(f"admin.{kind.name}_{page}", entry_id=entry_id)
