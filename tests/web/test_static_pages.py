"""The pages of the site itself: their texts, and how editors change them."""

from __future__ import annotations

import re

import pytest
from lxml import html

from feedsvc.auth.models import History
from feedsvc.content import static_pages
from feedsvc.content.models import StaticPage
from feedsvc.content.static_pages import PageEdit, PageText
from feedsvc.db import Database
from feedsvc.i18n import LOCALES
from tests.builders import ANA, BEGINNING
from tests.support.client import Browser
from tests.web.admin_forms import problems, send, value

PATHS = [f"{prefix}/{name}" for prefix in ("", "/fr", "/de") for name in static_pages.NAMES]
SLOTS = {"site", "address", "mail", "feeds", "imprint", "data", "embed"}


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("name", static_pages.NAMES)
def test_every_page_comes_with_a_text_of_the_same_parts_in_every_language(
    name: str, language: str
) -> None:
    text, english = (static_pages.default(name, code) for code in (language, "en"))
    assert len(text.title) > 4
    assert len(text.body) > 400
    assert text.body.count("\n## ") == english.body.count("\n## ")
    slots = re.findall(r"{(\w+)}", text.body)
    assert sorted(slots) == sorted(re.findall(r"{(\w+)}", english.body))
    assert set(slots) <= SLOTS
    if language == "fr":
        assert not re.search(r"[^\u00a0\u202f/p][;:!?»](?!/)", text.body.replace("mailto:", ""))


def test_every_page_is_there_with_its_links_leading_somewhere(client: Browser) -> None:
    for path in PATHS:
        answer = client.get(path)
        assert answer.status_code == 200, path
        main = html.fromstring(answer.text).find(".//main")
        assert "{" not in main.text_content(), path
        for link in main.xpath(".//a/@href"):
            if link.startswith("/"):
                assert client.get(link).status_code == 200, (path, link)
    assert "Innovation Agency, https://agency.example" in main.text_content()
    assert "mailto:calls@agency.example" in main.xpath(".//a/@href")


def test_every_page_leads_to_these_pages(client: Browser) -> None:
    links = html.fromstring(client.get("/de/calls/").text).xpath("//footer//a/@href")
    assert {f"/de/{name}" for name in static_pages.NAMES} <= set(links)


def test_search_engines_learn_of_them(client: Browser) -> None:
    assert "<loc>https://agency.example/fr/imprint</loc>" in client.get("/sitemap.xml").text


def test_editor_changes_one_language_and_the_others_stay_as_they_came(
    db: Database, client: Browser, editor_client: Browser
) -> None:
    answer = send(editor_client, "/admin/pages/4", texts__fr__body="Tél. +352 ; *RCS* B 1")
    assert answer.status_code == 303, problems(answer)
    with db.read() as session:
        assert [text.language for text in session.get_one(StaticPage, 4).texts] == ["fr"]
        [row] = session.query(History).filter_by(subject="page").all()
        assert (row.actor_name, list(row.changes)) == ("Ana Editor", ["texts.fr.body"])
    assert "<em>RCS</em> B 1" in client.get("/fr/imprint").text
    assert "What counts" in client.get("/imprint").text
    assert "changed by editors" in editor_client.get("/admin/pages/").text
    assert "RCS" in editor_client.get("/admin/pages/4/history").text
    assert "Imprint" in editor_client.get("/admin/").text


def test_emptied_text_is_as_it_came_again(
    db: Database, client: Browser, editor_client: Browser
) -> None:
    send(editor_client, "/admin/pages/1", texts__en__title="We", texts__en__body="Us.")
    assert "Us." in client.get("/about").text
    answer = send(editor_client, "/admin/pages/1", texts__en__title="", texts__en__body=" ")
    assert answer.status_code == 303
    assert "How sure the dates are" in client.get("/about").text


def test_half_a_text_is_refused_as_typed(editor_client: Browser) -> None:
    answer = send(editor_client, "/admin/pages/1", texts__de__title="Wir", texts__de__body="")
    assert answer.status_code == 422
    assert set(problems(answer)) == {"texts-de-body"}
    assert value(answer, "texts-de-title") == "Wir"


def test_two_editors_of_a_page_do_not_overwrite_each_other(
    db: Database, editor_client: Browser
) -> None:
    form = editor_client.get("/admin/pages/2")
    edit = PageEdit(texts={"en": PageText("en", "Privacy", "Others were first.")})
    with db.begin() as session:
        static_pages.edit_page(session, 2, edit, actor=ANA, now=BEGINNING)
    answer = send(editor_client, "/admin/pages/2", form, texts__en__body="Mine.")
    assert answer.status_code == 409
    assert "Others were first." in answer.text
    assert value(answer, "texts-en-body").strip() == "Mine."
    assert send(editor_client, "/admin/pages/2", answer).status_code == 303


def test_nothing_is_written_where_nothing_differs(db: Database, editor_client: Browser) -> None:
    assert send(editor_client, "/admin/pages/3").status_code == 303
    with db.read() as session:
        assert session.get(StaticPage, 3) is None


def test_pages_are_neither_made_nor_deleted(editor_client: Browser) -> None:
    for path in ("/admin/pages/new", "/admin/pages/1/delete", "/admin/pages/5", "/admin/pages/0"):
        assert editor_client.get(path).status_code == 404, path


def test_hostile_text_of_an_editor_stays_text(db: Database, client: Browser) -> None:
    hostile = "<script>alert(1)</script> [x](javascript:alert(1)) {site} {nothing}"
    edit = PageEdit(texts={"en": PageText("en", "About <b>", hostile)})
    with db.begin() as session:
        static_pages.edit_page(session, 1, edit, actor=ANA, now=BEGINNING)
    text = client.get("/about").text
    assert "<script>alert" not in text
    assert 'href="javascript' not in text
    assert "<h1>About &lt;b&gt;</h1>" in text
    assert "Innovation Agency {nothing}" in text
