"""Find what must be told apart from deadlines, and keep each as one notice. Nothing is told here.

1. Calls that were cancelled or taken off the site, and that stay so, are called off.
2. Calls that come back after readers were told that they are called off go ahead after all.
3. What editors changed in one go is one notice of what it comes to, or a void one.
4. A call of the same series that is published is a next edition for those who wait for one.

The facts are read as they are, and a notice's key says what it is about: finding it twice, or in
two processes at once, adds nothing.
"""

from __future__ import annotations

from datetime import datetime

from feedsvc.db import Database
from feedsvc.reminders.notices import bursts, editions, off
from feedsvc.reminders.notices.found import keep

LOOKS = (off.called_off, off.back, bursts.settled, editions.published)


def discover(db: Database, now: datetime) -> int:
    """Keep what is new; how many notices were found. Writes only if there are any."""
    total = 0
    for look in LOOKS:
        with db.read() as session:
            found = look(session, now)
        if found:
            with db.begin() as session:
                keep(session, found, now)
        total += len(found)
    return total
