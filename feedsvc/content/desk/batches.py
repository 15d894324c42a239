"""Acts on many entries at once: what each did is kept for a while, so that it can be taken back.

Only who did it may, and only what nobody has touched since. What readers, calendars and mails have
seen meanwhile stays seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from feedsvc.auth.rules import Actor
from feedsvc.content.desk.models import Batch
from feedsvc.errors import NotFound
from feedsvc.i18n import N_

UNDONE_WITHIN = timedelta(minutes=15)
KEPT_FOR = timedelta(days=1)
MOST = 500  # entries of one act: more take longer than somebody should wait for
MISSING = N_("This act is not kept any more.")


@dataclass(frozen=True)
class Line:
    """What became of one entry: `left` says why nothing did.

    Otherwise `version` is the one that it has now; what is needed to take the act back is the
    `state` in which it was before, and when it was to become public and to leave (ISO 8601).
    """

    id: int
    left: str = ""
    version: int = 0
    state: str = ""
    publish_at: str = ""
    leaves_at: str = ""


def begin(
    session: Session, kind: str, act: str, cluster_id: int | None, *, actor: Actor, now: datetime
) -> int:
    """A new act, of which nothing is done yet; its number."""
    assert actor.id is not None, "only people act on many at once"
    session.execute(delete(Batch).where(Batch.at < now - KEPT_FOR))
    batch = Batch(
        account_id=actor.id, kind=kind, act=act, at=now, cluster_id=cluster_id, done=[]
    )  # fmt: skip
    session.add(batch)
    session.flush()
    return batch.id


def loaded(session: Session, batch_id: int, *, actor: Actor) -> Batch:
    """Raises: NotFound for one that is not kept, and for somebody else's."""
    batch = session.get(Batch, batch_id)
    if batch is None or batch.account_id != actor.id:
        raise NotFound(MISSING)
    return batch


def add(batch: Batch, lines: Iterable[Line]) -> None:
    """What was done to some more entries."""
    batch.done = [*batch.done, *(asdict(line) for line in lines)]


def lines(batch: Batch) -> Sequence[Line]:
    return [Line(**line) for line in batch.done]


def can_be_undone(batch: Batch, now: datetime) -> bool:
    """Whether there is still time, and nobody did it yet."""
    return batch.undone_at is None and now < batch.at + UNDONE_WITHIN
