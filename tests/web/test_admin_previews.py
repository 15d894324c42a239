"""An entry in every way to its readers, before anybody can see it: as it is saved, and as it is typed."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from collections.abc import Iterator

import pytest
from lxml import html
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from feedsvc.calls.models import Call
from feedsvc.content.edits import TextEdit
from feedsvc.content.models import Entry
from feedsvc.db import Database
from tests.builders import BEGINNING, make_call, make_news
from tests.support.client import Browser
from tests.support.databases import Backends
from tests.support.uploads import image, pdf
from tests.web.admin_forms import send

PREVIEWS, NEWS = "/admin/calls/1/previews", "/admin/news/new"
EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture
def database_url(_backends: Backends) -> Iterator[str]:
    """SQLite is enough: what is asked of the database here is to find one entry, or to roll back."""
    yield from _backends["sqlite"].fresh()


@pytest.fixture
def draft(db: Database) -> None:
    texts = {"en": TextEdit(title="Process heat", body="Use it."), "fr": TextEdit(title="Chaleur")}
    with db.begin() as session:
        make_call(session, publish_at=None, texts=texts)


def parsed(answer: TestResponse) -> html.HtmlElement:
    assert answer.status_code == 200, answer.text
    return html.fromstring(answer.text)


def mail_of(answer: TestResponse) -> html.HtmlElement:
    """The mail in its box."""
    [box] = parsed(answer).xpath("//iframe")
    assert box.get("sandbox") == "allow-popups allow-popups-to-escape-sandbox"
    return html.fromstring(box.get("srcdoc"))


def unsaved(client: Browser, way: str, page: TestResponse | None = None, **typed: object) -> TestResponse:  # fmt: skip
    return send(client, NEWS, page, action=f"preview:{way}", **typed)


@pytest.mark.usefixtures("draft")
def test_draft_is_shown_in_every_way_and_language_and_stays_a_draft(
    editor_client: Browser, client: Browser
) -> None:
    def page(way: str, language: str = "en") -> TestResponse:
        return editor_client.get(f"{PREVIEWS}?way={way}&language={language}")

    assert "Closes: Thursday 30 April 2026, 17:00 (Luxembourg time)." in page("feed").text
    assert "Chaleur" in page("feed", "fr").text
    assert "Closes in 7 days: Process heat" in page("mail").text
    assert "Chaleur" in mail_of(page("mail", "fr")).text_content()
    assert "@@" not in page("mail").text
    assert "20260430T170000" in page("calendar").text
    [card] = parsed(page("card", "fr")).xpath("//figure[@lang='fr']")
    picture = base64.b64decode(card.find("img").get("src").removeprefix("data:image/png;base64,"))
    assert picture[:4] == b"\x89PNG"
    assert "Chaleur" in card.text_content()
    assert client.get("/calls/process-heat").status_code == 404


@pytest.mark.usefixtures("draft")
def test_the_mail_in_its_box_has_no_style_but_its_own(editor_client: Browser) -> None:
    answer = editor_client.get(f"{PREVIEWS}?way=mail&language=fr")
    [styles] = re.findall("style-src ([^;]+)", answer.headers["Content-Security-Policy"])
    assert "'unsafe-inline'" not in styles
    written = mail_of(answer).xpath("//@style")
    assert written
    for style in written:
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in styles
    assert "sha256" not in editor_client.get(PREVIEWS).headers["Content-Security-Policy"]


def test_news_comes_in_the_digest_and_is_in_no_calendar(
    db: Database, editor_client: Browser
) -> None:
    with db.begin() as session:
        make_news(session, publish_at=None)
        make_call(session, deadline_model="rolling", key_dates=())
    page = editor_client.get("/admin/news/1/previews?way=mail")
    assert "way=calendar" not in page.text
    assert "calendars hold no entry of it" in page.text
    assert "New for you: 1 news item" in mail_of(page).text_content()
    undated = editor_client.get("/admin/calls/2/previews?way=mail")
    assert "it has no date ahead" in undated.text
    assert "New for you: 1 new call" in mail_of(undated).text_content()
    with db.begin() as session:
        session.get_one(Call, 2).cancelled_at = BEGINNING
    cancelled = editor_client.get("/admin/calls/2/previews?way=mail")
    assert "nobody is reminded of it any more" in cancelled.text
    assert parsed(cancelled).xpath("//iframe") == []


def test_what_is_typed_is_shown_in_every_way_and_nothing_is_kept(
    db: Database, editor_client: Browser
) -> None:
    typed = {"texts__en__title": f"Heat {EVIL}", "texts__fr__title": "Chaleur",
             "texts__en__body": f"Two\n\n**lines** {EVIL}"}  # fmt: skip
    page = unsaved(editor_client, "en", **typed)
    assert "Feed, mail and picture" in page.text
    for way in ("en:feed", "fr:mail", "en:mail", "fr:card", "en:feed"):
        page = unsaved(editor_client, way, page)  # the form on the page before carries it all
        assert EVIL not in page.text
        assert ("Chaleur" if way[:2] == "fr" else "Heat") in page.text
        assert "Nothing is saved by looking" in page.text
    assert "<b>lines</b>" in page.text or "<strong>lines</strong>" in page.text
    mail = mail_of(unsaved(editor_client, "en:mail", page))
    assert (mail.xpath("//script | //img"), mail.xpath("//base/@target")) == ([], ["_blank"])
    assert EVIL in mail.text_content()
    whole = parsed(unsaved(editor_client, "fr:page", page))
    assert (whole.get("lang"), whole.xpath("//article//h1")[0].text_content().strip()) == (
        "fr", "Chaleur"
    )  # fmt: skip
    with db.read() as session:
        assert session.scalar(select(func.count()).select_from(Entry)) == 0


def test_files_that_came_with_the_form_are_carried_along(editor_client: Browser) -> None:
    files = {"photo": (io.BytesIO(image()), "a.png"), "upload": (io.BytesIO(pdf()), "Guide.pdf")}
    said = {"texts__en__title": "Heat", "photo_credit": "Staff", "texts__en__photo_alt": "A field"}
    page = unsaved(editor_client, "en", **said, **files)
    assert "Guide" in page.text
    card = unsaved(editor_client, "en:card", page)
    [picture] = parsed(card).xpath("//figure/img/@src")
    assert editor_client.get(picture).mimetype == "image/jpeg"
    again = unsaved(editor_client, "en:page", card)
    assert "Guide" in again.text
    assert "A field" in again.text
