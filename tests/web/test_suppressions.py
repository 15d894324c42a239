"""Editors see who gets no mail, and why, and can let them have mail again: that is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from feedsvc.db import Database
from feedsvc.mail.models import OutboxMail
from feedsvc.settings import Settings
from feedsvc.subscriptions import queries, suppression
from tests.support.client import Browser
from tests.support.readers import READER, follow

LIST = "/admin/suppressions/"


@pytest.fixture
def digest(db: Database, settings: Settings, now: datetime) -> str:
    """A reader whose mailbox is gone."""
    with db.begin() as session:
        follow(session, settings)
        suppression.suppress(
            session, READER, suppression.HARD, evidence="5.1.1 550 no such user",
            mail_id=session.scalars(select(OutboxMail.id)).one(), settings=settings, now=now,
        )  # fmt: skip
    return queries.suppression_key(READER, settings)


def test_the_list_says_who_why_and_since_when(editor_client: Browser, digest: str) -> None:
    page = editor_client.get(LIST).text
    for words in (READER, "no such mailbox", "5.1.1 550 no such user", "02/03/2026", "for good"):
        assert words in page, words
    assert READER in editor_client.get(f"{LIST}?q=+Reader@Example.org+").text
    assert "is not on the list" in editor_client.get(f"{LIST}?q=nobody@example.org").text


def test_an_editor_lifts_it_and_that_is_kept(
    db: Database, settings: Settings, editor_client: Browser, digest: str
) -> None:
    page = editor_client.get(f"{LIST}{digest}/lift").text
    assert "no such mailbox" in page
    with db.read() as session:
        assert queries.suppressed(session, READER, settings), "looking changes nothing"
    assert editor_client.submit(f"{LIST}{digest}/lift", {}).status_code == 303
    with db.read() as session:
        assert not queries.suppressed(session, READER, settings)
    page = editor_client.get(LIST).text
    assert "Every address gets its mail" in page
    assert "Ana Editor" in page
    assert editor_client.get(f"{LIST}{digest}/lift").status_code == 404


def test_a_stronger_reason_replaces_a_weaker_one_and_none_a_stronger(
    db: Database, settings: Settings, now: datetime
) -> None:
    month = now + timedelta(days=30)

    def held(reason: str, until: datetime | None = None) -> suppression.Held:
        with db.begin() as session:
            suppression.suppress(session, READER, reason, until=until, settings=settings, now=now)
            (row,) = suppression.listed(session, address=READER, settings=settings)
        return replace(row, digest="")

    soft = held(suppression.SOFT, month)
    assert (soft.reason, soft.until) == (suppression.SOFT, month)
    assert held(suppression.SOFT, month + timedelta(days=1)) == soft, "a second one adds no time"
    hard = held(suppression.HARD)
    assert (hard.reason, hard.until) == (suppression.HARD, None)
    assert held(suppression.SOFT, month) == hard
    assert held(suppression.COMPLAINT).reason == suppression.COMPLAINT
    assert held(suppression.HARD).reason == suppression.COMPLAINT
