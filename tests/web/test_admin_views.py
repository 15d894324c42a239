"""Views of the lists: kept, opened with, shared, removed."""

from __future__ import annotations

from flask import Flask
from lxml import html
from werkzeug.test import TestResponse

from feedsvc.auth.rules import ADMINISTRATOR
from feedsvc.db import Database
from tests.builders import make_news
from tests.support import team
from tests.support.client import Browser
from tests.support.clock import NOW


def keep(browser: Browser, query: str, name: str, **more: str) -> TestResponse:
    page = f"/admin/news/?{query}"
    fields = {"name": name, "query": query, **more}
    return browser.submit("/admin/news/views", fields, page=page, follow_redirects=True)


def tabs(text: str) -> list[str]:
    """The names of the views; the one that is shown in brackets."""
    links = html.fromstring(text).xpath("//nav[@aria-label='Views']/a")
    return [f"[{a.text}]" if a.get("aria-current") else str(a.text) for a in links]


def test_a_view_is_kept_for_oneself_or_for_everybody_and_removed(
    app: Flask, db: Database, editor_client: Browser
) -> None:
    with db.begin() as session:
        make_news(session, "Draft", publish_at=None)
        make_news(session, "Public")
    cleo = team.browser(app, db, team.join(db, "Cleo", ADMINISTRATOR, now=NOW), now=NOW)
    assert tabs(editor_client.get("/admin/news/").text) == []
    kept = keep(editor_client, "state=draft", "My drafts", first="y", shared="y")
    assert tabs(kept.text) == ["All entries", "[My drafts]"]
    assert editor_client.get("/admin/news/").headers["Location"] == "/admin/news/?state=draft"
    assert editor_client.get("/admin/news/?view=all").status_code == 200
    assert editor_client.get("/admin/calls/").status_code == 200
    # An editor shares nothing; an administrator does.
    assert tabs(keep(cleo, "sort=title", "By title", shared="y").text) == [
        "All entries", "[By title]",
    ]  # fmt: skip
    text = editor_client.get("/admin/news/?sort=title").text
    assert tabs(text) == ["All entries", "My drafts", "[By title]"]
    assert "Remove the view" not in text
    remove = {"page": "/admin/news/?state=draft", "fields": {}}
    assert editor_client.submit("/admin/news/views/2/remove", **remove).status_code == 404
    assert editor_client.submit("/admin/news/views/1/remove", **remove).status_code == 303
    assert tabs(editor_client.get("/admin/news/").text) == ["[All entries]", "By title"]
    assert keep(editor_client, "state=draft", " ").status_code == 422
    wrong = {"name": "Lost", "query": "state=lost"}
    page = "/admin/news/?state=draft"
    assert editor_client.submit("/admin/news/views", wrong, page=page).status_code == 400
    # One letter may take twelve characters of an address.
    long = {"name": "Too long", "query": "q=" + "\N{ROCKET}" * 200}
    refused = editor_client.submit("/admin/news/views", long, page=page)
    assert (refused.status_code, "too many conditions" in refused.text) == (422, True)
