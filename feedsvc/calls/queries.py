"""Read calls: the conditions of a filter in SQL, pages of a list, and counts for its facets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from feedsvc.calls import rules
from feedsvc.calls.models import Call, CallApplicant, CallEvent, KeyDate, call_funder
from feedsvc.content import queries as content_queries
from feedsvc.content.filters import STATUSES, Filter
from feedsvc.content.models import Cluster, Organisation, Programme, entry_cluster

CLOSING_SOON_DAYS = 14


def matching(
    session: Session,
    wanted: Filter,
    now: dt.datetime,
    *,
    closing_soon_days: int = CLOSING_SOON_DAYS,
) -> Select[int]:
    """Ids of the public calls that meet every condition of the filter; a subquery to select by."""
    shared = content_queries.matching(session, replace(wanted, kind="call"), now)
    ids = select(Call.id).where(Call.id.in_(shared))
    return ids.where(*_conditions(wanted, now, closing_soon_days))


def _conditions(
    wanted: Filter, now: dt.datetime, closing_soon_days: int
) -> list[ColumnElement[bool]]:
    return [*_who_and_what(wanted), *_how_much_and_when(wanted, now, closing_soon_days)]


def _who_and_what(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if wanted.kind == "news":
        yield false()
    if wanted.funder:
        yield Call.id.in_(
            select(call_funder.c.call_id)
            .join(Organisation, Organisation.id == call_funder.c.organisation_id)
            .where(Organisation.slug.in_(wanted.funder))
        )
    if wanted.programme:
        yield Call.programme_id.in_(
            select(Programme.id).where(Programme.slug.in_(wanted.programme))
        )
    if wanted.applicant:
        yield Call.id.in_(
            select(CallApplicant.call_id).where(CallApplicant.applicant.in_(wanted.applicant))
        )
    if wanted.model:
        yield Call.deadline_model.in_(wanted.model)


def _how_much_and_when(
    wanted: Filter, now: dt.datetime, closing_soon_days: int
) -> Iterator[ColumnElement[bool]]:
    if wanted.award_max_from is not None:
        yield Call.award_max >= wanted.award_max_from
    if wanted.currency:
        yield Call.currency == wanted.currency
    if wanted.closes_within is not None:
        until = now + dt.timedelta(days=wanted.closes_within)
        yield and_(_has_deadline(now, until), _is_alive())
    if wanted.status:
        yield or_(*(status_condition(word, now, closing_soon_days) for word in wanted.status))


def status_condition(
    word: str, now: dt.datetime, closing_soon_days: int = CLOSING_SOON_DAYS
) -> ColumnElement[bool]:
    """A public call's status in SQL, as `calls.rules.status` has it.

    `open` holds those that close soon as well: a reader who asks for open calls wants both.
    """
    if word == "cancelled":
        return Call.cancelled_at.is_not(None)
    if word == "suspended":
        return and_(Call.cancelled_at.is_(None), Call.suspended_at.is_not(None))
    running = and_(Call.cancelled_at.is_(None), Call.suspended_at.is_(None))
    archived = _true_if(Call.closes_at <= now - rules.ARCHIVED_AFTER)
    closed = or_(Call.close_reason != "", _true_if(Call.closes_at <= now))
    forecast = or_(
        _true_if(Call.opens_at > now),
        and_(Call.opens_at.is_(None), Call.deadline_model == "to_be_announced"),
    )
    soon = _has_deadline(now, now + dt.timedelta(days=closing_soon_days))
    return {
        "archived": and_(running, archived),
        "closed": and_(running, not_(archived), closed),
        "forecast": and_(running, not_(closed), forecast),
        "open": and_(running, not_(closed), not_(forecast)),
        "closing_soon": and_(running, not_(closed), not_(forecast), soon),
    }[word]


def _true_if(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The comparison with NULL (no such date) as false, so that it can be negated."""
    return func.coalesce(condition, false(), type_=Boolean())


def _has_deadline(after: dt.datetime, until: dt.datetime) -> ColumnElement[bool]:
    return exists().where(
        KeyDate.call_id == Call.id,
        KeyDate.is_deadline.is_(True),
        KeyDate.utc_at > after,
        KeyDate.utc_at <= until,
    )


def _is_alive() -> ColumnElement[bool]:
    return and_(Call.cancelled_at.is_(None), Call.suspended_at.is_(None), Call.close_reason == "")


def count(session: Session, wanted: Filter, now: dt.datetime, **days: int) -> int:
    ids = matching(session, wanted, now, **days).subquery()
    return session.scalar(select(func.count()).select_from(ids)) or 0


def facets(
    session: Session, wanted: Filter, now: dt.datetime, **days: int
) -> dict[str, Mapping[str, int]]:
    """For each facet the calls that each of its values would leave, the other conditions kept."""
    return {
        "status": _status_counts(session, wanted.without("status"), now, **days),
        "cluster": _counts(
            session,
            select(Cluster.slug, func.count())
            .join(entry_cluster, entry_cluster.c.cluster_id == Cluster.id)
            .where(entry_cluster.c.entry_id.in_(_without(session, wanted, "cluster", now, **days)))
            .group_by(Cluster.slug),
        ),
        "funder": _counts(
            session,
            select(Organisation.slug, func.count())
            .join(call_funder, call_funder.c.organisation_id == Organisation.id)
            .where(call_funder.c.call_id.in_(_without(session, wanted, "funder", now, **days)))
            .group_by(Organisation.slug),
        ),
        "programme": _counts(
            session,
            select(Programme.slug, func.count())
            .join(Call, Call.programme_id == Programme.id)
            .where(Call.id.in_(_without(session, wanted, "programme", now, **days)))
            .group_by(Programme.slug),
        ),
        "applicant": _counts(
            session,
            select(CallApplicant.applicant, func.count())
            .where(CallApplicant.call_id.in_(_without(session, wanted, "applicant", now, **days)))
            .group_by(CallApplicant.applicant),
        ),
        "model": _counts(
            session,
            select(Call.deadline_model, func.count())
            .where(Call.id.in_(_without(session, wanted, "model", now, **days)))
            .group_by(Call.deadline_model),
        ),
    }


def _without(
    session: Session, wanted: Filter, name: str, now: dt.datetime, **days: int
) -> Select[int]:
    return matching(session, wanted.without(name), now, **days)


def _counts(session: Session, query: Select[str, int]) -> dict[str, int]:
    rows = session.execute(query).all()
    return dict(sorted(rows, key=lambda row: (-row[1], row[0])))


def _status_counts(
    session: Session, wanted: Filter, now: dt.datetime, **days: int
) -> dict[str, int]:
    columns = [
        func.sum(case((status_condition(word, now, **days), 1), else_=0)).label(word)
        for word in STATUSES
    ]
    ids = matching(session, wanted, now, **days)
    row = session.execute(select(*columns).where(Call.id.in_(ids))).one()
    return {word: int(number) for word, number in zip(STATUSES, row, strict=True) if number}


def by_ids(session: Session, ids: Sequence[int]) -> list[Call]:
    """The calls with those ids, in that order."""
    rows = {call.id: call for call in session.scalars(select(Call).where(Call.id.in_(ids)))}
    return [rows[entry_id] for entry_id in ids if entry_id in rows]


def get(session: Session, call_id: int) -> Call | None:
    return session.get(Call, call_id)


def events(session: Session, call_id: int) -> Sequence[CallEvent]:
    """What happened to a call, newest first."""
    return session.scalars(
        select(CallEvent)
        .where(CallEvent.call_id == call_id)
        .order_by(CallEvent.at.desc(), CallEvent.id.desc())
    ).all()


def next_transition(
    session: Session, now: dt.datetime, *, closing_soon_days: int = CLOSING_SOON_DAYS
) -> dt.datetime | None:
    """The next instant at which the status of some call changes by the passing of time."""
    soon = dt.timedelta(days=closing_soon_days)
    candidates = [
        _next_date(session, now, true()),
        _earlier(_next_date(session, now + soon, KeyDate.is_deadline.is_(True)), soon),
        _earlier(
            _next_date(session, now - rules.ARCHIVED_AFTER, KeyDate.is_deadline.is_(True)),
            -rules.ARCHIVED_AFTER,
        ),
    ]
    return min((at for at in candidates if at is not None and at > now), default=None)


def _next_date(
    session: Session, after: dt.datetime, condition: ColumnElement[bool]
) -> dt.datetime | None:
    return session.scalar(select(func.min(KeyDate.utc_at)).where(KeyDate.utc_at > after, condition))


def _earlier(at: dt.datetime | None, by: dt.timedelta) -> dt.datetime | None:
    return at - by if at is not None else None
