"""A draft as a mould: made once for all who are told the same, cast for each with their own links."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from feedsvc.db import Database
from feedsvc.mail import message, outbox
from feedsvc.mail.casting import Mould, Own
from feedsvc.mail.message import Message
from feedsvc.mail.outbox import Post, Slot
from feedsvc.reminders.compose import MANAGE, STOP_ALL, Draft, mute_mark, stop_mark
from feedsvc.settings import Settings
from feedsvc.subscriptions import links

Found = TypeVar("Found")

log = logging.getLogger(__name__)

MOST_KEPT = 500  # moulds in memory, of some 20 kB
PATIENCE = 3  # times that nothing could be made


@dataclass(frozen=True)
class Shared:
    """A mail that many readers get. `mutes` are the uids of the calls that can be muted in it."""

    subject: str
    mould: Mould
    mutes: tuple[str, ...]


class Unready(Exception):
    """The mould of this mail is not made yet, or what it tells was changed meanwhile."""


class Unwritable(Exception):
    """No mould can be made of this mail."""


def still(found: Found | None) -> Found:
    """What was there when its mail was found due. Raises: Unready, if it has gone since."""
    if found is None:
        raise Unready
    return found


class Shelf:
    """The moulds of one turn of writing. One that is missing is made between two transactions.

    To render a mail takes longer than to write it for a hundred readers; on SQLite everybody who
    wants to write would wait for that.
    """

    def __init__(self) -> None:
        self._made: dict[object, Shared | None] = {}
        self._wanted: dict[object, Callable[[Session], Shared]] = {}
        self._in_vain = 0

    def find(self, key: object, make: Callable[[Session], Shared]) -> Shared:
        """The mould of that key. Raises: Unready, until `fill` has called `make`; Unwritable.

        All that tells one mould from another is in the key. `make` raises Unready if it finds things
        otherwise than the key says.
        """
        if key not in self._made:
            self._wanted.setdefault(key, make)
            raise Unready
        found = self._made[key]
        if found is None:
            raise Unwritable
        return found

    def fill(self, db: Database) -> bool:
        """Make what was missing; whether those whom it is for should be asked again.

        What tells of things that change all the time is left to the next turn.
        """
        wanted, self._wanted = self._wanted, {}
        if not wanted:
            return False
        if len(self._made) + len(wanted) > MOST_KEPT:
            self._made.clear()  # not all are kept: each may be for one reader only
        before = len(self._made)
        with db.read() as session:
            for key, make in wanted.items():
                self._make(session, key, make)
        self._in_vain = 0 if len(self._made) > before else self._in_vain + 1
        return self._in_vain < PATIENCE

    def _make(self, session: Session, key: object, make: Callable[[Session], Shared]) -> None:
        try:
            with session.begin_nested():
                self._made[key] = make(session)
        except Unready:
            log.info("what a mail is to tell was just changed")
        except OperationalError:  # no fault of the mail's
            raise
        except Exception:  # one mail that cannot be written must not stop the others
            log.exception("a mail cannot be written")
            self._made[key] = None


class Reader(Protocol):
    """Whose mail it is: a subscriber, or a row with what is needed of one."""

    @property
    def uid(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def language(self) -> str: ...


class Reason(Protocol):
    """A subscription that a mail names as a reason."""

    @property
    def uid(self) -> str: ...


class Part(Protocol):
    """An item of a mail. `turn` counts how often it was planned."""

    @property
    def id(self) -> int: ...
    @property
    def turn(self) -> int: ...


def shared(
    draft: Draft, language: str, kind: str, *, reasons: int, settings: Settings, at: datetime
) -> Shared:
    """The mould of a draft that names that many subscriptions as the reasons why it is sent."""
    made = Message(
        message_id="",
        date=at,
        sender=settings.mail_from,
        to="",
        subject=draft.subject,
        text=draft.text,
        html=draft.html,
        language=language,
        kind=kind,
        host=settings.host,
        unsubscribe_url=settings.base_url,
        calendar=draft.calendar,
        bulk=draft.bulk,
    )
    stops = [stop_mark(number) for number in range(reasons)]
    mutes = [mute_mark(number) for number in range(len(draft.mutes))]
    marks = [MANAGE, STOP_ALL, *stops, *mutes]
    mould = message.mould(made, marks)
    _ = mould.digest  # made now, and not while mails are written
    return Shared(draft.subject, mould, draft.mutes)


def slot_key(rows: Sequence[Part], at: datetime) -> str:
    """When, and exactly which items at which turn: the same decision is the same mail."""
    told = ",".join(f"{item.id}.{item.turn}" for item in rows)
    return f"{at:%Y-%m-%dT%H:%M:%SZ}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def cast(
    shared: Shared,
    reader: Reader,
    because: Sequence[Reason],
    slot: Slot,
    *,
    at: datetime,
    expires_at: datetime,
    priority: int,
    settings: Settings,
) -> Post:
    """The mail of one reader, which leaves at `at`; `because` are the reasons that it names."""
    own = _own(reader, because, slot, mutes=shared.mutes, settings=settings, at=at)
    return Post(
        slot=slot,
        address=reader.email,
        subject=shared.subject,
        content=shared.mould.values(own),
        mould=shared.mould,
        message_id=own.message_id,
        dated_at=at,
        send_after=at,
        expires_at=expires_at,
        priority=priority,
    )


def _own(
    reader: Reader,
    because: Sequence[Reason],
    slot: Slot,
    *,
    mutes: Sequence[str],
    settings: Settings,
    at: datetime,
) -> Own:
    """What is the reader's own: the address, the name of the mail, and the links for the marks."""
    everything = links.unsubscribe_url(settings, reader.uid, reader.language)
    found = {
        MANAGE: links.manage_url(settings, reader.uid, reader.language),
        STOP_ALL: everything,
    }
    for number, row in enumerate(because):
        found[stop_mark(number)] = links.unsubscribe_url(
            settings, reader.uid, reader.language, row.uid
        )
    for number, call_uid in enumerate(mutes):
        found[mute_mark(number)] = links.mute_url(settings, reader.uid, reader.language, call_uid)
    return Own(
        message_id=outbox.message_id(settings, slot),
        date=at,
        to=reader.email,
        unsubscribe_url=everything,
        links=found,
    )
