"""A draft as a mould: made once for all who are told the same, cast for each with their own links."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from feedsvc.mail import message, outbox
from feedsvc.mail.casting import Mould, Own
from feedsvc.mail.message import Message
from feedsvc.mail.outbox import Post, Slot
from feedsvc.reminders.compose import MANAGE, STOP_ALL, Draft, mute_mark, stop_mark
from feedsvc.settings import Settings
from feedsvc.subscriptions import links

MOST_KEPT = 500  # moulds in memory, of some 20 kB


@dataclass(frozen=True)
class Shared:
    """A mail that many readers get. `mutes` are the uids of the calls that can be muted in it."""

    subject: str
    mould: Mould
    mutes: tuple[str, ...]


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


def keep(kept: dict[object, Shared], key: object, mould: Shared) -> Shared:
    """Keep a mould for the readers to come. Not all of them: each may be for one reader only."""
    if len(kept) >= MOST_KEPT:
        kept.clear()
    kept[key] = mould
    return mould


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
    return Shared(draft.subject, message.mould(made, marks), draft.mutes)


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
