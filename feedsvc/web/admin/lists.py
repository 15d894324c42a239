"""What the dashboard shows, and what is found to be chosen. Whole lists are in `listing`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, or_, select
from sqlalchemy.orm import Session

from feedsvc.auth.models import History
from feedsvc.auth.rules import AUTHOR, Actor
from feedsvc.calls.models import Call, KeyDate
from feedsvc.content import queries
from feedsvc.content.desk import reviews
from feedsvc.content.models import (
    Entry,
    Organisation,
    OrganisationText,
    entry_related,
)
from feedsvc.i18n import N_
from feedsvc.search import index

STATES = {
    "draft": N_("Draft"),
    "review": N_("In review"),
    "rejected": N_("Refused"),
    "scheduled": N_("Scheduled"),
    "published": N_("Published"),
    "withdrawn": N_("Withdrawn"),
}


def drafts(session: Session, *, actor: Actor, now: dt.datetime, limit: int = 8) -> Sequence[Entry]:
    """What is being written, the last edited first."""
    return _entries_in(
        session, queries.in_state("draft", now), actor, Entry.updated_at.desc(), limit
    )


def waiting(
    session: Session, *, actor: Actor, second_person: bool, now: dt.datetime, limit: int = 8
) -> Sequence[Entry]:
    """What waits for the actor to be read, the longest first; of an author, what others read.

    With `second_person` nobody is asked about what they edited last.
    """
    query = select(Entry).where(queries.in_state("review", now), queries.seen_by(actor))
    if second_person and actor.role != AUTHOR:
        query = query.where(or_(_last_writer().is_(None), _last_writer() != actor.id))
    return session.scalars(query.order_by(Entry.review_at, Entry.id).limit(limit)).all()


def scheduled(
    session: Session, *, actor: Actor, now: dt.datetime, limit: int = 8
) -> Sequence[Entry]:
    """What will become public, the next first."""
    return _entries_in(
        session, queries.in_state("scheduled", now), actor, Entry.publish_at.asc(), limit
    )


def closing_next(
    session: Session, *, actor: Actor, now: dt.datetime, limit: int = 8
) -> Sequence[KeyDate]:
    """The next deadlines of public calls that the actor sees here."""
    return session.scalars(
        select(KeyDate)
        .join(Call, Call.id == KeyDate.call_id)
        .where(
            KeyDate.is_deadline.is_(True), KeyDate.utc_at > now,
            queries.public(now), queries.seen_by(actor), Call.cancelled_at.is_(None),
        )
        .order_by(KeyDate.utc_at, KeyDate.id)
        .limit(limit)
    ).all()  # fmt: skip


def find_entries(
    session: Session,
    words: str,
    but: int | None,
    *,
    actor: Actor,
    now: dt.datetime,
    limit: int = 12,
) -> Sequence[Entry]:
    """Entries of both kinds whose titles hold every word, to be chosen as related."""
    query = select(Entry).where(
        Entry.id != (but or 0), or_(queries.seen_by(actor), queries.public(now)),
        Entry.id.in_(index.matching(session, words, in_title=True)),
    )  # fmt: skip
    return session.scalars(query.order_by(Entry.updated_at.desc()).limit(limit)).all()


def related(
    session: Session, uids: Sequence[str], of: int | None, *, actor: Actor, now: dt.datetime
) -> Sequence[Entry]:
    """The entries with these uids, if the actor sees them or they are named as related already."""
    named = select(entry_related.c.related_id).where(entry_related.c.entry_id == of)
    known = or_(queries.seen_by(actor), queries.public(now), Entry.id.in_(named))
    return session.scalars(select(Entry).where(Entry.uid.in_(uids), known)).all()


def find_organisations(session: Session, words: str, limit: int = 20) -> Sequence[Organisation]:
    """Organisations whose names, in any language, hold every word."""
    query = select(Organisation)
    for word in words.split()[:10]:
        named = select(OrganisationText.organisation_id).where(
            OrganisationText.name.icontains(word, autoescape=True)
        )
        query = query.where(or_(Organisation.id.in_(named), Organisation.slug == word.lower()))
    return session.scalars(query.order_by(Organisation.slug).limit(limit)).all()


def _entries_in(
    session: Session,
    state: ColumnElement[bool],
    actor: Actor,
    order: ColumnElement[Any],
    limit: int,
) -> Sequence[Entry]:
    return session.scalars(
        select(Entry).where(state, queries.seen_by(actor)).order_by(order, Entry.id).limit(limit)
    ).all()


def _last_writer() -> ScalarSelect[int | None]:
    """`reviews.last_writer` of the entry of the query (ix_history_subject)."""
    return (
        select(History.actor_id)
        .where(
            History.subject == Entry.kind, History.subject_id == Entry.id,
            History.act.in_(reviews.WRITTEN),
        )
        .order_by(History.id.desc())
        .limit(1)
        .correlate(Entry)
        .scalar_subquery()
    )  # fmt: skip
