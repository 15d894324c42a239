"""Keep what is planned true to the dates of the calls: some appear, some fall, some come back.

Nothing that edits a call has to tell the planner. Each turn it compares the dates that it planned
for with those that stand now, in the transaction that writes the difference. There is one row for
an instant of a date, however many readers there are: what costs follows what changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, exists, select, update
from sqlalchemy.orm import Session

from feedsvc.calls.models import Call, KeyDate
from feedsvc.reminders import occasions
from feedsvc.reminders.models import DueDate
from feedsvc.reminders.occasions import CANCELLED, SUPERSEDED, UNPUBLISHED, Dated
from feedsvc.statements import constant, insert

# A lead time in days reaches back at most this much further: zones apart, and the hours of notice.
MARGIN = timedelta(days=3)
_STANDS = (
    select(KeyDate.id)
    .join(Call, Call.id == KeyDate.call_id)
    .where(
        KeyDate.id == DueDate.key_date_id,
        KeyDate.utc_at == DueDate.at,
        *occasions.stands(bindparam("now")),
    )
    .exists()
)
_KNOWN = exists().where(
    DueDate.key_date_id == KeyDate.id,
    DueDate.at == KeyDate.utc_at,
    DueDate.state.in_(("stands", "falling")),
)
FALLEN = select(DueDate.id).where(
    DueDate.state == constant("stands"), DueDate.at > bindparam("now"), ~_STANDS
)
FALLING = select(DueDate).where(DueDate.state == constant("falling"))
MISSING = tuple(
    select(KeyDate.id)
    .join(Call, Call.id == KeyDate.call_id)
    .where(
        KeyDate.is_deadline.is_(is_deadline),
        KeyDate.utc_at <= bindparam("until"),
        *occasions.stands(bindparam("now")),
        ~_KNOWN,
    )
    for is_deadline in (True, False)  # each a range of ix_key_date_closing
)
_STANDING = occasions.DATED.where(KeyDate.id.in_(bindparam("ids", expanding=True))).order_by(
    KeyDate.id
)


def fallen(session: Session, now: datetime) -> Sequence[int]:
    """The due dates that stood, and do not any more."""
    return session.scalars(FALLEN, {"now": now}).all()


def falling(session: Session) -> Sequence[DueDate]:
    """Those from which something may have to be taken back."""
    return session.scalars(FALLING).all()


def missing(session: Session, lead: int, now: datetime) -> Sequence[int]:
    """The key dates of the next `lead` days that stand, and that nothing was planned for."""
    values = times(lead, now)
    return [found for look in MISSING for found in session.scalars(look, values)]


def times(lead: int, now: datetime) -> dict[str, datetime]:
    """The values of MISSING."""
    return {"now": now, "until": now + timedelta(days=lead) + MARGIN}


def fall(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Mark those that do not stand: their items are to be taken back."""
    same = exists().where(KeyDate.id == DueDate.key_date_id, KeyDate.utc_at == DueDate.at)
    cancelled = exists().where(Call.id == DueDate.call_id, Call.cancelled_at.is_not(None))
    reason = case((~same, SUPERSEDED), (cancelled, CANCELLED), else_=UNPUBLISHED)
    session.execute(
        update(DueDate)
        .where(DueDate.id.in_(ids), DueDate.state == constant("stands"), ~_STANDS)
        .values(state="falling", reason=reason)
        .execution_options(synchronize_session=False),
        {"now": now},
    )


def stand(session: Session, key_date_ids: Sequence[int], now: datetime) -> list[Dated]:
    """Plan for these dates from now on, those of them that stand; these."""
    standing = session.execute(_STANDING, {"ids": key_date_ids, "now": now})
    found = [occasions.dated_of(row) for row in standing]
    if found:
        rows = [
            {"key_date_id": one.key_date_id, "call_id": one.call_id, "at": one.deadline.at}
            for one in found
        ]
        statement = insert(session, DueDate)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["key_date_id", "at"],
                set_={"state": "stands", "reason": ""},
                where=DueDate.state == constant("fallen"),
            ),
            rows,
        )
    return found


def settle(session: Session, due_date_id: int) -> None:
    """All that was planned for it has been taken back: its occasions are void."""
    row = session.scalars(
        select(DueDate).where(DueDate.id == due_date_id).with_for_update()
    ).one_or_none()
    if row is not None and row.state == "falling":
        occasions.void(session, row)
        row.state = "fallen"
