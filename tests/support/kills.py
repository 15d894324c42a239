"""Many mails, and senders that are killed (kill -9) at random; then the account of every mail.

`python -m tests.support.kills [--mails N] [--kills N] [--crashes N] [--postgres] [--seed N]` prints it.
The database is an SQLite one, or one of a PostgreSQL that crashes so often in the middle of it.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

from sqlalchemy import select

from feedsvc import clock
from feedsvc.db import Database
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders import ledger
from feedsvc.reminders.plan import plan_due
from feedsvc.settings import Settings
from tests.support import crowd, postgres, schema
from tests.support.processes import ROOT, Mailbox, environment, mail_server
from tests.support.readers import noon

LEASE_SECONDS = 5
SENDERS = 2
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Account:
    """What was planned, how it ended, and what the mail server took."""

    planned: int
    fates: dict[str, int]
    taken: int
    mails: int  # different Message-IDs
    versions: int  # different bytes
    disasters: int  # kills of senders, crashes of the database
    in_hand: int  # mails that were being sent at one of them
    unexplained: int  # copies of others

    @property
    def lost(self) -> int:
        return self.planned - self.mails

    @property
    def doubled(self) -> int:
        return self.taken - self.mails

    def __str__(self) -> str:
        ends = ", ".join(f"{number:,} {word}" for word, number in sorted(self.fates.items()))
        return (
            f"planned {self.planned:,} = {ends}\n"
            f"lost {self.lost}; taken {self.taken:,}, so {self.doubled:,} second copies after "
            f"{self.disasters} kills and crashes with {self.in_hand:,} mails in hand, {self.unexplained} of others\n"
            f"{self.mails:,} Message-IDs, {self.versions:,} different texts"
        )


def run(
    url: str,
    *,
    mails: int,
    kills: int,
    seed: int,
    patience: float,
    crash: Callable[[], None] = lambda: None,
    crashes: int = 0,
) -> Account:
    """Plan that many mails, kill senders in the middle of it, wait until every mail has its end.

    `crash` ends the database and starts it again, so often.
    """
    dice = random.Random(seed)
    settings = replace(Settings(), database_url=url, secret_key="of a run of kills",
                       base_url="https://agency.example")  # fmt: skip
    db = Database(url)
    now = clock.now()
    day = (now + 5 * DAY).date().isoformat()
    crowd.follow_all(db, settings, mails, closes=day, zone=noon(now), now=now - 4 * DAY)
    plan_due(db, settings, now)
    with mail_server() as (mailbox, mail_url):
        own = replace(settings, mail_url=mail_url)
        senders = Senders(own)
        disasters = [senders.kill_one] * kills + [lambda _dice: crash()] * crashes
        dice.shuffle(disasters)
        try:
            caught = _live_through(disasters, db, mailbox, mails, dice, patience)
        finally:
            senders.end()
    with db.read() as session:
        fates = ledger.tally(session)
    db.close()
    return _account(mailbox, fates, mails, caught)


class Senders:
    """Processes that send. One that was killed has a successor."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._running = [self._start() for _ in range(SENDERS)]

    def kill_one(self, dice: random.Random) -> None:
        number = dice.randrange(SENDERS)
        self._end(self._running[number])
        self._running[number] = self._start()

    def end(self) -> None:
        for sender in self._running:
            self._end(sender)

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.support.sender", str(LEASE_SECONDS)],
            cwd=ROOT, env=environment(self._settings), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    @staticmethod
    def _end(sender: subprocess.Popen[bytes]) -> None:
        sender.kill()
        sender.wait()


def _live_through(
    disasters: Sequence[Callable[[random.Random], None]],
    db: Database,
    mailbox: Mailbox,
    mails: int,
    dice: random.Random,
    patience: float,
) -> list[set[str]]:
    """One disaster after the other, until all mails have left; what was in hand at each, by Message-ID."""
    ends, caught = time.monotonic() + patience, list[set[str]]()
    while not _over(db, mails):
        if time.monotonic() > ends:
            raise TimeoutError("not every mail has come to its end")
        goal = len(mailbox.taken) + dice.randint(1, max(2, mails // max(len(disasters), 1)))
        _wait_for(mailbox, goal)
        if len(caught) < len(disasters) and len(mailbox.taken) >= goal:
            disasters[len(caught)](dice)
            caught.append(_in_hand(db))
    return caught


def _wait_for(mailbox: Mailbox, goal: int) -> None:
    ends = time.monotonic() + 2
    while len(mailbox.taken) < goal and time.monotonic() < ends:
        time.sleep(0.002)


def _over(db: Database, mails: int) -> bool:
    with db.read() as session:
        fates = ledger.tally(session)
    return sum(fates.get(word, 0) for word in ledger.FINAL) == mails


def _in_hand(db: Database) -> set[str]:
    """The mails that are being sent, as the database knows it: only these may come twice."""
    with db.read() as session:
        sending = OutboxMail.state == "sending"
        return set(session.scalars(select(OutboxMail.message_id).where(sending)))


def _account(
    mailbox: Mailbox, fates: dict[str, int], planned: int, caught: Sequence[set[str]]
) -> Account:
    taken: dict[str, list[bytes]] = defaultdict(list)
    for _, content in mailbox.taken:
        taken[str(message_from_bytes(content)["Message-ID"])].append(content)
    in_hand = Counter(mail for mails in caught for mail in mails)
    return Account(
        planned=planned,
        fates=fates,
        taken=len(mailbox.taken),
        mails=len(taken),
        versions=sum(len(set(contents)) for contents in taken.values()),
        disasters=len(caught),
        in_hand=in_hand.total(),
        unexplained=sum(
            max(0, len(contents) - 1 - in_hand[mail]) for mail, contents in taken.items()
        ),
    )


@contextmanager
def durable_postgres() -> Iterator[tuple[str, Callable[[], None]]]:
    """The URL of an empty database, and how to crash its server: what was committed outlives that."""
    with postgres.running(synchronous_commit="on") as server:
        url = server.create("kills")
        schema.create(url)
        yield url, server.crash


@contextmanager
def _database(*, on_postgres: bool) -> Iterator[tuple[str, Callable[[], None]]]:
    if on_postgres:
        with durable_postgres() as found:
            yield found
        return
    with tempfile.TemporaryDirectory(prefix="feedsvc-kills-") as folder:
        url = f"sqlite:///{Path(folder) / 'kills.sqlite3'}"
        schema.create(url)
        yield url, lambda: None


def main(arguments: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.support.kills", description=__doc__)
    asked.add_argument("--mails", type=int, default=10_000)
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--crashes", type=int, default=0, help="of the database; with --postgres")
    asked.add_argument("--postgres", action="store_true")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--patience", type=float, default=1800, help="seconds")
    given = asked.parse_args(arguments)
    with _database(on_postgres=given.postgres) as (url, crash):
        account = run(
            url, mails=given.mails, kills=given.kills, seed=given.seed, patience=given.patience,
            crash=crash, crashes=given.crashes,
        )  # fmt: skip
    print(account)
    right = account.lost == 0 and account.versions == account.mails
    return 0 if right and account.unexplained == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
