"""A limit on how often one client asks for mail, so that nobody floods many addresses from one place.

It counts across all workers, in the database. Kept is a keyed digest of the client that is good for
one day (UTC), without the address it asked for, and deleted when the day is over.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from feedsvc import tokens
from feedsvc.errors import TooMany
from feedsvc.i18n import N_
from feedsvc.settings import Settings
from feedsvc.statements import insert
from feedsvc.subscriptions.models import AskingClient


def count(session: Session, client: str, *, settings: Settings, now: datetime) -> None:
    """Count a request before anything is done for it. Raises: TooMany.

    A refused one is not counted: its transaction is taken back.
    """
    if not settings.subscribe_limit:
        return
    today = now.astimezone(UTC).date()
    key = tokens.keyed(settings.secret_key, f"asking client {today}", client)
    counted = insert(session, AskingClient).values(client=key, day=today, number=1)
    number = session.scalars(
        counted.on_conflict_do_update(
            index_elements=["client"], set_={"number": AskingClient.number + 1}
        ).returning(AskingClient.number)
    ).one()
    if number > settings.subscribe_limit:
        tomorrow = datetime.combine(today, time(), UTC) + timedelta(days=1)
        raise TooMany(
            N_("Too many requests came from your network today. Try again tomorrow."),
            retry_after=int((tomorrow - now).total_seconds()),
        )


def purge(session: Session, *, now: datetime) -> None:
    """Forget the clients of past days."""
    session.execute(delete(AskingClient).where(AskingClient.day < now.astimezone(UTC).date()))
