"""How the rows of one round fared, added up: how many, when, and why the others not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from feedsvc.reminders.ledger import WAITING

REASONS_SHOWN = 3  # of a round; mail servers have many words for the same


@dataclass(frozen=True, kw_only=True)
class Why:
    """How many were not told, in one way (failed, void ...) for one reason; empty for all others."""

    word: str
    reason: str
    number: int


@dataclass(frozen=True)
class Group:
    """Rows of one round that fared alike; `low` and `high` are the ids of their mails."""

    word: str
    reason: str
    number: int
    first: datetime | None
    last: datetime | None
    slowest: float | None
    low: int | None
    high: int | None


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How all fared: `first` and `last` are when the mail server took the mails, `slowest` the
    longest time from the planned second of a mail to then. The ids of the mails are from `low` to
    `high`, among those of others.
    """

    planned: int = 0
    accepted: int = 0
    waiting: int = 0
    whys: tuple[Why, ...] = ()
    first: datetime | None = None
    last: datetime | None = None
    slowest: timedelta | None = None
    low: int | None = None
    high: int | None = None

    def of(self, words: Sequence[str]) -> int:
        """How many have one of these words."""
        number = sum(why.number for why in self.whys if why.word in words)
        number += self.accepted if "accepted" in words else 0
        return number + (self.waiting if set(words) & set(WAITING) else 0)


NONE = Tally()


def add_up(groups: Sequence[Group]) -> Tally:
    slowest = max((one.slowest for one in groups if one.slowest is not None), default=None)
    return Tally(
        planned=sum(one.number for one in groups),
        accepted=sum(one.number for one in groups if one.word == "accepted"),
        waiting=sum(one.number for one in groups if one.word in WAITING),
        whys=_whys(groups),
        first=min((one.first for one in groups if one.first), default=None),
        last=max((one.last for one in groups if one.last), default=None),
        slowest=None if slowest is None else timedelta(seconds=max(0.0, float(slowest))),
        low=min((one.low for one in groups if one.low), default=None),
        high=max((one.high for one in groups if one.high), default=None),
    )


def plain(tally: Tally) -> dict[str, Any]:
    """As JSON can hold it; `read` takes it back."""
    return {
        **vars(tally),
        "whys": [vars(why) for why in tally.whys],
        "first": _written(tally.first),
        "last": _written(tally.last),
        "slowest": None if tally.slowest is None else tally.slowest.total_seconds(),
    }


def read(kept: Mapping[str, Any]) -> Tally:
    slowest = kept["slowest"]
    return Tally(
        **{
            **kept,
            "whys": tuple(Why(**why) for why in kept["whys"]),
            "first": _read(kept["first"]),
            "last": _read(kept["last"]),
            "slowest": None if slowest is None else timedelta(seconds=slowest),
        }
    )


def _whys(groups: Sequence[Group]) -> tuple[Why, ...]:
    """Why readers were not told, the most frequent first; the rare ones together, by their state."""
    lost = [one for one in groups if one.word not in ("accepted", *WAITING)]
    lost.sort(key=lambda one: (-one.number, one.word, one.reason))
    shown = [
        Why(word=one.word, reason=one.reason, number=one.number) for one in lost[:REASONS_SHOWN]
    ]
    rest: dict[str, int] = {}
    for one in lost[REASONS_SHOWN:]:
        rest[one.word] = rest.get(one.word, 0) + one.number
    return (*shown, *(Why(word=word, reason="", number=n) for word, n in rest.items()))


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _read(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
