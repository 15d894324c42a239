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

from sqlalchemy.orm import Session

from feedsvc.reminders.notices import bursts, editions, off
from feedsvc.reminders.notices.found import Found

LOOKS = (off.called_off, off.back, bursts.settled, editions.published)
# What they begin with; if none finds anything there is nothing. Its values are `rules.times`.
STATEMENTS = (off.CALLED_OFF_LATELY, off.STANDS_AGAIN, bursts.HAPPENED, editions.PUBLISHED)


def discover(session: Session, now: datetime) -> list[Found]:
    """What is new, as it is in one snapshot; to be kept."""
    return [found for look in LOOKS for found in look(session, now)]
