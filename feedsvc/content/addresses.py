"""Which thing an address names, now or once: slugs, their history, and what was deleted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from feedsvc.content.models import (
    Cluster,
    Entry,
    Organisation,
    Programme,
    SlugHistory,
    Tombstone,
    Translation,
)
from feedsvc.errors import Gone, NotFound
from feedsvc.i18n import N_

CLUSTER, FUNDER, PROGRAMME = "cluster", "funder", "programme"  # have one slug in all languages
NAMED: dict[str, type[Cluster | Organisation | Programme]] = {
    CLUSTER: Cluster, FUNDER: Organisation, PROGRAMME: Programme,
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """The address names this thing."""

    id: int


@dataclass(frozen=True)
class Moved:
    """The thing has another address now: its slug in the language that was asked for."""

    slug: str


def resolve_entry(
    session: Session, kind: str, language: str, slug: str, *, languages: tuple[str, ...]
) -> Found | Moved:
    """The entry at an address; whether it is public is the caller's to ask.

    A slug of another language, or an old one, leads to the slug of `language`, or of the language
    that stands in for it. Raises: Gone, NotFound.
    """
    entry_id = _by_slug(session, kind, language, slug) or _by_history(session, kind, language, slug)
    if entry_id is None:
        raise _missing(session, kind, slug)
    right = entry_slug(session, entry_id, language, languages)
    return Found(entry_id) if right == slug else Moved(right)


def entry_slug(session: Session, entry_id: int, language: str, languages: tuple[str, ...]) -> str:
    """The slug under which an entry stands in a language, or in the one that stands in for it."""
    rows = session.execute(
        select(Translation.language, Translation.slug).where(Translation.entry_id == entry_id)
    )
    slugs: dict[str, str] = {row.language: row.slug for row in rows}
    return next(slugs[code] for code in (language, *languages, *slugs) if code in slugs)


def resolve_cluster(session: Session, slug: str) -> Found | Moved:
    """The cluster at an address, by its present or a former name. Raises: Gone, NotFound."""
    return resolve_name(session, CLUSTER, slug)


def resolve_name(session: Session, kind: str, slug: str) -> Found | Moved:
    """What a slug without a language names, now or once. Raises: Gone, NotFound."""
    named = NAMED[kind]
    found = session.scalar(select(named.id).where(named.slug == slug))
    if found is not None:
        return Found(found)
    moved = session.scalar(
        select(named.slug)
        .join(SlugHistory, SlugHistory.target_id == named.id)
        .where(SlugHistory.kind == kind, SlugHistory.slug == slug)
    )
    if moved is None:
        raise _missing(session, kind, slug)
    return Moved(moved)


def former_uid(session: Session, kind: str, slug: str) -> str:
    """The uid of what was taken away from an address, for good or not; empty if nothing was."""
    buried = session.scalar(
        select(Tombstone.uid).where(Tombstone.kind == kind, Tombstone.slug == slug).limit(1)
    )
    entry_id = _by_slug(session, kind, "", slug) or _by_history(session, kind, "", slug)
    if entry_id is None:
        return buried or ""
    return session.get_one(Entry, entry_id).uid


def remember(session: Session, kind: str, language: str, slug: str, target_id: int) -> None:
    """From now on the slug leads to the target (until something takes it as its own)."""
    forget(session, kind, language, slug)
    session.add(SlugHistory(kind=kind, language=language, slug=slug, target_id=target_id))


def forget(session: Session, kind: str, language: str, slug: str) -> None:
    """The slug is in use again: it neither redirects nor is gone."""
    for table in (SlugHistory, Tombstone):
        session.execute(
            delete(table)
            .where(table.kind == kind, table.language == language, table.slug == slug)
            .execution_options(synchronize_session=False)
        )


def bury(
    session: Session,
    uid: str,
    kind: str,
    target_id: int,
    slugs: Iterable[tuple[str, str]],
    *,
    now: datetime,
) -> None:
    """Leave a tombstone at each (language, slug), and at those that led there: 410 from now on.

    Their redirects must end: a database may give the id to something else.
    """
    led_there = session.execute(
        select(SlugHistory.language, SlugHistory.slug).where(
            SlugHistory.kind == kind, SlugHistory.target_id == target_id
        )
    ).all()
    for language, slug in dict.fromkeys([*slugs, *(tuple(row) for row in led_there)]):
        forget(session, kind, language, slug)
        session.add(Tombstone(uid=uid, kind=kind, language=language, slug=slug, deleted_at=now))


def free_slug(session: Session, kind: str, language: str, wanted: str, entry_id: int | None) -> str:
    """`wanted`, or `wanted-2`, `wanted-3` ...: one that no other entry has in that language."""
    others = select(Translation.slug).where(
        Translation.kind == kind,
        Translation.language == language,
        Translation.entry_id != (entry_id or 0),
    )
    if session.scalar(others.where(Translation.slug == wanted)) is None:
        return wanted
    alike = others.where(Translation.slug.startswith(f"{wanted}-", autoescape=True))
    taken = set(session.scalars(alike))
    number = 2
    while f"{wanted}-{number}" in taken:
        number += 1
    return f"{wanted}-{number}"


def _by_slug(session: Session, kind: str, language: str, slug: str) -> int | None:
    return session.scalar(
        select(Translation.entry_id)
        .where(Translation.kind == kind, Translation.slug == slug)
        .order_by((Translation.language == language).desc(), Translation.id)
        .limit(1)
    )


def _by_history(session: Session, kind: str, language: str, slug: str) -> int | None:
    return session.scalar(
        select(SlugHistory.target_id)
        .where(
            SlugHistory.kind == kind,
            SlugHistory.slug == slug,
            exists().where(Entry.id == SlugHistory.target_id),
        )
        .order_by((SlugHistory.language == language).desc(), SlugHistory.id)
        .limit(1)
    )


def _missing(session: Session, kind: str, slug: str) -> NotFound | Gone:
    buried = session.scalar(select(exists().where(Tombstone.kind == kind, Tombstone.slug == slug)))
    if buried:
        return Gone(N_("This page was taken away for good."))
    return NotFound(N_("There is no page at this address."))
