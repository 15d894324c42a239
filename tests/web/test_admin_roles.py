"""What each role finds in the admin's pages: no more than it may."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from feedsvc.auth.rules import ADMINISTRATOR, AUTHOR, CLUSTER_EDITOR, Actor
from feedsvc.content.models import Entry, Photo
from feedsvc.db import Database
from tests.builders import make_cluster, make_news
from tests.support import team
from tests.support.client import Browser
from tests.web.admin_forms import problems, send


@pytest.fixture
def author(db: Database, now: datetime) -> Actor:
    return team.join(db, "Zoe", AUTHOR, now=now)


@pytest.fixture
def author_client(app: Flask, db: Database, author: Actor, now: datetime) -> Browser:
    return team.browser(app, db, author, now=now)


def test_an_author_writes_a_draft_and_is_not_offered_to_publish_it(
    db: Database, author: Actor, author_client: Browser
) -> None:
    answer = send(author_client, "/admin/news/new", texts__en__title="Heat twice")
    assert answer.status_code == 303
    page = author_client.get(answer.headers["Location"])
    assert "Saved." in page.text
    assert "publish" not in page.text
    with db.read() as session:
        assert session.get_one(Entry, 1).created_by == author.id


def test_what_others_write_is_nowhere_in_an_authors_pages(
    db: Database, author_client: Browser, now: datetime
) -> None:
    with db.begin() as session:
        make_news(session, "Secret plans", publish_at=None)
        make_news(session, "Known to all", publish_at=now)
    for address in ("/admin/", "/admin/news/", "/admin/news/?q=secret"):
        assert "Secret" not in author_client.get(address).text, address
    assert author_client.get("/admin/news/1").status_code == 404
    found = send(author_client, "/admin/news/new", action="find", related_find="secret")
    assert "Secret" not in found.text
    found = send(author_client, "/admin/news/new", action="find", related_find="known")
    assert "Known to all" in found.text


def test_an_author_looks_at_what_was_published_and_cannot_change_it(
    db: Database, author: Actor, author_client: Browser, now: datetime
) -> None:
    with db.begin() as session:
        make_news(session, publish_at=now).created_by = author.id
    page = author_client.get("/admin/news/1")
    assert "only editors change it" in page.text
    assert "data-save" not in page.text
    assert send(author_client, "/admin/news/1", page, texts__en__title="Other").status_code == 403


def test_a_photo_of_a_draft_cannot_be_had_by_its_number(
    db: Database, author_client: Browser, now: datetime
) -> None:
    with db.begin() as session:
        session.add(Photo(name="hidden.webp", width=1, height=1, bytes=1, created_at=now))
    answer = send(
        author_client, "/admin/news/new", photo_id="1", action="find", texts__en__title="Heat"
    )
    assert "hidden.webp" not in answer.text
    answer = send(author_client, "/admin/news/new", photo_id="1", texts__en__title="Heat",
                  texts__en__photo_alt="A photo", photo_credit="Zoe")  # fmt: skip
    assert "photo" in problems(answer)


def test_an_editor_of_clusters_keeps_entries_in_these(
    app: Flask, db: Database, now: datetime
) -> None:
    with db.begin() as session:
        health = make_cluster(session, slug="health").id
        make_cluster(session, slug="wood")
    eve = team.join(db, "Eve", CLUSTER_EDITOR, clusters=[health], now=now)
    client = team.browser(app, db, eve, now=now)
    assert 'value="wood"' not in client.get("/admin/news/new").text
    for clusters in (None, "wood", ["health", "wood"]):
        answer = send(client, "/admin/news/new", texts__en__title="Heat", clusters=clusters)
        assert "clusters" in problems(answer), clusters
    answer = send(client, "/admin/news/new", texts__en__title="Heat", clusters="health")
    assert answer.status_code == 303
    place = answer.headers["Location"]
    assert send(client, place, clusters="wood").status_code == 422
    with db.read() as session:
        assert [c.slug for c in session.scalars(select(Entry)).one().clusters] == ["health"]
    assert client.submit(f"{place}/publish", {"when": "now"}).status_code == 303


def test_an_administrator_changes_a_role_and_it_counts_at_once(
    app: Flask, db: Database, author: Actor, author_client: Browser, now: datetime
) -> None:
    boss = team.browser(app, db, team.join(db, "Boss", ADMINISTRATOR, now=now), now=now)
    assert author_client.get("/admin/outbox/").status_code == 403
    answer = send(boss, f"/admin/accounts/{author.id}", role="editor")
    assert answer.status_code == 303
    assert author_client.get("/admin/outbox/").status_code == 200
    assert boss.submit(f"/admin/accounts/{author.id}/shut", {}).status_code == 303
    assert author_client.get("/admin/").status_code == 303


def test_the_last_administrator_is_told_why_the_account_stays(
    app: Flask, db: Database, now: datetime
) -> None:
    boss = team.join(db, "Boss", ADMINISTRATOR, now=now)
    client = team.browser(app, db, boss, now=now)
    answer = send(client, f"/admin/accounts/{boss.id}", role="editor")
    assert "role" in problems(answer)
    answer = client.submit(f"/admin/accounts/{boss.id}/shut", {})
    assert answer.status_code == 422
    assert "last administrator" in answer.text
