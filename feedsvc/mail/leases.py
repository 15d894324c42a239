"""Who holds which mail: claim, mark, record and free rows of the outbox, each in few statements.

A lease is a token and a time. What is written about a mail under a token is written only while the
row still has that token: a process that slept past its lease changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Integer, Update, bindparam, exists, or_, select, update
from sqlalchemy.orm import Session

from feedsvc.db import constant
from feedsvc.mail import rules, tries
from feedsvc.mail.models import OutboxMail
from feedsvc.mail.rules import PRIORITIES, Fate
from feedsvc.mail.tries import CRASHED, Try

LEASE = timedelta(minutes=20)  # longer than the slowest hand-over of one mail


@dataclass(frozen=True, slots=True)
class Claimed:
    """A mail that is ours for a while. One that may be a second copy travels alone."""

    id: int
    alone: bool


@dataclass(frozen=True, slots=True)
class Leaving:
    """A mail that is about to leave, as its row was when it was marked `sending`."""

    id: int
    recipient_key: str
    kind: str
    address: str
    message_id: str
    dated_at: datetime
    expires_at: datetime | None
    attempts: int
    uncertain: bool
    content: str = field(repr=False)


COLUMNS = tuple(getattr(OutboxMail, name) for name in Leaving.__slots__)
SETTLED = (
    "state", "reason", "attempts", "uncertain", "stage", "settled_at", "lease_token", "lease_until",
)  # fmt: skip

_QUEUED, _LEASED, _SENDING = constant("queued"), constant("leased"), constant("sending")

# Made once: these are said for each group, and building a statement takes longer than running it.
_THESE = OutboxMail.id.in_(bindparam("mails", expanding=True))
_HELD = (
    select(OutboxMail.id, OutboxMail.lease_token)
    .where(_THESE, OutboxMail.state == _SENDING)
    .with_for_update()
)
_ANYTHING_DUE = select(
    or_(
        *(
            exists().where(
                OutboxMail.state == _QUEUED,
                OutboxMail.priority == priority,
                OutboxMail.send_after <= bindparam("now"),
            )
            for priority in PRIORITIES
        )
    )
)
_DUE = (
    select(OutboxMail.id, OutboxMail.uncertain)
    .where(
        OutboxMail.state == _QUEUED,
        OutboxMail.priority == bindparam("priority"),
        OutboxMail.send_after <= bindparam("now"),
    )
    .order_by(OutboxMail.send_after, OutboxMail.id)
    .limit(bindparam("most", type_=Integer()))
    .with_for_update(skip_locked=True)
)
_CLAIM = (
    update(OutboxMail)
    .where(_THESE)
    .values(state="leased", lease_token=bindparam("token"), lease_until=bindparam("until"))
)
_MARK = (
    update(OutboxMail)
    .where(
        _THESE,
        OutboxMail.lease_token == bindparam("token"),
        OutboxMail.state.in_((_LEASED, _SENDING)),
    )
    .values(state="sending", lease_until=bindparam("until"))
    .returning(*COLUMNS)
)


def _setting(*names: str) -> Update:
    return (
        update(OutboxMail)
        .where(OutboxMail.id == bindparam("mail_id"))
        .values({name: bindparam(name) for name in names})
    )


_SETTLE, _PUT_OFF = _setting(*SETTLED), _setting(*SETTLED, "send_after")


def anything_due(session: Session, now: datetime) -> bool:
    """One short look into ix_outbox_mail_due for each priority: it is ordered by that first."""
    return bool(session.connection().scalar(_ANYTHING_DUE, {"now": now}))


def claim(
    session: Session, token: str, now: datetime, *, most: int, lease: timedelta = LEASE
) -> list[Claimed]:
    """The most urgent first. Rows that another process holds are passed over."""
    found: list[Claimed] = []
    for priority in PRIORITIES:
        if len(found) < most:
            found += _due(session, priority, now, most - len(found))
    if found:
        values = {"mails": [mail.id for mail in found], "token": token, "until": now + lease}
        session.connection().execute(_CLAIM, values)
    return found


def mark(
    session: Session, mail_ids: Sequence[int], token: str, now: datetime, *, lease: timedelta
) -> list[Leaving]:
    """Those of the mails that are still ours, marked `sending` with a fresh lease, in that order."""
    rows = session.connection().execute(
        _MARK, {"mails": mail_ids, "token": token, "until": now + lease}
    )
    found = {row[0]: Leaving(*row) for row in rows}
    return [found[mail_id] for mail_id in mail_ids if mail_id in found]


def held(session: Session, tokens: Mapping[int, str]) -> set[int]:
    """Those of the mails that still have the token under which they were sent; locked."""
    rows = session.connection().execute(_HELD, {"mails": list(tokens)})
    return {mail_id for mail_id, token in rows if tokens[mail_id] == token}


def record(session: Session, fates: Mapping[int, Fate], now: datetime) -> None:
    """Write what became of mails that are ours: one statement for all that move, one for the rest."""
    rows = [(mail_id, fate) for mail_id, fate in fates.items()]
    _write(session, _SETTLE, [_row(i, fate, now) for i, fate in rows if fate.send_after is None])
    _write(
        session,
        _PUT_OFF,
        [
            {**_row(i, fate, None), "send_after": fate.send_after}
            for i, fate in rows
            if fate.send_after is not None
        ],
    )


def release(session: Session, *which: ColumnElement[bool], except_for: Collection[int] = ()) -> int:
    """Put back what was claimed and not handed over: as if it had never been touched."""
    freed = session.scalars(
        update(OutboxMail)
        .where(OutboxMail.state.in_((_LEASED, _SENDING)), OutboxMail.id.not_in(except_for), *which)
        .values(state="queued", lease_token=None, lease_until=None)
        .returning(OutboxMail.id)
    )
    return len(freed.all())


def expire(session: Session, now: datetime) -> int:
    ended = session.scalars(
        update(OutboxMail)
        .where(OutboxMail.state == _QUEUED, OutboxMail.expires_at <= now)
        .values(state="expired", reason=rules.EXPIRED, settled_at=now)
        .returning(OutboxMail.id)
    )
    return len(ended.all())


def reap(session: Session, now: datetime) -> int:
    """Free what dead processes held, and end what waited past its time; how many mails that was."""
    idle = release(session, OutboxMail.state == _LEASED, OutboxMail.lease_until <= now)
    lapsed = session.execute(
        update(OutboxMail)
        .where(OutboxMail.state == _SENDING, OutboxMail.lease_until <= now)
        .values(crashes=OutboxMail.crashes + 1)
        .returning(OutboxMail.id, OutboxMail.attempts, OutboxMail.crashes)
        .execution_options(synchronize_session=False)
    )
    fates = {
        mail_id: rules.after_crash(attempts=attempts, crashes=crashes, now=now)
        for mail_id, attempts, crashes in lapsed
    }
    record(session, fates, now)
    tries.note(session, [Try(mail_id=mail_id, at=now, word=CRASHED) for mail_id in fates])
    return idle + len(fates) + expire(session, now)


def _due(session: Session, priority: int, now: datetime, most: int) -> list[Claimed]:
    """A stretch of ix_outbox_mail_due."""
    values = {"priority": priority, "now": now, "most": most}
    return [Claimed(*row) for row in session.connection().execute(_DUE, values)]


def _row(mail_id: int, fate: Fate, settled_at: datetime | None) -> dict[str, object]:
    return {
        "mail_id": mail_id,
        "state": fate.state,
        "reason": fate.reason,
        "attempts": fate.attempts,
        "uncertain": fate.uncertain,
        "stage": fate.stage,
        "settled_at": settled_at,
        "lease_token": None,
        "lease_until": None,
    }


def _write(session: Session, statement: Update, rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        session.connection().execute(statement, [*rows])
