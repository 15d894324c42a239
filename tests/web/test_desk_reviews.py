"""A draft is read before it is published: asked for, answered, told by mail, kept in the history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from feedsvc.app import create_app
from feedsvc.auth.models import Account, History
from feedsvc.auth.rules import AUTHOR, EDITOR, Actor
from feedsvc.content.models import Entry
from feedsvc.db import Database
from feedsvc.mail import message
from feedsvc.mail.models import OutboxMail
from feedsvc.mail.words import KIND_NAMES
from feedsvc.settings import Settings
from tests.support import team
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.support.databases import Backends
from tests.web.admin_forms import problems, send

PLACE, NEW = "/admin/news/1", "/admin/news/new"
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def database_url(_backends: Backends) -> Iterator[str]:
    """SQLite is enough: what is asked of the database here is to find rows by their number."""
    yield from _backends["sqlite"].fresh()


@pytest.fixture
def zoe(db: Database, now: datetime) -> Actor:
    return team.join(db, "Zoe", AUTHOR, now=now)


@pytest.fixture
def author(app: Flask, db: Database, zoe: Actor, now: datetime) -> Browser:
    return team.browser(app, db, zoe, now=now)


def entry(db: Database) -> Entry:
    with db.read() as session:
        return session.get_one(Entry, 1)


def letters(db: Database) -> list[tuple[str, str, str]]:
    """Kind, recipient and subject of each mail, in order."""
    with db.read() as session:
        rows = session.scalars(select(OutboxMail).order_by(OutboxMail.id)).all()
        return [(row.kind, row.address, row.subject) for row in rows]


def acts(db: Database) -> list[tuple[str, str]]:
    with db.read() as session:
        rows = session.scalars(
            select(History).where(History.subject == "news").order_by(History.id)
        )
        return [(row.act, row.actor_name) for row in rows]


def ask(author: Browser, comment: str = "") -> None:
    send(author, NEW, texts__en__title="Heat", action="submit")
    assert author.submit(f"{PLACE}/submit", {"comment": comment}).status_code == 303


def test_a_draft_goes_to_and_fro_until_it_is_published(
    db: Database, author: Browser, editor_client: Browser, clock: FixedClock
) -> None:
    ask(author, f"Please look at it. {EVIL}")
    clock.advance(minutes=5)
    assert letters(db) == [("review", "ana@agency.example", "To read before it is published: Heat")]
    assert "Waiting for you" in editor_client.get("/admin/").text
    page = author.get(PLACE)
    assert "In review" in page.text
    assert "data-save" not in page.text
    assert send(author, PLACE, page, texts__en__title="Other").status_code == 403

    page = editor_client.get(f"{PLACE}/review")
    assert "Please look at it." in page.text
    assert EVIL not in page.text
    answer = editor_client.submit(f"{PLACE}/review", {"verdict": "changes"})
    assert problems(answer) == {"comment": "Write what the author should know."}
    comment = f"Say how hot it is.\r\n\r\n{EVIL}"
    editor_client.submit(f"{PLACE}/review", {"verdict": "changes", "comment": comment})
    assert letters(db)[1] == ("reviewed", "zoe@agency.example", "To be changed: Heat")
    page = author.get(PLACE)
    assert "Say how hot it is." in page.text
    assert EVIL not in page.text + editor_client.get(f"{PLACE}/history").text

    clock.advance(minutes=5)
    send(author, PLACE, page, texts__en__title="Heat of 90 degrees", action="submit")
    author.submit(f"{PLACE}/submit", {})
    assert editor_client.get(f"{PLACE}/publish").headers["Location"] == f"{PLACE}/review"
    answer = editor_client.submit(f"{PLACE}/review", {"verdict": "approved", "when": "now"})
    assert answer.status_code == 303
    assert editor_client.get("/news/heat").status_code == 200
    assert letters(db)[3] == ("reviewed", "zoe@agency.example", "Approved: Heat of 90 degrees")
    assert [act for act, _ in acts(db)] == [
        "created", "submitted", "changes", "edited", "submitted", "approved", "published",
    ]  # fmt: skip
    assert acts(db)[2] == ("changes", "Ana Editor")
    assert {kind for kind, _, _ in letters(db)} <= KIND_NAMES.keys()


def test_what_is_refused_its_author_may_only_look_at_and_delete(
    db: Database, author: Browser, editor_client: Browser
) -> None:
    ask(author)
    editor_client.submit(f"{PLACE}/review", {"verdict": "rejected", "comment": "Not our subject."})
    assert letters(db)[1][2] == "Not accepted: Heat"
    assert "It was refused" in author.get(PLACE).text
    assert author.get(f"{PLACE}/submit").status_code == 403
    assert "/admin/news/1" in editor_client.get("/admin/news/?state=rejected").text
    assert author.get(f"{PLACE}/delete").status_code in (200, 303)


def test_who_asked_may_take_it_back(db: Database, author: Browser) -> None:
    ask(author)
    assert author.submit(f"{PLACE}/take-back", {}, page=PLACE).status_code == 303
    assert (entry(db).review, entry(db).review_at) == ("", None)
    assert "data-save" in author.get(PLACE).text


def test_a_reviewer_answers_what_they_have_read(
    db: Database, author: Browser, editor_client: Browser
) -> None:
    ask(author)
    read = {"verdict": "approved", "when": "now", "version": str(entry(db).version)}
    send(editor_client, PLACE, texts__en__title="Heat, changed by another editor")
    assert editor_client.submit(f"{PLACE}/review", read).status_code == 409
    assert entry(db).publish_at is None
    editor_client.submit(f"{PLACE}/review", {"verdict": "approved", "when": "now"})
    again = editor_client.get(f"{PLACE}/review")
    assert again.status_code == 409


def test_it_is_approved_for_a_day_to_come_and_leaves_by_itself(
    db: Database, author: Browser, editor_client: Browser, clock: FixedClock
) -> None:
    ask(author)
    moments = {
        "verdict": "approved", "when": "later", "date": "2026-03-05", "time": "10:00",
        "zone": "Europe/Luxembourg", "until_date": "2026-03-06", "until_time": "10:00",
    }  # fmt: skip
    answer = editor_client.submit(f"{PLACE}/review", moments | {"until_date": "2026-03-05"})
    assert "until_date" in problems(answer)
    assert editor_client.submit(f"{PLACE}/review", moments).status_code == 303
    statuses = []
    for _ in range(5):
        statuses.append(editor_client.get("/news/heat").status_code)
        clock.advance(days=1)
    assert statuses == [404, 404, 404, 200, 410]


def test_the_day_of_leaving_is_set_moved_and_taken_away(
    db: Database, editor_client: Browser
) -> None:
    send(editor_client, NEW, texts__en__title="Heat")
    editor_client.submit(f"{PLACE}/publish", {"when": "now"})
    later = {"when": "later", "date": "2026-03-05", "time": "10:00", "zone": "UTC"}
    assert editor_client.submit(f"{PLACE}/unpublish", later).status_code == 303
    leaves = entry(db).withdrawn_at
    assert leaves is not None
    assert leaves.isoformat() == "2026-03-05T10:00:00+00:00"
    assert "Leaves the site by itself on 5 March 2026" in editor_client.get(PLACE).text
    editor_client.submit(f"{PLACE}/unpublish", {"when": "never"})
    assert entry(db).withdrawn_at is None


def test_two_persons_let_readers_see_it_if_the_site_has_that_rule(
    settings: Settings, clock: FixedClock, db: Database, editor: Actor, now: datetime
) -> None:
    app = create_app(replace(settings, two_persons=True), clock=clock)
    app.test_client_class = Browser
    ana = team.browser(app, db, editor, now=now)
    ben = team.browser(app, db, team.join(db, "Ben", EDITOR, now=now), now=now)
    send(ana, NEW, texts__en__title="Heat")
    answer = ana.submit(f"{PLACE}/publish", {"when": "now"})
    assert "You edited this last." in answer.text
    assert entry(db).publish_at is None
    ana.submit(f"{PLACE}/submit", {})
    assert "Waiting for you" not in ana.get("/admin/").text
    assert "Waiting for you" in ben.get("/admin/").text
    refused = ana.submit(f"{PLACE}/review", {"verdict": "approved", "when": "now"})
    assert refused.status_code == 422
    assert entry(db).review == "asked"
    later = {"verdict": "approved", "when": "later", "date": "2026-03-05", "time": "10:00"}
    assert ben.submit(f"{PLACE}/review", later | {"zone": "UTC"}).status_code == 303
    send(ana, PLACE, texts__en__title="Heat, and something that Ben has not read")
    assert entry(db).publish_at is None
    app.extensions["feedsvc"].db.close()


def test_the_mails_are_in_the_language_of_their_readers(
    db: Database, author: Browser, editor: Actor
) -> None:
    with db.begin() as session:
        from_account = session.get_one(Account, editor.id)
        from_account.language = "fr"
    ask(author, EVIL)
    with db.read() as session:
        raw = session.scalars(select(OutboxMail)).one()
        letter = message.read(raw.content)
    assert raw.subject.startswith("À relire")
    assert EVIL in letter.text
    assert EVIL not in letter.html
    assert f"https://agency.example{PLACE}" in letter.text
