"""A disk that is full: nothing is sent that could not be noted, and all goes on by itself later."""

from __future__ import annotations

import subprocess
import sys

import pytest

from feedsvc.db import Database
from feedsvc.mail import queries as mails
from tests.support.processes import PATIENCE, ROOT, mail_server
from tests.support.readers import READER, follow

pytestmark = [pytest.mark.system]

MAILS = 60
GROUP = 25  # at most so many mails are handed over before their answers are noted

# Three turns of the sender at a time. A limit on the size of files stands for the end of the disk:
# SQLite can write a little, then no more.
SENDER = """
import resource, sys
from datetime import datetime, timedelta
from feedsvc.db import Database
from feedsvc.settings import Settings
from feedsvc.worker import JOBS, Worker

url, mail_url, room, hours = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
at = datetime.fromisoformat("2026-03-02T09:00:00+00:00") + timedelta(hours=hours)
db = Database(url)
with db.engine.connect() as connection:
    connection.exec_driver_sql("COMMIT")
    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.exec_driver_sql("BEGIN")
if room:
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
jobs = {job.name: job for job in JOBS}
sender = Worker(db, Settings(mail_url=mail_url, secret_key="known to every test"), lambda: at)
for _ in range(3):
    sender.run(jobs["reap"])
    sender.run(jobs["send"])
print(sorted(sender.failed))
"""


def turns(url: str, mail_url: str, *, room: int = 0, hours: int = 0) -> str:
    """The jobs that failed."""
    done = subprocess.run(
        [sys.executable, "-c", SENDER, url, mail_url, str(room), str(hours)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("room", [20_000, 80_000], ids=["none", "a-little"])
def test_sending_stops_while_nothing_can_be_noted(db: Database, settings, room: int) -> None:
    with db.begin() as session:
        for number in range(MAILS):
            follow(session, settings, email=f"{number}.{READER}")
    with mail_server() as (mailbox, mail_url):
        assert "send" in turns(settings.database_url, mail_url, room=room)
        with db.read() as session:
            noted = mails.counts(session).get("accepted", 0)
        assert len(mailbox.taken) - noted <= GROUP
        assert noted < MAILS
        assert turns(settings.database_url, mail_url, hours=1) == "[]"
        assert turns(settings.database_url, mail_url, hours=2) == "[]"
        copies = mailbox.copies()
    assert len(copies) == MAILS, "nobody was forgotten"
    assert sum(copies.values()) <= MAILS + GROUP
    with db.read() as session:
        assert mails.counts(session) == {"accepted": MAILS}
