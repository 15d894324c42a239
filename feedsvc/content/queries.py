"""Read entries, clusters, organisations and programmes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from feedsvc.content import addresses
from feedsvc.content.filters import BadFilter, Filter
from feedsvc.content.models import (
    Cluster,
    Entry,
    Organisation,
    Programme,
    SlugHistory,
    entry_cluster,
)
from feedsvc.i18n import N_
from feedsvc.search import index

T = TypeVar("T")

MOST_DIGITS = 18  # of a number that both databases hold


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows of a list, and the cursor after which the next ones begin (None at the end)."""

    items: Sequence[T]
    next: str | None


def cursor_numbers(text: str) -> list[int]:
    """The numbers that a cursor is made of. Raises: ValueError for what no database could hold."""
    parts = text.split("-")
    if not all(part.isascii() and part.isdigit() and len(part) <= MOST_DIGITS for part in parts):
        raise ValueError(text)
    return [int(part) for part in parts]


def public(now: datetime) -> ColumnElement[bool]:
    """The condition that readers may see an entry at `now`."""
    return and_(Entry.publish_at <= now, Entry.withdrawn_at.is_(None))


def matching(session: Session, wanted: Filter, now: datetime) -> Select[int]:
    """Ids of the public entries that meet the conditions which every entry can meet.

    Conditions that only calls can meet are `calls.queries.matching`'s.
    """
    ids = select(Entry.id).where(public(now))
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
    if wanted.q:
        ids = ids.where(Entry.id.in_(index.matching(session, wanted.q)))
    return ids


def checked_filter(session: Session, wanted: Filter) -> Filter:
    """The filter with renamed clusters followed. Raises: BadFilter for what does not exist."""
    cluster = tuple(sorted({_present_slug(session, slug) for slug in wanted.cluster}))
    _must_exist(session, "funder", Organisation, wanted.funder)
    _must_exist(session, "programme", Programme, wanted.programme)
    return replace(wanted, cluster=cluster)


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


def next_publication(session: Session, now: datetime) -> datetime | None:
    """When the next scheduled entry becomes public."""
    return session.scalar(
        select(func.min(Entry.publish_at)).where(
            Entry.publish_at > now, Entry.withdrawn_at.is_(None)
        )
    )


def _present_slug(session: Session, slug: str) -> str:
    if session.scalar(select(Cluster.id).where(Cluster.slug == slug)) is not None:
        return slug
    moved = session.scalar(
        select(Cluster.slug)
        .join(SlugHistory, SlugHistory.target_id == Cluster.id)
        .where(SlugHistory.kind == addresses.CLUSTER, SlugHistory.slug == slug)
    )
    if moved is None:
        raise _no_such("cluster", slug)
    return moved


def _must_exist(
    session: Session, name: str, model: type[Organisation | Programme], slugs: tuple[str, ...]
) -> None:
    if not slugs:
        return
    found = set(session.scalars(select(model.slug).where(model.slug.in_(slugs))))
    for slug in slugs:
        if slug not in found:
            raise _no_such(name, slug)


def _no_such(name: str, value: str) -> BadFilter:
    return BadFilter(
        N_("There is no %(name)s “%(value)s” to filter by."), name=name, value=value[:60]
    )
