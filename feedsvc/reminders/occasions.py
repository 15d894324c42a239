"""Which dates readers are reminded of, and the occasions on which they are told.

An occasion's key holds the instant of its deadline, so a moved deadline simply has other occasions.
Moved back, it has its old ones again: what was told is not told again, what had been taken back is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    case,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from feedsvc.calls.models import Call, KeyDate
from feedsvc.content import queries as content
from feedsvc.reminders import rules
from feedsvc.reminders.models import DueDate, Occasion
from feedsvc.reminders.notices import bursts
from feedsvc.reminders.rules import DEBOUNCE, Deadline
from feedsvc.statements import constant, insert, one_of
from feedsvc.subscriptions.models import CallMute

SUPERSEDED, CANCELLED, UNPUBLISHED = "superseded", "cancelled", "unpublished"
REOPENABLE = (SUPERSEDED, CANCELLED, UNPUBLISHED)
AGAIN_AFTER = timedelta(minutes=5)  # what could not be planned is tried again
LATE = "late"  # its deadline had passed before anybody could be told
UNIQUE = ("key_date_id", "deadline_at", "days", "zone", "hour")


@dataclass(frozen=True)
class Dated:
    """A date that readers are reminded of, and when its readers could first know of it."""

    key_date_id: int
    call_id: int
    deadline: Deadline
    known_at: datetime


def stands(now: datetime | ColumnElement[datetime]) -> Sequence[ColumnElement[bool]]:
    """When a date of a call is one to remind of. For queries that join both."""
    return (
        content.public(now),
        Call.cancelled_at.is_(None),
        Call.suspended_at.is_(None),
        Call.close_reason == "",
        or_(and_(KeyDate.is_deadline.is_(True), KeyDate.mandatory.is_(True)), opens()),
        KeyDate.certainty == "confirmed",
        KeyDate.precision.in_(("minute", "day")),
        KeyDate.utc_at > now,
    )


def opens() -> ColumnElement[bool]:
    return KeyDate.type == "opens"


def deadline_of(key_date: KeyDate | Row[Any]) -> Deadline:
    return Deadline(
        key_date.local_date,
        key_date.local_time,
        key_date.zone,
        key_date.utc_at,
        opens=key_date.type == "opens",
    )


# What `dated_of` needs of the dates that stand `now`.
DATED: Select[*tuple[Any, ...]] = (
    select(
        KeyDate.id, KeyDate.call_id, KeyDate.local_date, KeyDate.local_time, KeyDate.zone,
        KeyDate.utc_at, KeyDate.type, KeyDate.updated_at, Call.publish_at,
    )
    .join(Call, Call.id == KeyDate.call_id)
    .where(*stands(bindparam("now")))
)  # fmt: skip


def dated_of(row: Row[Any]) -> Dated:
    """A date that was moved when readers could see it may be moved again the next minute."""
    known = row.publish_at
    if row.updated_at > row.publish_at:
        known = row.updated_at + DEBOUNCE
    return Dated(row.id, row.call_id, deadline_of(row), known)


def facts(date: Dated, days: int, zone: str, hour: int) -> dict[str, Any]:
    """The occasion of a lead time for the readers of a zone and an hour, as a row.

    What was published or moved after its hour is due at once, to those who followed by then.
    """
    regular = rules.due_at(date.deadline, days, zone=zone, hour=hour)
    due, known = regular, date.known_at
    if known > regular:
        due = known = rules.at_once(known, zone=zone, deadline_at=date.deadline.at)
    return {
        "key_date_id": date.key_date_id,
        "call_id": date.call_id,
        "deadline_at": date.deadline.at,
        "days": days,
        "zone": zone,
        "hour": hour,
        "due_at": due,
        "followed_by": max(regular, date.known_at),
        "known_at": known,
    }


def write(session: Session, rows: Sequence[dict[str, Any]]) -> int:
    """Insert occasions; those that were void, because their date had fallen, are open again."""
    if not rows:
        return 0
    statement = insert(session, Occasion)
    new = statement.excluded
    session.execute(
        statement.on_conflict_do_update(
            index_elements=UNIQUE,
            set_={
                "state": "open",
                "reason": "",
                "due_at": new.due_at,
                "followed_by": new.followed_by,
                "known_at": new.known_at,
                "cursor": 0,
                "turn": Occasion.turn + 1,
            },
            where=and_(Occasion.state == constant("void"), Occasion.reason != LATE),
        ),
        rows,
    )
    return len(rows)


def due(session: Session, now: datetime) -> Sequence[Row[int, int, int]]:
    """Id, call and lead time of the open occasions whose time has come (ix_occasion_due).

    The nearest deadlines' first, those of a place together. Those of a call in which something is
    happening wait for the notice that tells it.
    """
    return session.execute(DUE, bursts.times(now)).all()


def locked(session: Session, ids: Sequence[int], now: datetime) -> Sequence[Row[Any]]:
    """Those of the occasions that are to be planned now, and what there is to know for that.

    Not what is in other hands, or whose date does not stand any more. One that is farther from the
    same deadline waits, also for a nearer one that was set aside: who is told of that one shall not
    hear of this. Who deletes a date takes its occasions along, and so waits for this lock.
    """
    values = {"ids": ids, "soon": now + AGAIN_AFTER}
    return session.execute(_LOCKED, values, execution_options={"populate_existing": True}).all()


def _same_deadline(other: Any, *which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        other.key_date_id == Occasion.key_date_id, other.deadline_at == Occasion.deadline_at, *which
    )


def passed(
    session: Session, zone: str, hour: int, since: datetime, now: datetime
) -> Sequence[Row[Any]]:
    """The occasions of that place after `since` that are written, the nearest deadlines' first.

    Their dates are locked: nobody deletes one while items are written for it.
    """
    values = {"zone": zone, "hour": hour, "since": since, "now": now}
    return session.execute(_PASSED, values).all()


def _locked() -> Select[*tuple[Any, ...]]:
    other = aliased(Occasion)
    waits = _same_deadline(
        other,
        other.zone == Occasion.zone,
        other.hour == Occasion.hour,
        other.days < Occasion.days,
        other.state == constant("open"),
        other.due_at <= bindparam("soon"),
    )
    return (
        _whole()
        .where(
            one_of(Occasion.id, "ids"),
            Occasion.state == constant("open"),
            ~waits,
        )
        .order_by(Occasion.id)
        .with_for_update(skip_locked=True, of=Occasion)
    )


def _whole() -> Select[*tuple[Any, ...]]:
    """What `fan` needs to know of occasions whose date stands."""
    other = aliased(Occasion)
    standing = exists().where(
        DueDate.key_date_id == Occasion.key_date_id,
        DueDate.at == Occasion.deadline_at,
        DueDate.state == constant("stands"),
    )
    came_back = _same_deadline(other, other.days == Occasion.days, other.turn > 1)
    begun = or_(other.state == constant("done"), other.cursor > 0)
    had_nearer = _same_deadline(other, other.days < Occasion.days, begun)
    return (
        select(
            Occasion.id, Occasion.key_date_id, Occasion.call_id, Occasion.deadline_at,
            Occasion.days, Occasion.zone, Occasion.hour, Occasion.due_at, Occasion.followed_by,
            Occasion.cursor, KeyDate.type,
            came_back.label("came_back"),
            had_nearer.label("had_nearer"),
            exists().where(CallMute.call_id == Occasion.call_id).label("has_mutes"),
        )
        .join(KeyDate, KeyDate.id == Occasion.key_date_id)
        .where(standing)
    )  # fmt: skip


DUE = (
    select(Occasion.id, Occasion.call_id, Occasion.days)
    .where(
        Occasion.state == constant("open"),
        Occasion.due_at <= bindparam("now"),
        Occasion.call_id.not_in(bursts.UNSETTLED),
    )
    .order_by(Occasion.days, Occasion.zone, Occasion.hour, Occasion.id)
)
_LOCKED = _locked()
_PASSED = (
    _whole()
    .where(
        Occasion.zone == bindparam("zone"),
        Occasion.hour == bindparam("hour"),
        Occasion.state == constant("done"),
        Occasion.due_at > bindparam("since"),
        Occasion.deadline_at > bindparam("now"),
    )
    .order_by(Occasion.days, Occasion.id)
    .with_for_update(read=True, key_share=True, of=KeyDate)
)
_THESE = update(Occasion).where(one_of(Occasion.id, "ids"))
_CLOSE = _THESE.values(state=bindparam("as"), reason=bindparam("because"))
_GO_ON = _THESE.values(cursor=bindparam("until"))
_STANDING = select(Occasion.id).where(
    one_of(Occasion.id, "ids"),
    select(KeyDate.id)
    .join(Call, Call.id == KeyDate.call_id)
    .where(
        KeyDate.id == Occasion.key_date_id,
        KeyDate.utc_at == Occasion.deadline_at,
        *stands(bindparam("now")),
    )
    .exists(),
)


def close(session: Session, ids: Sequence[int], *, state: str, reason: str = "") -> None:
    """These have all of their items, or are void."""
    if ids:
        session.connection().execute(_CLOSE, {"ids": ids, "as": state, "because": reason})


def go_on(session: Session, ids: Sequence[int], cursor: int) -> None:
    """Their items of the readers up to the cursor are written."""
    session.connection().execute(_GO_ON, {"ids": ids, "until": cursor})


def set_aside(session: Session, occasion_id: int, now: datetime) -> None:
    """Try an occasion that failed again later, so that it holds up no other deadline meanwhile.

    One that was late for its hour stays so: it still gives way to a nearer one of that day.
    """
    due = now + AGAIN_AFTER
    was_late = or_(Occasion.known_at >= Occasion.due_at, Occasion.due_at <= now - rules.SPREAD)
    session.execute(
        update(Occasion)
        .where(Occasion.id == occasion_id, Occasion.state == constant("open"))
        .values(due_at=due, known_at=case((was_late, due), else_=Occasion.known_at))
    )


def void(session: Session, due_date: DueDate) -> None:
    """Void the occasions of a date that has fallen; their items have been taken back."""
    session.execute(
        update(Occasion)
        .where(
            Occasion.key_date_id == due_date.key_date_id,
            Occasion.deadline_at == due_date.at,
            Occasion.state.in_(("open", "done")),
        )
        .values(state="void", reason=due_date.reason)
    )


def standing(session: Session, occasion_ids: Iterable[int], now: datetime) -> set[int]:
    """Those of the occasions whose deadline stands, asked of the calls as they are now."""
    return set(session.scalars(_STANDING, {"ids": list(occasion_ids), "now": now}))


def fallen(session: Session, occasion_ids: Collection[int], now: datetime) -> dict[int, str]:
    """Why those of the occasions that do not stand any more do not, by id, for the gate.

    Their dates are marked, so that the planner takes back what else was planned, and finds what was
    taken back should they stand again.
    """
    stand = standing(session, occasion_ids, now)
    gone = [number for number in occasion_ids if number not in stand]
    if not gone:
        return {}
    rows = session.execute(
        select(Occasion.id, Occasion.state, Occasion.reason, DueDate.id)
        .outerjoin(
            DueDate,
            and_(DueDate.key_date_id == Occasion.key_date_id, DueDate.at == Occasion.deadline_at),
        )
        .where(Occasion.id.in_(gone))
    ).all()
    session.execute(
        update(DueDate)
        .where(DueDate.id.in_([row[3] for row in rows]), DueDate.state == constant("stands"))
        .values(state="falling", reason=SUPERSEDED)
    )
    return {row[0]: row[2] if row[1] == "void" and row[2] else SUPERSEDED for row in rows}
