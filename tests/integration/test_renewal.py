"""Silent readers are asked once, in their language; who does not answer follows nothing any more.

`GOLDEN=write pytest tests/integration/test_renewal.py` writes the mails anew.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from feedsvc.db import Database
from feedsvc.mail import message
from feedsvc.mail.models import OutboxMail
from feedsvc.settings import Settings
from feedsvc.subscriptions import queries, renewal
from feedsvc.subscriptions.models import ConsentEvent
from tests.support import golden
from tests.support.readers import READER, follow

DAY = timedelta(days=1)
LANGUAGES = ("en", "fr", "de")


def ask(db: Database, settings: Settings, now: datetime) -> int:
    return renewal.ask_silent(db, settings, now, stopping=lambda: False)


def end(db: Database, settings: Settings, now: datetime) -> int:
    return renewal.end_silent(db, settings, now, stopping=lambda: False)


def settle(db: Database, state: str, at: datetime) -> None:
    """The question left, or did not."""
    with db.begin() as session:
        for mail in session.scalars(select(OutboxMail).where(OutboxMail.kind == renewal.KIND)):
            mail.state, mail.settled_at = state, at


def acts(db: Database) -> list[str]:
    with db.read() as session:
        return list(session.scalars(select(ConsentEvent.act).order_by(ConsentEvent.id)))


def test_who_was_silent_for_a_year_is_asked_once(db, settings, now) -> None:
    with db.begin() as session:
        follow(session, settings, zone="Asia/Tokyo", hour=17)
    assert ask(db, settings, now + 364 * DAY) == 0
    assert ask(db, replace(settings, renew_after_days=0), now + 500 * DAY) == 0
    assert ask(db, settings, now + 365 * DAY) == 1
    assert ask(db, settings, now + 366 * DAY) == 0
    with db.read() as session:
        mail = session.scalars(select(OutboxMail).where(OutboxMail.kind == "renewal")).one()
        assert mail.send_after.hour in (8, 9)  # 17 in Tokyo
        assert mail.priority == 3


def test_without_an_answer_all_ends_and_with_one_nothing_does(db, settings, now) -> None:
    with db.begin() as session:
        follow(session, settings)
        follow(session, settings, email="other@example.org")
    asked = now + 365 * DAY
    assert ask(db, settings, asked) == 2
    settle(db, "accepted", asked + DAY)
    with db.begin() as session:
        other = queries.by_address(session, "other@example.org")
        renewal.renew(session, other, settings=settings, now=asked + 20 * DAY)
    assert end(db, settings, asked + 30 * DAY) == 0
    assert end(db, settings, asked + 31 * DAY) == 1
    assert end(db, settings, asked + 31 * DAY) == 0
    assert acts(db)[-2:] == ["renewed", "lapsed"]
    with db.read() as session:
        assert queries.by_address(session, READER).subscriptions == []
        assert len(queries.by_address(session, "other@example.org").subscriptions) == 1


def test_a_question_that_never_arrived_is_asked_again_and_ends_nothing(db, settings, now) -> None:
    with db.begin() as session:
        follow(session, settings)
    asked = now + 365 * DAY
    ask(db, settings, asked)
    settle(db, "expired", asked + 7 * DAY)
    assert end(db, settings, asked + 40 * DAY) == 0
    assert ask(db, settings, asked + 40 * DAY) == 1


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_question_reads_as_it_should(db, settings, now, code) -> None:
    with db.begin() as session:
        reader = follow(session, settings, language=code)
        reader.uid = "00000000-0000-4000-8000-000000000400"
    ask(db, settings, now + 365 * DAY)
    with db.read() as session:
        content = session.scalars(
            select(OutboxMail.content).where(OutboxMail.kind == "renewal")
        ).one()
    mail = message.read(content)
    headers = dict(mail.headers)
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    golden.check(Path(f"mail/renewal.{code}.txt"), f"{headers['Subject']}\n\n{mail.text}".encode())
    golden.check(Path(f"mail/renewal.{code}.html"), mail.html.encode())
