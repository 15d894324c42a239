"""Real schedulers, a real mail server: two at once, stopped, killed; on both databases."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from feedsvc import clock
from feedsvc.db import Database
from feedsvc.mail import queries as mails
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders import heartbeat, ledger
from feedsvc.settings import Settings
from tests.builders import deadline, make_call
from tests.support import kills, schema
from tests.support.processes import (
    PATIENCE,
    ROOT,
    Mailbox,
    mail_server,
    schedulers,
    stop,
    wait_until,
)
from tests.support.readers import follow, noon

pytestmark = [pytest.mark.system]

READERS = 40
# A scheduler whose only job says how many objects are not searched for garbage, and ends it.
SPARES = """
import gc, os, signal, sys
from datetime import timedelta
from feedsvc.db import Database
from feedsvc.settings import Settings
from feedsvc.worker import Job, Worker, tick

def tells(*_):
    print(gc.get_freeze_count(), flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
    return ""

tick(Worker(Database(sys.argv[1]), Settings()), [Job("tells", timedelta(hours=1), tells)])
"""
DAY = timedelta(days=1)


@pytest.fixture
def due(db: Database, settings: Settings) -> None:
    """A call that closes in five days and whose readers should have been told two days ago."""
    now = clock.now()
    before = now - 4 * DAY
    with db.begin() as session:
        day = (now + 5 * DAY).date().isoformat()
        make_call(session, key_dates=(deadline(day),), now=before, publish_at=before)
        for number in range(READERS):
            email = f"reader{number}@example.org"
            follow(session, settings, email=email, zone=noon(now), now=before)
        session.execute(update(OutboxMail).values(state="accepted", reason="read long ago"))


def reminders(db: Database) -> dict[str, int]:
    with db.read() as session:
        return ledger.tally(session)


def at_work(db: Database) -> set[int]:
    with db.read() as session:
        return {process.pid for process in heartbeat.processes(session)}


def assert_all_told_once(db: Database, mailbox: Mailbox) -> None:
    assert reminders(db) == {"accepted": READERS}
    assert sorted(address for address, _ in mailbox.taken) == sorted(
        f"reader{number}@example.org" for number in range(READERS)
    )
    assert set(mailbox.copies().values()) == {1}


def test_two_schedulers_at_once_never_send_twice(db, settings, due) -> None:
    with mail_server() as (mailbox, url):
        own = replace(settings, mail_url=url)
        with schedulers(own, 2) as running:
            wait_until(lambda: len(mailbox.taken) >= READERS, "not every reader was told")
            time.sleep(4)  # two more turns of the senders
            assert at_work(db) == {process.pid for process in running}
            assert [stop(process) for process in running] == [0, 0]
    assert_all_told_once(db, mailbox)


def test_a_scheduler_that_is_stopped_in_full_flow_loses_and_doubles_nothing(
    db, settings, due
) -> None:
    with mail_server() as (mailbox, url):
        mailbox.pause = 0.05
        own = replace(settings, mail_url=url)
        with schedulers(own, 1) as [first]:
            wait_until(lambda: len(mailbox.taken) >= 5, "nobody was told")
            assert stop(first) == 0
        left = len(mailbox.taken)
        assert left < READERS
        with db.read() as session:
            assert mails.counts(session)["accepted"] - READERS == left, "each answer was recorded"
        with schedulers(own, 1):
            wait_until(lambda: len(mailbox.taken) >= READERS, "not every reader was told")
            wait_until(lambda: reminders(db) == {"accepted": READERS}, "an answer is missing")
    assert_all_told_once(db, mailbox)


def test_a_scheduler_that_is_killed_doubles_one_mail_for_each_connection_at_most(
    db, settings, due
) -> None:
    with mail_server() as (mailbox, url):
        mailbox.pause = 0.05
        own = replace(settings, mail_url=url)
        with schedulers(own, 1) as [first]:
            wait_until(lambda: len(mailbox.taken) >= 5, "nobody was told")
            first.kill()
            first.wait()
        with db.begin() as session:  # its leases would lapse by themselves after some minutes
            session.execute(
                update(OutboxMail)
                .where(OutboxMail.lease_until.is_not(None))
                .values(lease_until=clock.now() - DAY)
            )
        with schedulers(own, 2):
            wait_until(lambda: reminders(db) == {"accepted": READERS}, "a mail is missing")
    copies = mailbox.copies()
    assert len(copies) == READERS
    assert sum(copies.values()) <= READERS + 4, "one for each connection: the server was slow"
    contents = {content for _, content in mailbox.taken}
    assert len(contents) == READERS, "a second copy has the very same bytes"


def assert_nothing_is_lost(account: kills.Account, mails: int) -> None:
    assert account.fates == {"accepted": mails}
    assert account.lost == 0
    assert account.unexplained == 0, "a mail that nobody was sending came twice"
    assert account.versions == account.mails, "a second copy has the very same bytes"


def test_kills_at_random_lose_nothing_and_double_only_what_was_in_hand(tmp_path) -> None:
    url = f"sqlite:///{tmp_path / 'kills.sqlite3'}"
    schema.create(url)
    account = kills.run(url, mails=150, kills=3, seed=1, patience=PATIENCE)
    assert account.disasters == 3
    assert_nothing_is_lost(account, 150)


def test_nor_does_a_database_that_crashes_in_the_middle_of_them() -> None:
    with kills.durable_postgres() as (url, crash):
        account = kills.run(
            url, mails=150, kills=2, crash=crash, crashes=2, seed=1, patience=PATIENCE
        )
    assert account.disasters == 4
    assert_nothing_is_lost(account, 150)


def test_a_database_without_todays_schema_is_refused_in_words(settings, tmp_path) -> None:
    empty = replace(settings, database_url=f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    with schedulers(empty, 1) as [process]:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"feedsvc init" in said


def test_what_a_scheduler_starts_with_is_not_searched_for_garbage(db, database_url: str) -> None:
    said = subprocess.run(
        [sys.executable, "-c", SPARES, database_url],
        cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=True,
    )  # fmt: skip
    assert int(said.stdout) > 100_000
