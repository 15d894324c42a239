"""How much one transaction does: as much as takes about that long on this machine, as busy as it is.

On SQLite whoever else wants to write waits meanwhile: an editor, a reader who subscribes.
"""

from __future__ import annotations

from dataclasses import dataclass

SECONDS = 0.02  # with what comes on top, and a slow disk, still less than 0.05


@dataclass
class Pace:
    """`at_once` is how much the next transaction is to do, between `fewest` and `most`."""

    at_once: int
    fewest: int
    most: int

    def took(self, done: int, seconds: float) -> None:
        """So long a transaction was at that much, from its beginning: its turn was waited for before.

        One that had little to do says nothing.
        """
        if 2 * done >= self.at_once:
            likely = int(done * SECONDS / max(seconds, 0.001))
            self.at_once = min(max(likely, self.fewest), self.most)


def of_readers() -> Pace:
    """How many readers are written to at once.

    A reader costs a tenth of a millisecond, a transaction by itself some: with fewer than 25 of them
    it is not much shorter, and there are many more of them.
    """
    return Pace(at_once=25, fewest=25, most=200)


def of_items(on_postgresql: bool) -> Pace:
    """How many items are written at once.

    Below a few hundred what a transaction costs by itself would weigh more than the rows. On
    PostgreSQL nobody waits for them but who deletes one of these readers or calls, and a statement is
    planned for its values: that is worth some thousands of rows however busy the machine is.
    """
    if on_postgresql:
        return Pace(at_once=4_000, fewest=4_000, most=16_000)
    return Pace(at_once=1_000, fewest=250, most=4_000)
