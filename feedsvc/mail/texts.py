"""Where the texts of mails are kept: once what many share, and for each mail what is its reader's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from feedsvc.mail.casting import Mould
from feedsvc.mail.models import MailMould, OutboxMail
from feedsvc.statements import insert, one_of

UNUSED = timedelta(days=1)  # so long a mould is kept though no mail has it: one is being written
MOST = 100  # moulds that a process remembers, about 2 MB

_THESE = select(MailMould.digest, MailMould.content).where(one_of(MailMould.digest, "digests"))
_KEPT = (
    select(MailMould.digest)
    .where(one_of(MailMould.digest, "digests"))
    .with_for_update(read=True, key_share=True)
)
# A digest names its content, whatever the database: what is known stays right.
_known: dict[str, Mould] = {}


def keep(session: Session, moulds: Iterable[Mould], now: datetime) -> None:
    """Keep these moulds, for mails that are put into the outbox in the same transaction.

    Most are there already, and stay while this transaction has not ended.
    """
    found = {mould.digest: mould for mould in moulds}
    for digest in session.scalars(_KEPT, {"digests": list(found)}) if found else ():
        del found[digest]
    if found:
        rows = [
            {"digest": digest, "content": found[digest].text, "created_at": now}
            for digest in sorted(found)  # two planners wait, and do not lock up
        ]
        session.execute(insert(session, MailMould).on_conflict_do_nothing(), rows)


def moulds(session: Session, digests: Iterable[str]) -> Mapping[str, Mould]:
    """The moulds with these digests. A process that sends asks for most of them once."""
    wanted = set(digests)
    found = {digest: _known[digest] for digest in wanted & _known.keys()}
    missing = wanted - found.keys()
    if missing:
        rows = session.execute(_THESE, {"digests": sorted(missing)})
        read = {digest: Mould.of_text(content) for digest, content in rows}
        if len(_known) + len(read) > MOST:
            _known.clear()
        _known.update(read)
        found |= read
    return found


def whole(session: Session, mail: OutboxMail) -> str:
    """The message as it goes to the mail server; empty if it is not kept any more."""
    if mail.mould is None:
        return mail.content
    return moulds(session, [mail.mould])[mail.mould].cast(mail.content)


def drop_unused(session: Session, now: datetime) -> int:
    """Delete the moulds of which no mail is left (ix_outbox_mail_mould); how many."""
    used = exists().where(OutboxMail.mould == MailMould.digest)
    dropped = session.scalars(
        delete(MailMould)
        .where(MailMould.created_at <= now - UNUSED, ~used)
        .returning(MailMould.digest)
    )
    return len(dropped.all())
