"""Going anywhere by a few words: only to what one may see."""

from __future__ import annotations

from flask import Flask
from lxml import html

from feedsvc.auth.rules import AUTHOR
from feedsvc.content.desk import views
from feedsvc.content.desk.asked import Asked
from feedsvc.db import Database
from tests.builders import make_call, make_news
from tests.support import team
from tests.support.client import Browser
from tests.support.clock import NOW


def ways(browser: Browser, words: str) -> dict[str, str]:
    page = html.fromstring(browser.get("/admin/jump", query_string={"q": words}).text)
    return {str(a.text): str(a.get("href")) for a in page.xpath("//*[@data-found]//a")}


def test_a_few_words_lead_to_entries_views_and_pages_that_one_may_see(
    app: Flask, db: Database, editor_client: Browser
) -> None:
    ben = team.join(db, "Ben", AUTHOR, now=NOW)
    with db.begin() as session:
        make_news(session, "Heat of Ben", publish_at=None).created_by = ben.id
        make_call(session, "Reuse of heat")
        views.save(
            session, "call", "Heating", Asked(q="heat"), opens=False, shared=False, actor=ben
        )
    author = team.browser(app, db, ben, now=NOW)
    assert ways(editor_client, "hea") == {
        "Heat of Ben": "/admin/news/1", "Reuse of heat": "/admin/calls/2",
    }  # fmt: skip
    assert ways(author, "hea") == {
        "Heat of Ben": "/admin/news/1", "Heating": "/admin/calls/?q=heat",
    }  # fmt: skip
    assert ways(editor_client, "organ") == {"Organisations": "/admin/organisations/"}
    assert ways(author, "organ") == {}
    assert "Write a call" in ways(author, "")
