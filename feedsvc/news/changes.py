"""Write news items."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from feedsvc.auth.rules import Actor
from feedsvc.content import entries, generation, history, rules
from feedsvc.errors import Invalid
from feedsvc.news.edits import NewsEdit
from feedsvc.news.models import NewsItem


def create_news(session: Session, edit: NewsEdit, *, actor: Actor, now: datetime) -> NewsItem:
    """A new draft, which may lack much. Raises: Invalid."""
    _check(edit, is_draft=True)
    item = NewsItem()
    entries.begin(item, edit, actor=actor, now=now)
    entries.assign(session, item, edit, now=now)
    entries.index_text(session, item)
    history.record(
        session, "news", item.id, "created", {"uid": (None, item.uid)}, actor=actor, now=now
    )
    return item


def edit_news(
    session: Session, news_id: int, edit: NewsEdit, *, actor: Actor, now: datetime
) -> NewsItem:
    """Change a news item; nothing happens if nothing differs. Raises: Invalid, Conflict, NotFound."""
    item = entries.load(session, NewsItem, news_id, edit.version)
    assert isinstance(item, NewsItem)
    _check(edit, is_draft=rules.may_lack(item, now))
    before = entries.snapshot(item)
    entries.assign(session, item, edit, now=now)
    changes = history.differences(before, entries.snapshot(item))
    if not changes:
        return item
    entries.finish(item, now=now)
    entries.index_text(session, item)
    history.record(session, "news", item.id, "edited", changes, actor=actor, now=now)
    generation.advance(session, now)
    return item


def _check(edit: NewsEdit, *, is_draft: bool) -> None:
    problems = rules.text_problems(edit) + ([] if is_draft else rules.missing_texts(edit))
    if problems:
        raise Invalid(*problems)
