"""Acts on many entries: what will happen, what happened, and back again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from flask import Flask
from werkzeug.test import TestResponse

from feedsvc.app import create_app
from feedsvc.auth.rules import AUTHOR, CLUSTER_EDITOR, Actor
from feedsvc.content import history, rules
from feedsvc.content.models import Entry
from feedsvc.db import Database
from feedsvc.news import changes as news_changes
from feedsvc.settings import Settings
from tests.builders import make_call, make_cluster, make_news, news_edit
from tests.support import team
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.web.admin_forms import shown


def states(db: Database, ids: Sequence[int], now: datetime) -> list[str]:
    with db.read() as session:
        found = [session.get(Entry, number) for number in ids]
        return [rules.state(entry, now) if entry else "gone" for entry in found]


def clusters(db: Database, entry_id: int) -> list[str]:
    with db.read() as session:
        return [cluster.slug for cluster in session.get_one(Entry, entry_id).clusters]


def act(browser: Browser, address: str) -> TestResponse:
    """Open the page that asks, and say yes; the page that tells what was done."""
    asked = browser.get(address)
    assert asked.status_code == 200, asked.text
    sent = browser.post(address, data=shown(asked))
    assert sent.status_code == 303, sent.text
    return browser.get(sent.headers["Location"])


def undo(browser: Browser, done: TestResponse) -> TestResponse:
    return browser.post(f"{done.request.path}/undo", data=shown(done), follow_redirects=True)


def test_what_can_be_published_is_and_the_rest_says_why(
    db: Database, editor_client: Browser, now: datetime, clock: FixedClock
) -> None:
    with db.begin() as session:
        make_call(session, "Ready", publish_at=None)
        make_call(session, "Without a date", publish_at=None, key_dates=())
        make_call(session, "Public")
        make_call(session, "Ready too", publish_at=None)
    address = "/admin/calls/bulk?act=publish&id=1&id=2&id=3&id=4"
    asked = editor_client.get(address).text
    assert "It will be done to 2 of 4." in asked
    assert "It is public already." in asked
    assert "Add a deadline, or say that the call is rolling" in asked
    assert states(db, [1, 2, 3, 4], now) == ["draft", "draft", "published", "draft"]
    done = act(editor_client, address)
    assert "It was done to 2 entries." in done.text
    assert states(db, [1, 2, 3, 4], now) == ["published", "draft", "published", "published"]
    with db.read() as session:
        for number in (1, 4):
            assert history.of(session, "call", number)[0].act == "published"
    with db.begin() as session:
        session.get_one(Entry, 4).version += 1  # somebody has edited it meanwhile
    clock.advance(minutes=14)
    back = undo(editor_client, done)
    assert "1 entry is as it was. 1 was changed since, and is left." in back.text
    assert states(db, [1, 4], clock()) == ["withdrawn", "published"]
    assert undo(editor_client, done).status_code == 409


def test_all_that_match_are_taken_off_and_brought_back_with_their_dates(
    db: Database, editor_client: Browser, now: datetime, clock: FixedClock
) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
        for title in ("Heat 1", "Heat 2"):
            make_news(session, title, clusters=("wood",))
        make_news(session, "Heat 3", clusters=("wood",), publish_at=now + timedelta(days=3))
        make_news(session, "Heat elsewhere")
        before = [session.get_one(Entry, number).publish_at for number in (1, 2, 3)]
    done = act(editor_client, "/admin/news/bulk?act=withdraw&all=y&cluster=wood&q=heat")
    assert states(db, [1, 2, 3, 4], now) == ["withdrawn", "withdrawn", "draft", "published"]
    assert "Until 02/03/2026, 10:15." in done.text
    undo(editor_client, done)
    assert states(db, [1, 2, 3], now) == ["published", "published", "scheduled"]
    with db.read() as session:
        assert [session.get_one(Entry, number).publish_at for number in (1, 2, 3)] == before
    late = act(editor_client, "/admin/news/bulk?act=withdraw&id=1")
    clock.advance(minutes=15)
    assert "Undo" not in editor_client.get(late.request.path).text
    assert undo(editor_client, late).status_code in (400, 409)
    assert states(db, [1], clock()) == ["withdrawn"]


def test_a_cluster_is_given_and_taken_by_an_edit_of_each(
    db: Database, editor_client: Browser, now: datetime
) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
        make_cluster(session, "ICT")
        make_news(session, "One", clusters=("ict",))
        make_news(session, "Two", clusters=("wood",))
    done = act(editor_client, "/admin/news/bulk?act=add&into=wood&id=1&id=2")
    assert "It is in this cluster already." not in done.text  # what was left was not sent
    assert (sorted(clusters(db, 1)), clusters(db, 2)) == (["ict", "wood"], ["wood"])
    with db.read() as session:
        assert history.of(session, "news", 1)[0].changes == {"clusters": [["ict"], ["ict", "wood"]]}
    undo(editor_client, done)
    assert clusters(db, 1) == ["ict"]
    act(editor_client, "/admin/news/bulk?act=remove&into=wood&id=1&id=2")
    assert (clusters(db, 1), clusters(db, 2)) == (["ict"], [])
    assert editor_client.get("/admin/news/bulk?act=add&into=none&id=1").status_code == 400


def team_of(app: Flask, db: Database, now: datetime) -> tuple[Browser, Browser]:
    """An author, an editor of wood, and a draft of the one, of wood, of two clusters, of nobody."""
    with db.begin() as session:
        make_cluster(session, "Wood")
        make_cluster(session, "ICT")
    ben = team.join(db, "Ben", AUTHOR, now=now)
    cleo = team.join(db, "Cleo", CLUSTER_EDITOR, clusters=[1], now=now)
    with db.begin() as session:
        make_news(session, "Of Ben", publish_at=None).created_by = ben.id
        make_news(session, "Of wood", publish_at=None, clusters=("wood",))
        make_news(session, "Of both", publish_at=None, clusters=("wood", "ict"))
        make_news(session, "Of nobody", publish_at=None)
    return team.browser(app, db, ben, now=now), team.browser(app, db, cleo, now=now)


EVERYTHING = "&id=1&id=2&id=3&id=4"


def test_an_author_asks_for_their_own_drafts_to_be_read_and_no_more(
    app: Flask, db: Database, editor_client: Browser, now: datetime
) -> None:
    author, _ = team_of(app, db, now)
    asked = author.get(f"/admin/news/bulk?act=publish{EVERYTHING}").text
    assert "It will be done to 0 of 1." in asked
    assert "Your account may not do this." in asked
    assert not any(title in asked for title in ("Of wood", "Of both", "Of nobody"))
    done = act(author, f"/admin/news/bulk?act=submit{EVERYTHING}")
    assert states(db, [1, 2, 3, 4], now) == ["review", "draft", "draft", "draft"]
    # What somebody else has done is not an editor's to see or to undo.
    assert editor_client.get(done.request.path).status_code == 404
    token = {"csrf_token": shown(editor_client.get("/admin/password"))["csrf_token"]}
    assert editor_client.post(f"{done.request.path}/undo", data=token).status_code == 404
    undo(author, done)
    assert states(db, [1], now) == ["draft"]


def test_an_editor_of_clusters_does_nothing_to_what_is_not_theirs(
    app: Flask, db: Database, now: datetime
) -> None:
    _, wood = team_of(app, db, now)
    act(wood, f"/admin/news/bulk?act=publish{EVERYTHING}")
    assert states(db, [1, 2, 3, 4], now) == ["draft", "published", "draft", "draft"]
    assert wood.get("/admin/news/bulk?act=add&into=ict&id=2").status_code == 403
    left = act(wood, "/admin/news/bulk?act=remove&into=wood&id=2").text
    assert "Choose at least one cluster, and only those you may edit." in left
    assert clusters(db, 2) == ["wood"]
    sent = {**shown(wood.get("/admin/news/bulk?act=withdraw&id=2")), "ids": "1,2,3,4"}
    wood.post("/admin/news/bulk?act=withdraw", data=sent)
    assert states(db, [1, 2, 3, 4], now) == ["draft", "withdrawn", "draft", "draft"]


def test_two_persons_are_two_for_many_entries_as_well(
    settings: Settings, clock: FixedClock, db: Database, editor: Actor, now: datetime
) -> None:
    app = create_app(replace(settings, two_persons=True), clock=clock)
    app.test_client_class = Browser
    with db.begin() as session:
        make_cluster(session, "Wood")
        news_changes.create_news(session, news_edit("Of Ana"), actor=editor, now=now)
        make_news(session, "Of somebody else", publish_at=None)
        make_news(session, "Scheduled", publish_at=now + timedelta(days=1))
    ana = team.browser(app, db, editor, now=now)
    assert "You edited this last." in ana.get(f"/admin/news/bulk?act=publish{EVERYTHING}").text
    act(ana, f"/admin/news/bulk?act=publish{EVERYTHING}")
    assert states(db, [1, 2, 3], now) == ["draft", "published", "scheduled"]
    act(ana, f"/admin/news/bulk?act=add&into=wood{EVERYTHING}")
    assert [clusters(db, number) for number in (1, 2, 3)] == [["wood"], ["wood"], []]
    assert states(db, [3], now) == ["scheduled"]
    app.extensions["feedsvc"].db.close()


def test_drafts_are_deleted_by_who_shows_who_they_are(
    db: Database, editor_client: Browser, now: datetime, clock: FixedClock
) -> None:
    with db.begin() as session:
        make_news(session, "Draft", publish_at=None)
        make_news(session, "Public")
    address = "/admin/news/bulk/delete?act=delete&id=1&id=2"
    asked = editor_client.get("/admin/news/bulk?act=delete&id=1&id=2")
    assert asked.headers["Location"] == address
    done = act(editor_client, address)
    assert "Undo" not in done.text
    assert states(db, [1, 2], now) == ["gone", "published"]
    clock.advance(minutes=11)
    again = editor_client.get(address).headers["Location"]
    assert again == "/admin/confirm?next=/admin/news/bulk/delete?act%3Ddelete%26id%3D1%26id%3D2"


def test_a_choice_that_is_none_is_answered_in_words(db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        make_news(session)
    for query, status, words in (
        ("act=publish", 422, "Nothing is chosen."),
        ("act=burn&id=1", 400, "Choose what is to be done."),
        ("act=publish&id=x", 400, "The request cannot be understood."),
        ("act=publish&all=y&state=lost", 400, "“lost” is no value of the filter “state”"),
        ("act=publish&" + "&".join(f"id={n}" for n in range(501)), 422, "500 entries at once"),
    ):
        answer = editor_client.get(f"/admin/news/bulk?{query}")
        assert (answer.status_code, words in answer.text) == (status, True), query
