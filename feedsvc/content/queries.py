"""Read entries, clusters, organisations and programmes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    case,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from feedsvc.auth.rules import AUTHOR, CLUSTER_EDITOR, Actor
from feedsvc.content import addresses, rights, rules
from feedsvc.content.addresses import CLUSTER, Moved
from feedsvc.content.cursors import Cursor
from feedsvc.content.filters import BadFilter, Filter
from feedsvc.content.models import (
    Cluster,
    Entry,
    Organisation,
    Programme,
    SlugHistory,
    Translation,
    entry_cluster,
)
from feedsvc.content.profiles import Profile
from feedsvc.errors import Gone, NotFound
from feedsvc.i18n import N_
from feedsvc.search import index

T = TypeVar("T")
UNSEEN = {"draft": "", "review": rules.ASKED, "rejected": rules.REJECTED}  # `Entry.review`


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows of a list, and the cursor after which the next ones begin (None at the end)."""

    items: Sequence[T]
    next: str | None


@dataclass(frozen=True)
class Places:
    """By which columns a list goes from the newest to the oldest."""

    at: SQLColumnExpression[Any]
    id: SQLColumnExpression[int]

    def older_than(self, place: Cursor) -> ColumnElement[bool]:
        """The condition that a row comes after that place."""
        return or_(self.at < place.at, and_(self.at == place.at, self.id < place.id))

    def newer_than(self, place: Cursor) -> ColumnElement[bool]:
        return or_(self.at > place.at, and_(self.at == place.at, self.id > place.id))


ENTRIES = Places(Entry.publish_at, Entry.id)


def public(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """The condition that readers may see an entry at `now`."""
    return and_(Entry.publish_at <= now, stays(now))


def stays(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """The condition that an entry is not off the site: never taken away, or not yet."""
    return or_(Entry.withdrawn_at.is_(None), Entry.withdrawn_at > now)


def ever_public(now: datetime) -> ColumnElement[bool]:
    """The condition that readers see an entry at `now`, or will without anybody's doing."""
    return and_(Entry.publish_at.is_not(None), stays(now))


def in_state(state: str, now: datetime) -> ColumnElement[bool]:
    """The condition that `content.rules.state` says this word of an entry."""
    if state == "withdrawn":
        return Entry.withdrawn_at <= now
    if state in UNSEEN:
        return and_(Entry.publish_at.is_(None), Entry.review == UNSEEN[state])
    if state == "scheduled":
        return and_(stays(now), Entry.publish_at > now)
    return public(now)


def state(now: datetime) -> ColumnElement[str]:
    """The word that `content.rules.state` says of an entry."""
    unseen = [(Entry.review == word, state) for state, word in UNSEEN.items() if word]
    return case(
        (Entry.withdrawn_at <= now, "withdrawn"),
        (Entry.publish_at <= now, "published"),
        (Entry.publish_at > now, "scheduled"),
        *unseen,
        else_="draft",
    )


def titled(word: str) -> Select[int]:
    """Ids of the entries that have the word in a title."""
    return select(Translation.entry_id).where(Translation.title.icontains(word, autoescape=True))


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """The condition that `content.rights` lets the actor see an entry in the admin."""
    if rights.sees_all(actor):
        return true()
    if actor.role == AUTHOR:
        return Entry.created_by == actor.id
    if actor.role != CLUSTER_EDITOR:
        return false()
    of_entry, cluster = entry_cluster.c.entry_id, entry_cluster.c.cluster_id
    return and_(
        Entry.id.in_(select(of_entry).where(cluster.in_(actor.clusters))),
        Entry.id.not_in(select(of_entry).where(cluster.not_in(actor.clusters))),
    )


def matching(
    session: Session, wanted: Filter, now: datetime, *, among: ColumnElement[bool] | None = None
) -> Select[int]:
    """Ids of the public entries that meet the conditions which every entry can meet.

    Conditions that only calls can meet are `calls.queries.matching`'s. `among` stands in for being
    public at `now`.
    """
    ids = select(Entry.id).where(public(now) if among is None else among)
    if wanted.kind:
        ids = ids.where(Entry.kind == wanted.kind)
    if wanted.cluster:
        ids = ids.where(
            Entry.id.in_(
                select(entry_cluster.c.entry_id)
                .join(Cluster, Cluster.id == entry_cluster.c.cluster_id)
                .where(Cluster.slug.in_(wanted.cluster))
            )
        )
    if wanted.published_between:
        first, end = wanted.published_between
        ids = ids.where(Entry.publish_at >= first, Entry.publish_at < end)
    if wanted.published_within is not None:
        ids = ids.where(Entry.publish_at > now - timedelta(days=wanted.published_within))
    if wanted.q:
        ids = ids.where(Entry.id.in_(index.matching(session, wanted.q)))
    return ids


def checked_filter(session: Session, wanted: Filter) -> Filter:
    """The filter with renamed things followed.

    Raises: BadFilter for what never was, Gone for what was deleted.
    """
    present = {
        name: tuple(sorted({_present_slug(session, name, slug) for slug in getattr(wanted, name)}))
        for name in addresses.NAMED
    }
    mine = {_present_slug(session, CLUSTER, slug) for slug in wanted.profile.clusters}
    profile = replace(wanted.profile, clusters=tuple(sorted(mine)))
    return replace(wanted, profile=profile, **present)  # type: ignore[arg-type]


def present_profile(session: Session, profile: Profile) -> Profile:
    """With the present names of its clusters. One that is gone stays, and nothing is in it."""
    if not profile.clusters:
        return profile
    moved = session.execute(
        select(SlugHistory.slug, Cluster.slug)
        .join(Cluster, Cluster.id == SlugHistory.target_id)
        .where(SlugHistory.kind == CLUSTER, SlugHistory.slug.in_(profile.clusters))
    )
    present: dict[str, str] = {row[0]: row[1] for row in moved}
    slugs = {present.get(slug, slug) for slug in profile.clusters}
    return replace(profile, clusters=tuple(sorted(slugs)))


def clusters(session: Session) -> Sequence[Cluster]:
    return session.scalars(select(Cluster).order_by(Cluster.position, Cluster.slug)).all()


def organisations(session: Session) -> Sequence[Organisation]:
    return session.scalars(select(Organisation).order_by(Organisation.slug)).all()


def programmes(session: Session) -> Sequence[Programme]:
    return session.scalars(select(Programme).order_by(func.lower(Programme.name))).all()


def organisation(session: Session, slug: str) -> Organisation | None:
    return session.scalar(select(Organisation).where(Organisation.slug == slug))


def programme(session: Session, slug: str) -> Programme | None:
    return session.scalar(select(Programme).where(Programme.slug == slug))


def next_coming_or_going(session: Session, now: datetime) -> datetime | None:
    """When the next entry becomes public, or leaves the site, by itself."""
    coming = select(func.min(Entry.publish_at)).where(Entry.publish_at > now, stays(now))
    going = select(func.min(Entry.withdrawn_at)).where(Entry.withdrawn_at > now)
    row = session.execute(select(coming.scalar_subquery(), going.scalar_subquery())).one()
    return min((at for at in row if at is not None), default=None)


def _present_slug(session: Session, name: str, slug: str) -> str:
    try:
        found = addresses.resolve_name(session, name, slug)
    except Gone:
        raise Gone(
            N_("The %(name)s “%(value)s” was deleted, and this list with it."),
            name=name, value=slug[:60],
        ) from None  # fmt: skip
    except NotFound:
        raise BadFilter(
            N_("There is no %(name)s “%(value)s” to filter by."), name=name, value=slug[:60]
        ) from None
    return found.slug if isinstance(found, Moved) else slug
