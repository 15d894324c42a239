"""Publish, unpublish and delete an entry of either kind; say how long it stays.

The published date is set once: an entry that was public and comes back keeps it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from feedsvc.auth.rules import Actor
from feedsvc.content import addresses, entries, generation, history, rules
from feedsvc.content.edits import EntryEdit
from feedsvc.content.models import Entry
from feedsvc.errors import Invalid, NotFound, Problem
from feedsvc.i18n import N_
from feedsvc.search import index


def publish(
    session: Session,
    entry_id: int,
    *,
    at: datetime,
    until: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> Entry:
    """Make the entry public from `at` on. Once it was public, its date stays.

    An importer may name a date in the past: it is the entry's own. At `until` it leaves the site by
    itself. Raises: Invalid (until, and what is missing in its texts).
    """
    entry = loaded(session, entry_id)
    missing = rules.missing_texts(
        entries.knowing(entry, EntryEdit(**entries.fields(entries.snapshot(entry))))
    )
    if missing:
        raise Invalid(*missing)
    before = _dates(entry)
    if not rules.was_public(entry, now):
        entry.publish_at = at.replace(microsecond=0)
    rules.check_until(until, publish_at=entry.publish_at, now=now)
    entry.withdrawn_at = until
    entry.review, entry.review_at = "", None
    if before != _dates(entry):
        _changed(session, entry, "published", before, actor=actor, now=now)
    return entry


def keep_until(
    session: Session, entry_id: int, *, until: datetime | None, actor: Actor, now: datetime
) -> Entry:
    """Let an entry that is public, or will be, leave the site by itself; None: it stays.

    Raises: Invalid (until).
    """
    entry = loaded(session, entry_id)
    if rules.state(entry, now) not in ("scheduled", "published"):
        raise Invalid(Problem("until", N_("It is not public, and will not be. Publish it first.")))
    rules.check_until(until, publish_at=entry.publish_at, now=now)
    before = _dates(entry)
    entry.withdrawn_at = until
    if before != _dates(entry):
        _changed(session, entry, "ending", before, actor=actor, now=now)
    return entry


def unpublish(session: Session, entry_id: int, *, actor: Actor, now: datetime) -> Entry:
    """Take the entry off the site: its page answers 410 until it is published again.

    A scheduled entry, which nobody has seen, becomes a draft.
    """
    entry = loaded(session, entry_id)
    before = _dates(entry)
    if rules.state(entry, now) not in ("scheduled", "published"):
        return entry
    if rules.was_public(entry, now):
        entry.withdrawn_at = now
    else:
        entry.publish_at = entry.withdrawn_at = None
    _changed(session, entry, "unpublished", before, actor=actor, now=now)
    return entry


def delete(session: Session, entry_id: int, *, actor: Actor, now: datetime) -> None:
    """Delete the entry; if readers may have seen it, its addresses answer 410 for good."""
    entry = loaded(session, entry_id)
    slugs = [(text.language, text.slug) for text in entry.translations]
    titles = {text.language: (text.title, None) for text in entry.translations}
    kind, uid, seen = entry.kind, entry.uid, rules.was_public(entry, now)
    generation.hold(session)  # the sets of words are shared by all entries
    index.remove(session, entry.id)
    session.delete(entry)
    session.flush()
    if seen:
        addresses.bury(session, uid, kind, entry_id, slugs, now=now)
    history.record(session, kind, entry_id, "deleted", titles, actor=actor, now=now)
    generation.advance(session, now)


def loaded(session: Session, entry_id: int) -> Entry:
    entry = session.get(Entry, entry_id)
    if entry is None:
        raise NotFound(N_("There is no entry with this number."))
    return entry


Dates = tuple[datetime | None, datetime | None]


def _dates(entry: Entry) -> Dates:
    return entry.publish_at, entry.withdrawn_at


def _changed(
    session: Session, entry: Entry, act: str, before: Dates, *, actor: Actor, now: datetime
) -> None:
    entry.version += 1
    entry.revision += 1
    changes = {} if act == "ending" else {"publish_at": (before[0], entry.publish_at)}
    if before[1] != entry.withdrawn_at:
        changes["withdrawn_at"] = (before[1], entry.withdrawn_at)
    history.record(session, entry.kind, entry.id, act, changes, actor=actor, now=now)
    generation.advance(session, now)
