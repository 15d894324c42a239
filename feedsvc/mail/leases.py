"""Who holds which mail: claim, mark, record and free rows of the outbox, each in few statements.

A lease is a token and a time. What is written about a mail under a token is written only while the
row still has that token: a process that slept past its lease changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, bindparam, exists, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from feedsvc.mail import rules, texts, tries
from feedsvc.mail.casting import Mould
from feedsvc.mail.models import OutboxMail
from feedsvc.mail.rules import PRIORITIES, Fate
from feedsvc.mail.tries import CRASHED, Try
from feedsvc.statements import ByKey, constant, one_of

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


COLUMNS = (*(getattr(OutboxMail, name) for name in Leaving.__slots__), OutboxMail.mould)
SHARED = ("state", "attempts", "uncertain", "stage", "settled_at")

_QUEUED, _LEASED, _SENDING = constant("queued"), constant("leased"), constant("sending")

# Made once: these are said for each group, and building a statement takes longer than running it.
_THESE = one_of(OutboxMail.id, "mails")
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


def _settling(*more: str) -> ReturningUpdate[int]:
    """Mails that share all of their fate but the reason."""
    return (
        update(OutboxMail)
        .where(
            _THESE,
            OutboxMail.lease_token == bindparam("token"),
            OutboxMail.state == _SENDING,
        )
        .values(
            reason=ByKey(OutboxMail.id, "reasons"),
            lease_token=None,
            lease_until=None,
            **{name: bindparam(f"its_{name}") for name in (*SHARED, *more)},
        )
        .returning(OutboxMail.id)
    )


_SETTLE, _PUT_OFF = _settling(), _settling("send_after")
_REAPED = "reaped"  # the token of mails that are taken from who died


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
    rows = (
        session.connection()
        .execute(_MARK, {"mails": mail_ids, "token": token, "until": now + lease})
        .all()
    )
    moulds = texts.moulds(session, (row.mould for row in rows if row.mould))
    found = {row[0]: _leaving(row, moulds) for row in rows}
    return [found[mail_id] for mail_id in mail_ids if mail_id in found]


def _leaving(row: Row[Any], moulds: Mapping[str, Mould]) -> Leaving:
    kept = dict(zip(Leaving.__slots__, row, strict=False))
    if row.mould:
        kept["content"] = moulds[row.mould].cast(row.content)
    return Leaving(**kept)


def settle(
    session: Session, fates: Mapping[int, Fate], tokens: Mapping[int, str], now: datetime
) -> set[int]:
    """Write what became of mails, as far as they have still the token under which they were sent.

    Returns the ids of these. Mails with the same fate are one statement, whatever the reasons.
    """
    alike: dict[tuple[str, Fate], dict[int, str]] = defaultdict(dict)
    for mail_id, fate in fates.items():
        alike[tokens[mail_id], replace(fate, reason="")][mail_id] = fate.reason
    ours: set[int] = set()
    for (token, fate), reasons in alike.items():
        rows = session.connection().execute(
            _SETTLE if fate.send_after is None else _PUT_OFF,
            {"mails": list(reasons), "reasons": reasons, "token": token, **_its(fate, now)},
        )
        ours |= {row[0] for row in rows}
    return ours


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
        .values(crashes=OutboxMail.crashes + 1, lease_token=_REAPED)
        .returning(OutboxMail.id, OutboxMail.attempts, OutboxMail.crashes)
        .execution_options(synchronize_session=False)
    )
    fates = {
        mail_id: rules.after_crash(attempts=attempts, crashes=crashes, now=now)
        for mail_id, attempts, crashes in lapsed
    }
    settle(session, fates, dict.fromkeys(fates, _REAPED), now)
    tries.note(session, [Try(mail_id=mail_id, at=now, word=CRASHED) for mail_id in fates])
    return idle + len(fates) + expire(session, now)


def _due(session: Session, priority: int, now: datetime, most: int) -> list[Claimed]:
    """A stretch of ix_outbox_mail_due."""
    rows = session.connection().execute(_DUE, {"priority": priority, "now": now, "most": most})
    return [Claimed(*row) for row in rows]


def _its(fate: Fate, now: datetime) -> dict[str, object]:
    """The part that mails share, as parameters. What is put off has not ended."""
    shared = {
        "its_state": fate.state,
        "its_attempts": fate.attempts,
        "its_uncertain": fate.uncertain,
        "its_stage": fate.stage,
        "its_settled_at": now if fate.send_after is None else None,
    }
    return shared if fate.send_after is None else {**shared, "its_send_after": fate.send_after}
