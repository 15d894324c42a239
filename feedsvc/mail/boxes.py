"""The mailbox of returned mail, whatever its kind.

All kinds keep the same bargain: a message is waiting until it is marked as deleted, which happens
after its outcome is written. So a process that dies in between reads it again, and a person who
opens the mailbox hides nothing. What is marked stays for some days, for eyes, and then goes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol


class BoxAway(Exception):
    """The mailbox cannot be read now."""


class Box(Protocol):
    """A mailbox while it is open; every method may raise BoxAway."""

    def waiting(self, most: int) -> Iterator[tuple[str, bytes]]:
        """Key and beginning of the messages that are not marked, the oldest first."""

    def mark(self, key: str) -> None:
        """Note that the message is dealt with. Harmless when repeated."""

    def clean(self, before: datetime) -> None:
        """Delete for good what is marked and came before that time."""

    def close(self) -> None: ...
