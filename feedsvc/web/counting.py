"""Count while answering, and write it down later: an answer must neither wait nor change anything.

What is counted are programs that ask for feeds and searches that found nothing, in this process's
memory; once a minute it is added to the day's numbers in the database. A process that is killed
loses a minute of them. No address and no time is kept with them (`feedsvc.insight`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from threading import Lock, Timer
from typing import Generic, TypeVar

from feedsvc.db import Database
from feedsvc.insight import polls, programs, searches

log = logging.getLogger(__name__)

MINUTE = 60.0  # seconds
MOST_POLLS, MOST_SEARCHES = 2000, 500  # different ones in a minute; more are not told apart
LONGEST_AGENT = 200  # characters
K = TypeVar("K", bound=Hashable)


class Tally(Generic[K]):
    """How often each of at most `size` keys was counted. `begun` is called with the first."""

    def __init__(self, size: int, begun: Callable[[], object]) -> None:
        self._size, self._begun = size, begun
        self._counts: dict[K, int] = {}
        self._lock = Lock()

    def add(self, key: K) -> None:
        with self._lock:
            counts = self._counts
            number = counts.get(key)
            if number is not None:
                counts[key] = number + 1
                return
            if len(counts) >= self._size:
                return
            counts[key] = 1
            is_first = len(counts) == 1
        if is_first:
            self._begun()

    def take(self) -> dict[K, int]:
        """All that was counted; counting begins anew."""
        with self._lock:
            counts, self._counts = self._counts, {}
        return counts


class Counted:
    """What this process has counted. With `writes`, it is written down a minute after the first."""

    def __init__(self, db: Database, *, writes: bool) -> None:
        self._db, self._writes = db, writes
        self._waiting = Lock()
        self.polls: Tally[polls.Poll] = Tally(MOST_POLLS, self._soon)
        self.lost: Tally[str] = Tally(MOST_SEARCHES, self._soon)

    def poll(self, path: str, agent: str) -> None:
        """A feed was asked for."""
        self.polls.add((path, agent[:LONGEST_AGENT]))

    def nothing_found(self, words: str, agent: str) -> None:
        """A person searched for this in vain."""
        kept = "" if programs.is_robot(agent) else searches.keepable(words)
        if kept:
            self.lost.add(kept)

    def write_down(self) -> None:
        """Add it to the numbers of the database's day."""
        asked, lost = self.polls.take(), self.lost.take()
        if not asked and not lost:
            return
        day = self._db.now().date()
        with self._db.begin() as session:
            polls.record(session, asked, day)
            searches.record(session, lost, day)

    def _soon(self) -> None:
        """A thread for a minute's wait, and none while nothing is counted; forks begin their own."""
        if self._writes and self._waiting.acquire(blocking=False):
            timer = Timer(MINUTE, self._after_a_minute)
            timer.daemon = True
            timer.start()

    def _after_a_minute(self) -> None:
        self._waiting.release()
        try:
            self.write_down()
        except Exception:  # noqa: BLE001 numbers may be lost, the process goes on
            log.warning("what was counted in this minute could not be written down")
