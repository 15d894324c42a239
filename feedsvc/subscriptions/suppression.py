"""Addresses that get no mail: why, until when, and how they get mail again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from feedsvc.auth.rules import Actor
from feedsvc.db import insert
from feedsvc.errors import NotFound
from feedsvc.i18n import N_
from feedsvc.settings import Settings
from feedsvc.subscriptions import queries
from feedsvc.subscriptions.models import Lift, Suppression

HARD, SOFT, COMPLAINT, OBJECTION = "hard_bounce", "soft_bounce", "complaint", "objection"
WEAKER = {SOFT: (), HARD: (SOFT,), COMPLAINT: (SOFT, HARD), OBJECTION: (SOFT, HARD)}


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
    """Send nothing to that address any more. A stronger reason replaces a weaker one."""
    values = {"reason": reason, "since": now, "until": until, "evidence": evidence[:300],
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
        raise NotFound(N_("This address gets mail again already."))
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


def held(session: Session, addresses: Collection[str], settings: Settings) -> set[str]:
    """Those of the addresses that get no mail."""
    digests = {queries.suppression_key(address, settings): address for address in addresses}
    found = session.scalars(select(Suppression.address).where(Suppression.address.in_(digests)))
    return {digests[digest] for digest in found}


def lifted_since(session: Session, address: str, then: datetime, settings: Settings) -> bool:
    """Whether an editor has decided about the address after `then`: what was before is judged."""
    found = exists().where(
        Lift.address == queries.suppression_key(address, settings), Lift.lifted_at >= then
    )
    return bool(session.scalar(select(found)))


def listed(
    session: Session, *, digests: Collection[str] | None = None, reason: str = "", limit: int
) -> Sequence[Suppression]:
    """The newest first; only those of the given addresses or that reason, if given."""
    query = select(Suppression)
    if digests is not None:
        query = query.where(Suppression.address.in_(digests))
    if reason:
        query = query.where(Suppression.reason == reason)
    return session.scalars(
        query.order_by(Suppression.since.desc(), Suppression.address).limit(limit)
    ).all()


def lifts(session: Session, limit: int = 20) -> Sequence[Lift]:
    """The last decisions of editors."""
    return session.scalars(select(Lift).order_by(Lift.id.desc()).limit(limit)).all()


def counts(session: Session) -> dict[str, int]:
    """How many addresses get no mail, by reason."""
    rows = session.execute(select(Suppression.reason, func.count()).group_by(Suppression.reason))
    return dict(rows.all())
