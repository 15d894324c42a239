"""Many mails, and senders that are killed (kill -9) at random; then the account of every mail.

`python -m tests.support.kills [--mails N] [--kills N] [--database URL] [--seed N]` prints it; without
a database it makes an SQLite one.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

from feedsvc import clock
from feedsvc.db import Database
from feedsvc.mail.delivery import GROUP
from feedsvc.reminders import ledger
from feedsvc.reminders.plan import plan_due
from feedsvc.settings import Settings
from tests.support import crowd, schema
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
    kills: int
    connections: int

    @property
    def lost(self) -> int:
        return self.planned - self.mails

    @property
    def doubled(self) -> int:
        return self.taken - self.mails

    @property
    def bound(self) -> int:
        return self.kills * self.connections * GROUP

    def __str__(self) -> str:
        ends = ", ".join(f"{number:,} {word}" for word, number in sorted(self.fates.items()))
        return (
            f"planned {self.planned:,} = {ends}\n"
            f"lost {self.lost}; taken {self.taken:,}, so {self.doubled:,} second copies after "
            f"{self.kills} kills (at most {self.bound:,})\n"
            f"{self.mails:,} Message-IDs, {self.versions:,} different texts"
        )


def run(url: str, *, mails: int, kills: int, seed: int, patience: float) -> Account:
    """Plan that many mails, kill senders in the middle of it, wait until every mail has its end."""
    dice = random.Random(seed)
    settings = replace(Settings(), database_url=url, secret_key="of a run of kills",
                       base_url="https://agency.example")  # fmt: skip
    db = Database(url)
    now = clock.now()
    day = (now + 5 * DAY).date().isoformat()
    crowd.follow_all(db, settings, mails, closes=day, zone=noon(now), now=now - 4 * DAY)
    plan_due(db, settings, now)
    with mail_server() as (mailbox, mail_url):
        done = _kill(
            replace(settings, mail_url=mail_url), db, mailbox, kills, mails, dice, patience
        )
    with db.read() as session:
        fates = ledger.tally(session)
    db.close()
    return _account(mailbox, fates, mails, done, settings.mail_connections)


def _kill(
    settings: Settings,
    db: Database,
    mailbox: Mailbox,
    kills: int,
    mails: int,
    dice: random.Random,
    patience: float,
) -> int:
    """How many were killed before all mails had left."""
    ends, done = time.monotonic() + patience, 0
    senders = [_start(settings) for _ in range(SENDERS)]
    try:
        while not _over(db, mails):
            if time.monotonic() > ends:
                raise TimeoutError("not every mail has come to its end")
            goal = len(mailbox.taken) + dice.randint(1, max(2, mails // max(kills, 1)))
            _wait_for(mailbox, goal)
            if done < kills and len(mailbox.taken) >= goal:
                number = dice.randrange(SENDERS)
                senders[number].kill()
                senders[number].wait()
                senders[number] = _start(settings)
                done += 1
    finally:
        for sender in senders:
            sender.kill()
            sender.wait()
    return done


def _wait_for(mailbox: Mailbox, goal: int) -> None:
    ends = time.monotonic() + 2
    while len(mailbox.taken) < goal and time.monotonic() < ends:
        time.sleep(0.002)


def _over(db: Database, mails: int) -> bool:
    with db.read() as session:
        fates = ledger.tally(session)
    return sum(fates.get(word, 0) for word in ledger.FINAL) == mails


def _start(settings: Settings) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.sender", str(LEASE_SECONDS)],
        cwd=ROOT, env=environment(settings), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip


def _account(
    mailbox: Mailbox, fates: dict[str, int], planned: int, kills: int, connections: int
) -> Account:
    texts: dict[str, set[bytes]] = defaultdict(set)
    for _, content in mailbox.taken:
        texts[str(message_from_bytes(content)["Message-ID"])].add(content)
    return Account(
        planned, fates, len(mailbox.taken), len(texts), sum(map(len, texts.values())), kills, connections,
    )  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.support.kills", description=__doc__)
    asked.add_argument("--mails", type=int, default=10_000)
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--database", default="", help="URL of an empty database")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--patience", type=float, default=1800, help="seconds")
    given = asked.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="feedsvc-kills-") as folder:
        url = given.database or f"sqlite:///{Path(folder) / 'kills.sqlite3'}"
        schema.create(url)
        account = run(
            url, mails=given.mails, kills=given.kills, seed=given.seed, patience=given.patience
        )
    print(account)
    right = account.lost == 0 and account.versions == account.mails
    return 0 if right and account.doubled <= account.bound else 1


if __name__ == "__main__":
    sys.exit(main())
