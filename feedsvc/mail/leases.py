"""Who holds which mail: claim, mark, record and free rows of the outbox, each in few statements.

A lease is a token and a time. What is written about a mail under a token is written only while the
row still has that token: a process that slept past its lease changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    bindparam,
    case,
    exists,
    literal_column,
    select,
    update,
)
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
class Leaving:
    """A mail that is about to leave, as its row was when it was marked `sending`.

    `content` is the whole message or, with a `mould`, what is the reader's own in it.
    """

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
    mould: Mould | None = field(repr=False)

    def whole(self) -> bytes:
        """The message as it goes to the mail server.

        It is put together when it goes there: while mails are marked, others wait for the database.
        """
        text = self.mould.cast(self.content) if self.mould else self.content
        return text.encode("ascii")


COLUMNS = tuple(getattr(OutboxMail, name) for name in Leaving.__slots__)
SHARED = ("state", "attempts", "uncertain", "stage", "settled_at")

_QUEUED, _SENDING = constant("queued"), constant("sending")

# Made once: these are said for each group, and building a statement takes longer than running it.
_THESE = one_of(OutboxMail.id, "mails")
# One short look into ix_outbox_mail_due for each priority: it is ordered by that first.
_MOST_URGENT = select(
    case(
        *(
            (
                exists().where(
                    OutboxMail.state == _QUEUED,
                    OutboxMail.priority == literal_column(str(priority)),
                    OutboxMail.send_after <= bindparam("now"),
                ),
                literal_column(str(priority)),
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


def _marking(*which: ColumnElement[bool]) -> ReturningUpdate[*tuple[Any, ...]]:
    return (
        update(OutboxMail)
        .where(_THESE, *which)
        .values(state="sending", lease_token=bindparam("token"), lease_until=bindparam("until"))
        .returning(*COLUMNS)
    )


_CLAIM = _marking(OutboxMail.state == _QUEUED)
_MARK = _marking(OutboxMail.state == _SENDING, OutboxMail.lease_token == bindparam("token"))


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


def most_urgent(session: Session, now: datetime) -> int | None:
    """The first priority of which a mail is due; None if there is none."""
    found: int | None = session.connection().scalar(_MOST_URGENT, {"now": now})
    return found


def claim(
    session: Session, token: str, now: datetime, *, most: int, lease: timedelta = LEASE
) -> list[Leaving]:
    """The most urgent that are due, marked `sending`. Rows that another process holds are passed over.

    One that may be a second copy travels alone: it may be what killed its sender.
    """
    found: list[tuple[int, bool]] = []
    first = most_urgent(session, now)
    for priority in PRIORITIES:
        if first is not None and priority >= first and len(found) < most:
            found += _due(session, priority, now, most - len(found))
    alone = [place for place, (_, uncertain) in enumerate(found) if uncertain]
    together = found[: max(alone[0], 1)] if alone else found
    ids = [mail_id for mail_id, _ in together]
    return mark(session, ids, token, now, lease=lease, free=True) if ids else []


def mark(
    session: Session,
    mail_ids: Sequence[int],
    token: str,
    now: datetime,
    *,
    lease: timedelta,
    free: bool = False,
) -> list[Leaving]:
    """The mails marked `sending` with a fresh lease, in that order: those that are still ours.

    `free` ones are nobody's, and this transaction has looked for them.
    """
    rows = (
        session.connection()
        .execute(
            _CLAIM if free else _MARK, {"mails": mail_ids, "token": token, "until": now + lease}
        )
        .all()
    )
    moulds = texts.moulds(session, (row.mould for row in rows if row.mould))
    found = {row[0]: _leaving(row, moulds) for row in rows}
    return [found[mail_id] for mail_id in mail_ids if mail_id in found]


def _leaving(row: Row[*tuple[Any, ...]], moulds: Mapping[str, Mould]) -> Leaving:
    kept = dict(zip(Leaving.__slots__, row, strict=True))
    kept["mould"] = moulds[row.mould] if row.mould else None
    return Leaving(**kept)


def settle(
    session: Session, fates: Mapping[int, Fate], tokens: Mapping[int, str], now: datetime
) -> set[int]:
    """Write what became of mails, as far as they have still the token under which they were sent.

    Returns the ids of these. Mails with the same fate are one statement, whatever the reasons.
    """
    alike: dict[Hashable, list[int]] = defaultdict(list)
    for mail_id, fate in fates.items():
        alike[tokens[mail_id], fate.but_reason].append(mail_id)
    ours: set[int] = set()
    for mail_ids in alike.values():
        fate = fates[mail_ids[0]]
        rows = session.connection().execute(
            _SETTLE if fate.send_after is None else _PUT_OFF,
            {
                "mails": mail_ids,
                "reasons": {mail_id: fates[mail_id].reason for mail_id in mail_ids},
                "token": tokens[mail_ids[0]],
                **_its(fate, now),
            },
        )
        ours |= {row[0] for row in rows}
    return ours


def release(session: Session, *which: ColumnElement[bool], except_for: Collection[int] = ()) -> int:
    """Put back what was marked and not handed over: as if it had never been touched."""
    freed = session.scalars(
        update(OutboxMail)
        .where(OutboxMail.state == _SENDING, OutboxMail.id.not_in(except_for), *which)
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
    return len(fates) + expire(session, now)


def _due(session: Session, priority: int, now: datetime, most: int) -> list[tuple[int, bool]]:
    """A stretch of ix_outbox_mail_due; with each whether it may be a second copy."""
    rows = session.connection().execute(_DUE, {"priority": priority, "now": now, "most": most})
    return [(row[0], row[1]) for row in rows]


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
