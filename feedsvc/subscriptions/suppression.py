"""Addresses that get no mail: why, until when, and how they get mail again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from feedsvc.auth.rules import Actor
from feedsvc.errors import NotFound
from feedsvc.i18n import N_
from feedsvc.mail.models import OutboxMail
from feedsvc.settings import Settings
from feedsvc.statements import insert
from feedsvc.subscriptions import queries
from feedsvc.subscriptions.models import Lift, Suppression

HARD, SOFT, COMPLAINT, OBJECTION = "hard_bounce", "soft_bounce", "complaint", "objection"
LIFTED = N_("This address gets mail again already.")
WEAKER = {SOFT: (), HARD: (SOFT,), COMPLAINT: (SOFT, HARD), OBJECTION: (SOFT, HARD)}


@dataclass(frozen=True)
class Held:
    """An address that gets no mail. `address` is known while a mail to it is kept, else empty."""

    digest: str
    address: str
    reason: str
    since: datetime
    until: datetime | None
    evidence: str


def suppress(
    session: Session,
    address: str,
    reason: str,
    *,
    until: datetime | None = None,
    evidence: str = "",
    mail_id: int | None = None,
    settings: Settings,
    now: datetime,
) -> None:
    """Send nothing to that address any more. A stronger reason replaces a weaker one.

    The row outlives the address, which is in it as a digest: what a mail server said of it is kept
    without it.
    """
    said = re.sub(re.escape(address), "…", evidence, flags=re.IGNORECASE)[:300]
    values = {"reason": reason, "since": now, "until": until, "evidence": said,
              "mail_id": mail_id}  # fmt: skip
    statement = insert(session, Suppression).values(
        address=queries.suppression_key(address, settings), **values
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["address"], set_=values, where=Suppression.reason.in_(WEAKER[reason])
        )
    )


def lift(session: Session, digest: str, *, actor: Actor, now: datetime) -> None:
    """Let the address have mail again, and keep who decided that. Raises: NotFound."""
    row = session.get(Suppression, digest, with_for_update=True)
    if row is None:
        raise NotFound(LIFTED)
    session.add(
        Lift(
            address=row.address,
            reason=row.reason,
            since=row.since,
            lifted_at=now,
            lifted_by=actor.name,
        )
    )
    session.delete(row)
    session.flush()


def lift_ended(session: Session, now: datetime) -> int:
    """Take away those whose time has passed; how many these were."""
    ended = session.scalars(
        delete(Suppression).where(Suppression.until <= now).returning(Suppression.address)
    )
    return len(ended.all())


def lifted_since(session: Session, address: str, then: datetime, settings: Settings) -> bool:
    """Whether an editor has decided about the address after `then`: what was before is judged."""
    found = exists().where(
        Lift.address == queries.suppression_key(address, settings), Lift.lifted_at >= then
    )
    return bool(session.scalar(select(found)))


def listed(
    session: Session, *, address: str = "", limit: int = 200, settings: Settings
) -> list[Held]:
    """The newest first; with an address only that one."""
    query = select(Suppression, OutboxMail.address).outerjoin(
        OutboxMail, OutboxMail.id == Suppression.mail_id
    )
    if address:
        query = query.where(Suppression.address == queries.suppression_key(address, settings))
    rows = session.execute(
        query.order_by(Suppression.since.desc(), Suppression.address).limit(limit)
    )
    return [_held(row, address or known or "") for row, known in rows]


def one(session: Session, digest: str) -> Held:
    """Raises: NotFound."""
    row = session.get(Suppression, digest)
    if row is None:
        raise NotFound(LIFTED)
    mail = session.get(OutboxMail, row.mail_id) if row.mail_id else None
    return _held(row, mail.address if mail else "")


def lifts(session: Session, limit: int = 20) -> Sequence[Lift]:
    """The last decisions of editors."""
    return session.scalars(select(Lift).order_by(Lift.id.desc()).limit(limit)).all()


def counts(session: Session) -> dict[str, int]:
    """How many addresses get no mail, by reason."""
    rows = session.execute(select(Suppression.reason, func.count()).group_by(Suppression.reason))
    return dict(rows.all())


def _held(row: Suppression, address: str) -> Held:
    return Held(row.address, address, row.reason, row.since, row.until, row.evidence)
