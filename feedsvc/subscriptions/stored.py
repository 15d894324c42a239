"""Rows that several requests may want to make at once: an address, a shared filter.

The unique key is first, the insert second: whoever comes later finds the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from feedsvc.content import places
from feedsvc.content import queries as content
from feedsvc.content.filters import Filter
from feedsvc.content.models import Cluster, Organisation, Programme
from feedsvc.statements import insert
from feedsvc.subscriptions import queries, rules
from feedsvc.subscriptions.models import FilterKey, StoredFilter, Subscriber, Subscription

BY_ID: dict[str, type[Cluster | Organisation | Programme]] = {
    "cluster": Cluster,
    "funder": Organisation,
    "programme": Programme,
}


def subscriber(
    session: Session, address: str, language: str, zone: str, *, now: datetime
) -> Subscriber:
    """The row of that address, locked till the transaction ends."""
    session.execute(
        insert(session, Subscriber)
        .values(uid=str(uuid4()), email=address, language=language, zone=zone, created_at=now)
        .on_conflict_do_nothing()
    )
    return session.scalars(
        select(Subscriber).where(Subscriber.email == address).with_for_update()
    ).one()


def lock(session: Session, row: Subscriber) -> None:
    """Whoever else wants to change that row waits till the transaction ends."""
    session.execute(select(Subscriber.id).where(Subscriber.id == row.id).with_for_update())


def filter_id(session: Session, wanted: Filter, keys: Sequence[str]) -> int:
    """The row of that filter; equal filters share one."""
    made: int | None = session.scalar(
        insert(session, StoredFilter)
        .values(
            digest=wanted.digest(),
            query=wanted.query(),
            kind=wanted.kind,
            award_max_from=wanted.award_max_from,
            currency=wanted.currency,
            cofinancing_from=wanted.cofinancing_from,
            q=wanted.q,
            profile=urlencode(wanted.profile.deciding().pairs()),
        )
        .on_conflict_do_nothing()
        .returning(StoredFilter.id)
    )
    if made is not None:
        session.add_all(FilterKey(key=key, filter_id=made) for key in keys)
        session.flush()
        return made
    return session.scalars(
        select(StoredFilter.id).where(StoredFilter.digest == wanted.digest())
    ).one()


def facets(session: Session, wanted: Filter) -> dict[str, Sequence[str]]:
    """The filter's values as `rules.filter_keys` takes them: things by id, which no rename changes."""
    ids = {name: _ids(session, model, getattr(wanted, name)) for name, model in BY_ID.items()}
    return {
        **ids,
        "applicant": wanted.applicant,
        "model": wanted.model,
        "geography": places.meeting(wanted.geography),
    }


def as_named_today(session: Session, row: StoredFilter) -> Filter | None:
    """The filter in the present names of the things that it is about, which mails know by id.

    None if they are all gone: it finds nothing any more.
    """
    wanted = queries.stored_filter(row.query)
    wanted = replace(wanted, profile=content.present_profile(session, wanted.profile))
    if not any(getattr(wanted, name) for name in BY_ID):
        return wanted
    ids = rules.key_values(key.key for key in row.keys)
    present: dict[str, Any] = {}
    for name, model in BY_ID.items():
        if ids[name]:
            found = session.scalars(select(model.slug).where(model.id.in_(map(int, ids[name]))))
            present[name] = tuple(sorted(found))
            if not present[name]:
                return None
    return replace(wanted, **present)


def subject(row: Subscription) -> str:
    """What a subscription is about, for the proof of consent."""
    return f"entry:{row.entry_id}" if row.entry_id is not None else f"filter:{row.filter_id}"


def as_agreed(row: Subscription) -> dict[str, object]:
    """What exactly was agreed to, for the proof of consent; enough to begin it again."""
    agreed: dict[str, object] = {
        "subject": subject(row),
        "subscription": row.uid,
        "offsets": [offset.days for offset in row.offsets],
        "digest": row.digest,
        "next_edition": row.next_edition,
    }
    if row.filter is not None:
        agreed["query"] = row.filter.query
    if row.confirmed_at is not None:
        agreed["since"] = row.confirmed_at.isoformat()
    if row.digested_until is not None:
        agreed["digested_until"] = row.digested_until.isoformat()
    return agreed


def drop_unused_filters(session: Session) -> None:
    used = exists().where(Subscription.filter_id == StoredFilter.id)
    session.execute(delete(StoredFilter).where(~used))


def _ids(
    session: Session, model: type[Cluster | Organisation | Programme], slugs: Sequence[str]
) -> list[str]:
    if not slugs:
        return []
    return [str(row) for row in session.scalars(select(model.id).where(model.slug.in_(slugs)))]
