"""What comes back: returned mail and complaints, from the mailbox to the mail and its reader.

1. A message is read, and the mail that it is about is found: by its return path, which nobody can
   make up, or by a reader's address together with the Message-ID that only that reader was sent.
2. In one transaction the mail's row says that it came back, its address is left alone if it must
   be, and the outcome is counted. What the row says already is not said again.
3. The message is marked in the mailbox.

A process that dies between 2 and 3 reads the message again and changes nothing.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session, defer

from feedsvc.db import Database
from feedsvc.mail import bounces, imap, reports, verp
from feedsvc.mail.bounces import HARD, HARMLESS, SOFT, Original
from feedsvc.mail.boxes import Box
from feedsvc.mail.maildir import Maildir
from feedsvc.mail.models import OutboxMail, ReportTally
from feedsvc.mail.reports import Report
from feedsvc.settings import Settings
from feedsvc.statements import insert
from feedsvc.subscriptions import changes, consent, queries, suppression

log = logging.getLogger(__name__)

MOST = 500  # messages of one turn: the next one comes in two minutes
KEPT = timedelta(days=14)  # in the mailbox, after they were read
REFUSALS_FROM = timedelta(days=1)  # how far back answers of mail servers are looked at
# Outcomes beside the classes of `bounces` and the kinds of `reports`.
REFUSED, UNKNOWN, KNOWN, SOON = "refused", "unknown", "known", "soon"


def open_box(settings: Settings) -> Box | None:
    """The mailbox that `bounce_url` names, opened; None if none is. Raises: BoxAway, BadSetting."""
    parts = urlsplit(settings.bounce_url)
    if not parts.scheme:
        return None
    if parts.scheme == "maildir":
        return Maildir(Path(parts.path))
    return imap.ImapBox(imap.address(settings.bounce_url))


def read_box(
    db: Database,
    box: Box,
    settings: Settings,
    now: datetime,
    *,
    stopping: Callable[[], bool] = lambda: False,
) -> Counter[str]:
    """Deal with what waits in the mailbox; how many messages had which outcome. Raises: BoxAway."""
    outcomes: Counter[str] = Counter()
    for key, content in box.waiting(MOST):
        if stopping():
            break
        outcome = _deal_with(db, content, settings, now)
        outcomes[outcome] += 1
        if outcome != SOON:
            box.mark(key)
    box.clean(now - KEPT)
    return outcomes


def settle(session: Session, report: Report, *, settings: Settings, now: datetime) -> str:
    """Write what the report means, once; the outcome in a word."""
    outcome = _outcome(session, report, settings, now)
    if outcome != SOON:
        _count(session, outcome, now)
    return outcome


def judge_refusals(session: Session, settings: Settings, now: datetime) -> int:
    """Leave addresses alone that mail servers refused at once; how many mails said so.

    Asked again it says the same: a suppression is there already, or an editor has lifted it since.
    """
    failed = session.scalars(
        select(OutboxMail)
        .options(defer(OutboxMail.content))
        .where(OutboxMail.state == "failed", OutboxMail.settled_at > now - REFUSALS_FROM)
        .order_by(OutboxMail.settled_at, OutboxMail.id)
    ).all()
    refused = [mail for mail in failed if mail.address and _speaks_of_address(mail.reason)]
    held = queries.held(session, {mail.address for mail in refused}, settings)
    for mail in refused:
        if mail.address not in held and not _lifted_since(session, mail, settings):
            _hold_against(session, mail, settings, now)
    return len(refused)


def _deal_with(db: Database, content: bytes, settings: Settings, now: datetime) -> str:
    report = reports.read(content)
    try:
        with db.begin() as session:
            return settle(session, report, settings=settings, now=now)
    except (ValueError, DataError):  # what a database cannot hold must not stop the others
        log.exception("a message in the mailbox of returned mail cannot be dealt with")
        return reports.OTHER


def _outcome(session: Session, report: Report, settings: Settings, now: datetime) -> str:
    if report.kind not in (reports.FAILED, reports.COMPLAINT):
        return report.kind
    mail = _mail_of(session, report, settings)
    if isinstance(mail, str):
        return mail
    if mail.state == "sending":
        return SOON  # its answer is not written yet: the next turn will see it
    if mail.state not in ("accepted", "bounced") and not mail.uncertain:
        return REFUSED  # it never left
    if report.kind == reports.COMPLAINT:
        return _complain(session, mail, settings, now)
    return _bounce(session, mail, report, settings, now)


def _mail_of(session: Session, report: Report, settings: Settings) -> OutboxMail | str:
    """The mail that the report is about, or why there is none."""
    found = {verp.mail_id(settings, path) for path in report.paths} - {None}
    forged = any(verp.is_ours(settings, path) for path in report.paths) and not found
    if forged or len(found) > 1:
        return REFUSED
    if not found:
        return _by_message_id(session, report) or UNKNOWN
    mail = session.get(
        OutboxMail, found.pop(), options=[defer(OutboxMail.content)], with_for_update=True
    )
    if mail is None:
        return UNKNOWN  # it was deleted meanwhile
    original = Original(mail.address, mail.message_id, mail.reason)
    recipients = report.recipients or ("",)
    fits = any(bounces.is_about(original, report.message_id, each) for each in recipients)
    return mail if fits else REFUSED


def _by_message_id(session: Session, report: Report) -> OutboxMail | None:
    """Served by the unique key of the outbox: the mails of a reader are found by the reader."""
    if not report.message_id:
        return None
    for address in report.recipients:
        reader = queries.by_address(session, address)
        mail = reader and session.scalar(
            select(OutboxMail)
            .options(defer(OutboxMail.content))
            .where(
                OutboxMail.recipient_key == reader.uid,
                OutboxMail.message_id == report.message_id,
            )
            .with_for_update()
        )
        if mail:
            return mail
    return None


def _bounce(
    session: Session, mail: OutboxMail, report: Report, settings: Settings, now: datetime
) -> str:
    reason = bounces.reason(report.status, report.diagnostic, mail.address)
    if bounces.weight("bounced", reason) <= bounces.weight(mail.state, mail.reason):
        return KNOWN
    mail.state, mail.reason, mail.settled_at = "bounced", reason, now
    mail.lease_token = mail.lease_until = None
    session.flush()
    log.info("mail %s came back: %s", mail.id, reason)
    return _hold_against(session, mail, settings, now)


def _complain(session: Session, mail: OutboxMail, settings: Settings, now: datetime) -> str:
    """A reader who calls a mail spam gets no other, and follows nothing any more."""
    if mail.reason == bounces.COMPLAINT:
        return KNOWN
    mail.reason = bounces.COMPLAINT
    reader = queries.subscriber(session, mail.recipient_key)
    if reader is not None and reader.email == mail.address:
        consent.note(session, reader, "complained", settings, now=now)
        changes.unsubscribe(session, reader, settings=settings, now=now)
    if mail.address:
        _suppress(session, mail, suppression.COMPLAINT, settings=settings, now=now)
    log.info("mail %s was reported as unwanted", mail.id)
    return reports.COMPLAINT


def _hold_against(session: Session, mail: OutboxMail, settings: Settings, now: datetime) -> str:
    """Leave the address alone if what is said of this mail asks for it; the class of that."""
    verdict = bounces.verdict(bounces.status_of(mail.reason))
    if not mail.address:
        return verdict
    if verdict == HARD:
        _suppress(session, mail, suppression.HARD, settings=settings, now=now)
    elif verdict == SOFT and _asks_for_rest(session, mail, now):
        until = now + bounces.SUSPENSION
        _suppress(session, mail, suppression.SOFT, until=until, settings=settings, now=now)
    return verdict


def _speaks_of_address(reason: str) -> bool:
    """Whether it is a mail server's answer, and one that says something of the address."""
    status = bounces.status_of(reason)
    return bool(status) and bounces.verdict(status) != HARMLESS


def _lifted_since(session: Session, mail: OutboxMail, settings: Settings) -> bool:
    assert mail.settled_at is not None, "it failed at that time"
    return suppression.lifted_since(session, mail.address, mail.settled_at, settings)


def _asks_for_rest(session: Session, mail: OutboxMail, now: datetime) -> bool:
    """Whether mails to this address came back or were refused on too many days."""
    rows = session.execute(
        select(OutboxMail.reason, OutboxMail.settled_at).where(
            OutboxMail.recipient_key == mail.recipient_key,
            OutboxMail.address == mail.address,
            OutboxMail.state.in_(("bounced", "failed")),
            OutboxMail.settled_at > now - bounces.SOFT_WINDOW,
        )
    )
    soft = (at for reason, at in rows if at is not None and _is_soft(reason))
    return bounces.asks_for_rest((at.date() for at in soft), now.date())


def _is_soft(reason: str) -> bool:
    status = bounces.status_of(reason)
    return bool(status) and bounces.verdict(status) == SOFT


def _suppress(
    session: Session,
    mail: OutboxMail,
    reason: str,
    *,
    until: datetime | None = None,
    settings: Settings,
    now: datetime,
) -> None:
    suppression.suppress(
        session,
        mail.address,
        reason,
        until=until,
        evidence=mail.reason,
        mail_id=mail.id,
        settings=settings,
        now=now,
    )


def _count(session: Session, outcome: str, now: datetime) -> None:
    statement = insert(session, ReportTally).values(outcome=outcome, number=1, last_at=now)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["outcome"],
            set_={"number": ReportTally.number + 1, "last_at": now},
        )
    )


def in_words(outcomes: Counter[str]) -> str:
    """What a turn did, for its heartbeat: `3 reports: hard 1, known 2`."""
    parts = [f"{word} {number}" for word, number in sorted(outcomes.items())]
    return f"{outcomes.total()} reports" + (f": {', '.join(parts)}" if parts else "")
