"""A process that sends as a scheduler does, and frees what dead ones held, after a short lease.

`python -m tests.support.sender SECONDS`: settings are read from the environment.
"""

from __future__ import annotations

import signal
import sys
from datetime import timedelta
from threading import Event

from sqlalchemy.exc import SQLAlchemyError

from feedsvc import settings as configuration
from feedsvc.db import Database
from feedsvc.mail import leases
from feedsvc.mail.lanes import Lanes
from feedsvc.mail.transports import RelayDown
from feedsvc.reminders.gate import gate


def main() -> None:
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    settings = configuration.load()
    db = Database(settings.database_url)
    lease = timedelta(seconds=float(sys.argv[1]))
    lanes = Lanes(db, settings, gate(settings), stop=stop, lease=lease)
    while not stop.is_set():
        try:
            now = db.now()
            with db.begin() as session:
                leases.reap(session, now)
            lanes.run(now)
        except (RelayDown, SQLAlchemyError):  # the worker too goes on when either is back
            stop.wait(0.5)
        stop.wait(0.2)
    lanes.close()
    db.close()


if __name__ == "__main__":
    main()
