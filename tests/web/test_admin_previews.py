"""An entry in every way to its readers, before anybody can see it."""

from __future__ import annotations

import pytest

from feedsvc.content.edits import TextEdit
from feedsvc.db import Database
from tests.builders import make_call, make_news
from tests.support.client import Browser

PREVIEWS = "/admin/calls/1/previews"


@pytest.fixture
def draft(db: Database) -> None:
    texts = {"en": TextEdit(title="Process heat", body="Use it."), "fr": TextEdit(title="Chaleur")}
    with db.begin() as session:
        make_call(session, publish_at=None, texts=texts)


@pytest.mark.usefixtures("draft")
def test_draft_is_shown_in_every_way_and_language_and_stays_a_draft(
    editor_client: Browser, client: Browser
) -> None:
    def page(way: str, language: str = "en") -> str:
        answer = editor_client.get(f"{PREVIEWS}?way={way}&language={language}")
        assert answer.status_code == 200
        return answer.text

    assert "Closes: Thursday 30 April 2026, 17:00 (Luxembourg time)." in page("feed")
    assert "&lt;summary&gt;Clôture" in page("feed", "fr") or "Chaleur" in page("feed", "fr")
    assert "Closes in 7 days: Process heat" in page("mail")
    assert "@@" not in page("mail")
    assert "20260430T170000" in page("calendar")
    assert "previews/card.png?language=fr" in page("card", "fr")
    assert client.get("/calls/process-heat").status_code == 404


@pytest.mark.usefixtures("draft")
def test_mail_is_shown_in_a_box_of_its_own(editor_client: Browser) -> None:
    answer = editor_client.get(f"{PREVIEWS}/mail.html?language=fr")
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert "Chaleur" in answer.text
    assert "@@" not in answer.text
    picture = editor_client.get(f"{PREVIEWS}/card.png")
    assert (picture.mimetype, picture.data[:4]) == ("image/png", b"\x89PNG")


def test_news_has_no_mail_and_no_calendar(db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        make_news(session, publish_at=None)
        make_call(session, deadline_model="rolling", key_dates=())
    assert "way=calendar" not in editor_client.get("/admin/news/1/previews?way=mail").text
    assert "it has no date ahead" in editor_client.get("/admin/calls/2/previews?way=mail").text
    assert editor_client.get("/admin/calls/2/previews/mail.html").status_code == 404
