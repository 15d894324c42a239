"""Read calls: the conditions of a filter in SQL, and the rows that they find."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    and_,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, defer, raiseload, selectinload

from feedsvc.calls import fit_queries, rules
from feedsvc.calls.models import Call, CallApplicant, CallEvent, CallPlace, KeyDate, call_funder
from feedsvc.content import places
from feedsvc.content import queries as content_queries
from feedsvc.content.filters import Filter
from feedsvc.content.models import Entry, Organisation, Programme, Translation

CLOSING_SOON_DAYS = 14
ENTRY = Entry.__table__.c
_FOR_LISTS = (
    raiseload(Call.clusters),
    raiseload(Call.applicants),
    defer(Call.documents),
    defer(Call.aid_types),
    defer(Call.geographies),
    selectinload(Call.translations).options(defer(Translation.sections), defer(Translation.quotes)),
)


def matching(
    session: Session,
    wanted: Filter,
    now: dt.datetime,
    *,
    closing_soon_days: int = CLOSING_SOON_DAYS,
    among: ColumnElement[bool] | None = None,
) -> Select[int]:
    """Ids of the public calls that meet every condition of the filter; a subquery to select by.

    `among` stands in for being public at `now`.
    """
    shared = content_queries.matching(session, replace(wanted, kind="call"), now, among=among)
    ids = select(Call.id).where(Call.id.in_(shared))
    return ids.where(
        *_conditions(wanted, now, closing_soon_days),
        *fit_queries.conditions(session, wanted.profile),
    )


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
    if wanted.geography:
        yield Call.id.in_(
            select(CallPlace.call_id).where(CallPlace.place.in_(places.meeting(wanted.geography)))
        )


def _how_much_and_when(
    wanted: Filter, now: dt.datetime, closing_soon_days: int
) -> Iterator[ColumnElement[bool]]:
    if wanted.award_max_from is not None:
        yield Call.award_max >= wanted.award_max_from
    if wanted.currency:
        yield Call.currency == wanted.currency
    if wanted.cofinancing_from is not None:
        yield highest_rate() >= wanted.cofinancing_from
    if wanted.closes_within is not None:
        yield closes_within(wanted.closes_within, now)
    if wanted.status:
        yield or_(*(status_condition(word, now, closing_soon_days) for word in wanted.status))


def closes_within(days: int, now: dt.datetime) -> ColumnElement[bool]:
    """Whether a call that goes on has a deadline in that many days from now."""
    return and_(_has_deadline(now, now + dt.timedelta(days=days)), _is_alive())


def highest_rate() -> ColumnElement[Decimal | None]:
    """The share of the costs that a call pays at most, in percent; `rules.highest_rate` in SQL."""
    columns = Call.__table__.c
    return func.coalesce(columns.cofinancing_max, columns.cofinancing_min)


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


def count(
    session: Session,
    wanted: Filter,
    now: dt.datetime,
    *,
    closing_soon_days: int = CLOSING_SOON_DAYS,
) -> int:
    ids = matching(session, wanted, now, closing_soon_days=closing_soon_days).subquery()
    return session.scalar(select(func.count()).select_from(ids)) or 0


def by_ids(session: Session, ids: Sequence[int]) -> list[Call]:
    """The calls with those ids, in that order."""
    rows = {call.id: call for call in session.scalars(select(Call).where(Call.id.in_(ids)))}
    return [rows[entry_id] for entry_id in ids if entry_id in rows]


def revisions(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """What names each of these calls as readers see it now: while it is the same, so are they."""
    rows = session.execute(select(ENTRY.id, ENTRY.uid, ENTRY.revision).where(ENTRY.id.in_(ids)))
    return {call_id: f"{uid}-{revision}" for call_id, uid, revision in rows}


def for_lists(session: Session, ids: Collection[int]) -> list[Call]:
    """The calls with those ids, in any order, with what a list says of them and no more."""
    wanted = select(Call).where(Call.id.in_(ids)).options(*_FOR_LISTS) if ids else None
    return list(session.scalars(wanted)) if wanted is not None else []


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
