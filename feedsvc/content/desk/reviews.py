"""Drafts in review: asked for, answered, and what was said; all of it lines of the history.

A draft that is asked about waits in the state `review`, where its author cannot change it. An
answer publishes it, hands it back, or refuses it for good. What people wrote to each other stands
in the history beside the act, where nobody edits it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from feedsvc.auth.models import History
from feedsvc.auth.rules import Actor
from feedsvc.content import history, rules
from feedsvc.content.models import Entry
from feedsvc.content.publication import loaded
from feedsvc.errors import Conflict, Invalid, Problem
from feedsvc.i18n import N_

SUBMITTED, TAKEN_BACK = "submitted", "taken_back"
APPROVED, CHANGES, REJECTED = "approved", "changes", "rejected"
VERDICTS = (APPROVED, CHANGES, REJECTED)
ACTS = (SUBMITTED, TAKEN_BACK, *VERDICTS)
WRITTEN = ("created", "edited")
LONGEST = 4_000  # characters of a comment


@dataclass(frozen=True)
class Said:
    """One step of a review, and what was written beside it."""

    act: str
    at: datetime
    who: str
    account_id: int | None
    comment: str


def submit(session: Session, entry_id: int, *, comment: str, actor: Actor, now: datetime) -> Entry:
    """Ask for a review of a draft, or of one that was refused. Raises: Conflict, Invalid."""
    entry = loaded(session, entry_id)
    if rules.state(entry, now) not in ("draft", "rejected"):
        raise Conflict(N_("This is no draft any more. Look at it again."))
    _record(session, entry, SUBMITTED, comment, actor=actor, now=now)
    entry.review, entry.review_at = rules.ASKED, now
    return entry


def take_back(session: Session, entry_id: int, *, actor: Actor, now: datetime) -> Entry:
    """It is a draft again, as if nobody had been asked. Nothing happens if nobody was."""
    entry = loaded(session, entry_id)
    if rules.state(entry, now) == "review":
        _record(session, entry, TAKEN_BACK, "", actor=actor, now=now)
        entry.review, entry.review_at = "", None
    return entry


def answer(
    session: Session,
    entry_id: int,
    verdict: str,
    *,
    version: int | None,
    comment: str,
    actor: Actor,
    now: datetime,
) -> Entry:
    """Answer a review; who approves publishes it in the same transaction.

    `version` is the one that the reviewer has read.
    Raises: Conflict, if it changed since or waits no more; Invalid (comment).
    """
    entry = loaded(session, entry_id)
    if rules.state(entry, now) != "review":
        raise Conflict(N_("Nobody waits for an answer about it any more. Look at it again."))
    if version is not None and version != entry.version:
        raise Conflict(N_("It was changed while you were reading. Look at it again."))
    if verdict != APPROVED and not comment.strip():
        raise Invalid(Problem("comment", N_("Write what the author should know.")))
    _record(session, entry, verdict, comment, actor=actor, now=now)
    entry.review, entry.review_at = (rules.REJECTED, now) if verdict == REJECTED else ("", None)
    return entry


def last_writer(session: Session, entry: Entry) -> int | None:
    """The account that edited it last; None for a process."""
    last = session.scalars(_rows(entry, WRITTEN).limit(1)).one_or_none()
    return last.actor_id if last else None


def thread(session: Session, entry: Entry) -> Sequence[Said]:
    """What was asked and answered about it, in order."""
    rows = session.scalars(_rows(entry, ACTS).limit(100)).all()
    return [
        Said(row.act, row.at, row.actor_name, row.actor_id, row.changes.get("comment", ["", ""])[1])
        for row in reversed(rows)
    ]


def submitter(session: Session, entry: Entry) -> int | None:
    """The account that asked last."""
    last = session.scalars(_rows(entry, (SUBMITTED,)).limit(1)).one_or_none()
    return last.actor_id if last else None


def _rows(entry: Entry, acts: Sequence[str]) -> Select[History]:
    return (
        select(History)
        .where(History.subject == entry.kind, History.subject_id == entry.id, History.act.in_(acts))
        .order_by(History.id.desc())
    )


def _record(
    session: Session, entry: Entry, act: str, comment: str, *, actor: Actor, now: datetime
) -> None:
    text = comment.replace("\r\n", "\n").strip()
    if len(text) > LONGEST:
        words = N_("Shorten this to %(most)s characters.")
        raise Invalid(Problem("comment", words, (("most", LONGEST),)))
    said = {"comment": ("", text)} if text else {}
    history.record(session, entry.kind, entry.id, act, said, actor=actor, now=now)
