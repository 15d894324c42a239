"""Dates that no longer stand, kept for a while so that calendars strike them.

A calendar program that merges what it reads keeps an event that merely vanished: a reader would
see a deadline that is none. So a date that an editor takes away from a public call, and every date
of a call that is withdrawn or deleted, leaves a row here that is whole in itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence, Set

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.orm import InstrumentedAttribute, Session, undefer

from feedsvc.calls import fit, rules
from feedsvc.calls.events import DateFact
from feedsvc.calls.fit import Facts
from feedsvc.calls.models import Call, StruckDate
from feedsvc.content import addresses, generation, places
from feedsvc.content.filters import Filter
from feedsvc.content.models import Cluster
from feedsvc.content.profiles import Profile
from feedsvc.search import rules as search

Instant = InstrumentedAttribute[dt.datetime] | InstrumentedAttribute[dt.datetime | None]


def strike(
    session: Session, call: Call, facts: Iterable[DateFact], *, words: str, now: dt.datetime
) -> None:
    """Keep those dates as called off; `words` is what search knows of the call.

    A cancelled call's dates were called off when it was, so they are not shown for longer.
    """
    at = call.cancelled_at or now
    if not rules.in_calendars(at, now):
        return
    known = set(session.scalars(select(StruckDate.uid).where(StruckDate.call_uid == call.uid)))
    rows = {row.uid: row for row in call.key_dates}
    for fact in facts:
        if fact.uid in known or not rules.names_a_day(fact.precision):
            continue
        session.add(_struck(call, fact, words=words, at=at))
        if fact.uid in rows:
            rows[fact.uid].sequence = fact.sequence + 1


def plan(
    session: Session, call: Call, facts: Iterable[DateFact], *, words: str, at: dt.datetime
) -> None:
    """Keep those dates as called off from a day to come; until then nobody is told."""
    known = set(session.scalars(select(StruckDate.uid).where(StruckDate.call_uid == call.uid)))
    for fact in facts:
        if fact.uid not in known and rules.names_a_day(fact.precision):
            session.add(_struck(call, fact, words=words, at=at))


def forget_plan(session: Session, call: Call, *, now: dt.datetime) -> None:
    _forget(session, and_(StruckDate.call_uid == call.uid, StruckDate.called_off_at > now))


def restore(session: Session, call: Call, uids: Iterable[str], *, now: dt.datetime) -> None:
    """Those dates of the call stand again; calendars learn of it by the sequence number."""
    back = [row for row in call.key_dates if row.uid in set(uids)]
    told = _sequences(session, call)
    for row in back:
        row.sequence = max(row.sequence, told.get(row.uid, 0)) + 1
        row.restored_at = now
    _forget(session, StruckDate.uid.in_([row.uid for row in back]))


def facts(session: Session, call: Call, *, since: dt.datetime) -> dict[str, DateFact]:
    """By uid, the dates as they stood when the call was withdrawn at `since`.

    Those of a cancelled call may have been called off with it.
    """
    rows = session.scalars(
        select(StruckDate).where(
            StruckDate.call_uid == call.uid,
            StruckDate.called_off_at.in_([call.cancelled_at or since, since]),
        )
    )
    return {
        row.uid: DateFact(
            row.uid, row.type, row.is_deadline, row.local_date, row.local_time, row.zone,
            row.precision, row.utc_at, row.certainty, row.labels, row.sequence,
        )
        for row in rows
    }  # fmt: skip


def purge(session: Session, *, now: dt.datetime) -> None:
    """Delete what no calendar shows any more.

    That a date left was the last change of some calendars: without it their Last-Modified would go
    back, so a new generation begins.
    """
    if _forget(session, StruckDate.called_off_at <= now - rules.STRUCK_FOR):
        generation.advance(session, now)


def matching(session: Session, wanted: Filter, now: dt.datetime) -> Sequence[StruckDate]:
    """What the calendar of a filter still strikes, in a fixed order.

    Where its call stood in time is not asked: the calendar held the date while the filter found it.
    """
    rows = session.scalars(
        select(StruckDate)
        .where(is_shown(StruckDate.called_off_at, now))
        .order_by(StruckDate.called_off_at.desc(), StruckDate.uid)
        .options(*([undefer(StruckDate.words)] if wanted.q or wanted.profile.themes else []))
    )
    named, clusters = _named(session, wanted), _clusters(session, wanted.profile)
    return [
        row
        for row in rows
        if _meets(row, wanted, named)
        and not fit.rules_out(wanted.profile, _facts(row, wanted.profile, clusters))
    ]


def of_call(session: Session, call_uid: str, now: dt.datetime) -> Sequence[StruckDate]:
    """What the calendar of one call still strikes; the call may be gone."""
    return session.scalars(
        select(StruckDate)
        .where(StruckDate.call_uid == call_uid, is_shown(StruckDate.called_off_at, now))
        .order_by(StruckDate.called_off_at.desc(), StruckDate.uid)
    ).all()


def is_shown(called_off_at: Instant, now: dt.datetime) -> ColumnElement[bool]:
    """What `rules.in_calendars` says of a date that was called off, in SQL."""
    return and_(called_off_at > now - rules.STRUCK_FOR, called_off_at <= now)


def _sequences(session: Session, call: Call) -> dict[str, int]:
    rows = select(StruckDate.uid, StruckDate.sequence).where(StruckDate.call_uid == call.uid)
    return {row.uid: row.sequence for row in session.execute(rows)}


def _struck(call: Call, fact: DateFact, *, words: str, at: dt.datetime) -> StruckDate:
    return StruckDate(
        uid=fact.uid,
        type=fact.type,
        local_date=fact.local_date,
        local_time=fact.local_time,
        zone=fact.zone,
        precision=fact.precision,
        certainty=fact.certainty,
        is_deadline=fact.is_deadline,
        utc_at=fact.utc_at,
        labels=dict(fact.labels),
        sequence=fact.sequence + 1,
        call_uid=call.uid,
        called_off_at=at,
        titles={text.language: text.title for text in call.translations},
        slugs={text.language: text.slug for text in call.translations},
        published_at=call.publish_at,
        names=sorted(row.uid for row in (*call.clusters, *call.funders, call.programme) if row),
        applicants=sorted(row.applicant for row in call.applicants),
        deadline_model=call.deadline_model,
        currency=call.currency,
        award_max=call.award_max,
        cofinancing=rules.highest_rate(call),
        places=[row.place for row in call.places],
        words=" ".join(search.tokens(words)),
    )


def _meets(row: StruckDate, wanted: Filter, named: Sequence[Set[str]]) -> bool:
    """Whether the call met the standing conditions of the filter; `named` is from `_named`."""
    cap, rate = wanted.award_max_from, wanted.cofinancing_from
    time = wanted.published_between
    return all(
        (
            all(uids & set(row.names) for uids in named),
            not wanted.applicant or set(wanted.applicant) & set(row.applicants),
            not wanted.model or row.deadline_model in wanted.model,
            cap is None or (row.award_max is not None and row.award_max >= cap),
            rate is None or (row.cofinancing is not None and row.cofinancing >= rate),
            not wanted.geography or set(places.meeting(wanted.geography)) & set(row.places),
            not wanted.currency or row.currency == wanted.currency,
            time is None or time[0] <= row.published_at < time[1],
            not wanted.q or search.found(wanted.q, row.words),
        )
    )


def _named(session: Session, wanted: Filter) -> Sequence[Set[str]]:
    """For each condition on a cluster, funder or programme, the uids that meet it."""
    return [
        set(session.scalars(select(model.uid).where(model.slug.in_(getattr(wanted, name)))))
        for name, model in addresses.NAMED.items()
        if getattr(wanted, name)
    ]


def _facts(row: StruckDate, profile: Profile, clusters: Mapping[str, str]) -> Facts:
    """What the call said to the questions by which a reader may be ruled out."""
    return Facts(
        applicants=frozenset(row.applicants),
        places=frozenset(row.places),
        clusters=frozenset(clusters[uid] for uid in row.names if uid in clusters),
        mentions=frozenset(theme for theme in profile.themes if search.found(theme, row.words)),
    )


def _clusters(session: Session, profile: Profile) -> Mapping[str, str]:
    """The slugs of clusters by their uids, where they are asked for."""
    if not profile.clusters:
        return {}
    return {row[0]: row[1] for row in session.execute(select(Cluster.uid, Cluster.slug))}


def _forget(session: Session, condition: ColumnElement[bool]) -> bool:
    """Delete those rows. Whether there were any."""
    gone = delete(StruckDate).where(condition).returning(StruckDate.id)
    return bool(session.execute(gone.execution_options(synchronize_session=False)).all())
