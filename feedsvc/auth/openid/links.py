"""Which account the provider's word opens: by its issuer and subject, never by an e-mail address.

Who signs in with a provider makes no account and finds none by an address: whoever can make a
provider say “ana@agency.example” would be Ana. So the owner of an account links it, signed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from feedsvc.auth import audit
from feedsvc.auth.accounts import SUBJECT
from feedsvc.auth.models import Account, OpenidLink
from feedsvc.auth.openid.answers import Identity, in_words
from feedsvc.auth.rules import Actor
from feedsvc.errors import Conflict, NotFound
from feedsvc.i18n import N_
from feedsvc.statements import insert


def of_account(session: Session, account_id: int) -> Sequence[OpenidLink]:
    """The links of an account, the oldest first."""
    return session.scalars(
        select(OpenidLink).where(OpenidLink.account_id == account_id).order_by(OpenidLink.id)
    ).all()


def keep(session: Session, found: Identity, *, actor: Actor, now: datetime) -> None:
    """Link the actor's account. Raises: Conflict."""
    made = insert(session, OpenidLink).values(
        account_id=actor.id, issuer=found.issuer, subject=found.subject, name=found.name,
        created_at=now,
    )  # fmt: skip
    # The database decides: one link for an account, and one account for whom the provider means.
    if session.scalar(made.on_conflict_do_nothing().returning(OpenidLink.id)) is None:
        raise Conflict(N_("It is linked already, with this account or another. Take that link away first."))  # fmt: skip
    told = {"openid": (None, found.words)}
    audit.record(session, SUBJECT, actor.id or 0, "openid_linked", told, actor=actor, now=now)


def remove(session: Session, link_id: int, *, actor: Actor, now: datetime) -> str:
    """Take a link of the actor away; what it was, in words. Raises: NotFound."""
    gone = session.execute(
        delete(OpenidLink)
        .where(OpenidLink.id == link_id, OpenidLink.account_id == actor.id)
        .returning(OpenidLink.name, OpenidLink.issuer)
    ).one_or_none()
    if gone is None:
        raise NotFound(N_("There is no such link."))
    words = in_words(gone.name, gone.issuer)
    told = {"openid": (words, None)}
    audit.record(session, SUBJECT, actor.id or 0, "openid_unlinked", told, actor=actor, now=now)
    return words


def account(session: Session, found: Identity, *, now: datetime) -> Account | None:
    """The account that is linked, if it may be used; this use is noted."""
    link = _link(session, found)
    owner = session.get_one(Account, link.account_id) if link is not None else None
    if link is None or owner is None or owner.disabled_at is not None:
        return None
    link.used_at = now
    return owner


def _link(session: Session, found: Identity) -> OpenidLink | None:
    return session.scalar(
        select(OpenidLink).where(
            OpenidLink.issuer == found.issuer, OpenidLink.subject == found.subject
        )
    )
