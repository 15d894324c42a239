"""The library as editors and authors use it."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from flask import Flask
from lxml import html

from feedsvc.auth.rules import AUTHOR
from feedsvc.content.edits import TextEdit
from feedsvc.content.media.models import Document, Photo
from feedsvc.content.models import Entry
from feedsvc.db import Database
from feedsvc.settings import Settings
from tests.builders import make_news
from tests.support import team, uploads
from tests.support.client import Browser
from tests.support.uploads import image, office, pdf
from tests.web.admin_forms import problems, send, shown
from tests.web.library import NEW, described, document, file, photo


@pytest.fixture
def author_client(app: Flask, db: Database, now: dt.datetime) -> Browser:
    return team.browser(app, db, team.join(db, "Kim", AUTHOR, now=now), now=now)


def test_a_picture_is_described_and_its_focus_moved_by_a_click(
    db: Database, editor_client: Browser
) -> None:
    answer = send(editor_client, "/admin/media/", pictures=file(image(), "a.png"))
    assert answer.headers["Location"] == "/admin/media/1"
    assert set(problems(send(editor_client, "/admin/media/1"))) == {"alts", "credit"}
    kept = described(db, editor_client)
    assert photo(db, 2).focus_x == 50
    assert (kept.focus_x, kept.focus_y, kept.ready) == (25, 95, True)


def test_files_come_with_the_form_and_stay_although_the_rest_is_refused(
    db: Database, editor_client: Browser
) -> None:
    answer = send(editor_client, NEW, photo=file(image(), "a.png"),
                  upload=[file(pdf(b"1 0 obj<</JavaScript 2 0 R>>endobj\n"), "a.pdf"), file(office("xlsx"), "b.xlsx")])  # fmt: skip
    assert answer.status_code == 422
    assert shown(answer).getlist("files") == ["1", "2"]
    assert "It holds a program" in editor_client.get("/admin/documents/1").text
    assert "It holds a program" not in editor_client.get("/admin/documents/2").text
    answer = send(editor_client, NEW, answer, texts__en__title="Heat", photo_credit="Staff",
                  photo_decorative="y")  # fmt: skip
    assert answer.status_code == 303
    with db.read() as session:
        entry = session.get_one(Entry, 1)
        assert [row.document_id for row in entry.attachments] == [1, 2]
        assert entry.photo.decorative
        assert entry.photo.credit == "Staff"
    assert "has no description" not in editor_client.get("/admin/news/1").text
    answer = send(editor_client, "/admin/news/1", files=["2"], texts__en__photo_alt="A pipe")
    with db.read() as session:
        entry = session.get_one(Entry, 1)
        assert [row.document_id for row in entry.attachments] == [2]
        assert [text.alt for text in entry.photo.texts] == ["A pipe"]


def test_the_library_is_looked_into_from_a_form_without_a_script(
    db: Database, editor_client: Browser
) -> None:
    send(editor_client, "/admin/media/", pictures=file(image(), "heat-pump.png"))
    send(editor_client, "/admin/documents/", papers=file(pdf(), "Guide 2027.pdf"))
    answer = send(editor_client, NEW, action="find:photos", photo_find="pump")
    assert html.fromstring(answer.text).xpath("//input[@name='photo_pick']/@value") == ["1"]
    answer = send(editor_client, NEW, action="find:photos", photo_find="nothing like it")
    assert not html.fromstring(answer.text).xpath("//input[@name='photo_pick']")
    answer = send(editor_client, NEW, action="find", files_find="guide")
    assert html.fromstring(answer.text).xpath("//input[@name='files']/@value") == ["1"]


KIND = "multipart/form-data; boundary=x"
REFUSED = (
    ("pictures", b"<svg onload='alert(1)'/>", "x.svg", "no photo"),
    ("pictures", uploads.pixel_bomb(), "x.png", "no photo"),
    ("pictures", b"GIF89a/*" + image() + b"*/", "x.gif", "no photo"),
    ("papers", b"<html><script>", "x.pdf", "none that can be handed out"),
    ("papers", office("docx", {"word/vbaProject.bin": b""}), "x.docx", "macros"),
    ("papers", office("docx", {"0.xml": bytes(21_000_000)}), "x.docx", "unpacks"),
    ("papers", pdf(), "../../x.html", "The name ends in"),
)


def test_what_is_refused_is_named_and_what_is_right_beside_it_is_kept(
    db: Database, editor_client: Browser, settings: Settings
) -> None:
    good = {"pictures": image(), "papers": pdf(b"%good\n")}
    for field, data, name, why in REFUSED:
        address = "/admin/media/" if field == "pictures" else "/admin/documents/"
        files = [file(data, name), file(good[field], "good")]
        answer = send(editor_client, address, **{field: files})
        assert answer.status_code == 422
        assert why in problems(answer)[field], name
        assert name.rpartition("/")[2] in problems(answer)[field]
    stem = re.compile(r"[0-9a-f]{32}[0-9a-z-]*\.(webp|avif|jpg|pdf)")
    assert all(stem.fullmatch(path.name) for path in settings.media_path.iterdir())
    with db.read() as session:
        for kind in (Photo, Document):
            assert session.get(kind, 1) is not None
            assert session.get(kind, 2) is None


def test_limits_hold_for_each_file_for_how_many_and_for_strangers(
    db: Database, editor_client: Browser, client: Browser, settings: Settings
) -> None:
    many = [file(b"x", f"{number}.png") for number in range(11)]
    assert "10 files" in problems(send(editor_client, "/admin/media/", pictures=many))["pictures"]
    assert "Choose a file" in problems(send(editor_client, "/admin/media/"))["pictures"]
    crowd = {"files": [str(number) for number in range(1_100)]}
    assert (
        editor_client.post(NEW, data=crowd, content_type="multipart/form-data").status_code == 413
    )
    body = bytes(settings.upload_limit + 2_000_000)
    assert client.post("/admin/media/", data=body, content_type=KIND).status_code == 413
    files = [str(number) for number in range(1, 22)]
    answer = send(editor_client, NEW, texts__en__title="Heat", files=files)
    assert "not here any more" in problems(answer)["files"]


def test_an_author_brings_files_and_gets_at_nobody_elses(
    db: Database, editor_client: Browser, author_client: Browser, now: dt.datetime
) -> None:
    send(editor_client, "/admin/media/", pictures=file(image(colour="red"), "a.png"))
    send(editor_client, "/admin/documents/", papers=file(pdf(), "a.pdf"))
    hidden = [f"/admin/media/files/{row.name}" for row in (photo(db), document(db))]
    for address in (*hidden, "/admin/media/1", "/admin/media/1/delete", "/admin/documents/1",
                    "/admin/documents/1/delete"):  # fmt: skip
        assert author_client.get(address).status_code == 404, address
    answer = send(author_client, NEW, texts__en__title="Mine", files=["1"], photo_id="1",
                  texts__en__photo_alt="x", photo_credit="x")  # fmt: skip
    assert "photo" in problems(answer)
    assert hidden[0] not in answer.text
    assert send(author_client, NEW, texts__en__title="Mine", files=["1"]).status_code == 422

    assert send(author_client, "/admin/media/", pictures=file(image(colour="red"), "b.png"),
                ).headers["Location"] == "/admin/media/2"  # fmt: skip
    assert send(author_client, "/admin/media/2", decorative="y", credit="Me").status_code == 303
    with author_client.get(f"/admin/media/files/{photo(db, 2).name}") as own:
        assert own.status_code == 200
    listed = html.fromstring(author_client.get("/admin/media/").text)
    assert listed.xpath("//li[@class='tile']/a/@href") == ["/admin/media/2"]


def test_what_is_public_is_seen_by_an_author_and_changed_by_editors_only(
    db: Database, editor_client: Browser, author_client: Browser
) -> None:
    send(editor_client, "/admin/media/", pictures=file(image(), "a.png"))
    text = {"en": TextEdit(title="Heat", photo_alt="x")}
    with db.begin() as session:
        make_news(session, photo_id=1, photo_credit="x", texts=text)
    page = author_client.get("/admin/media/1")
    assert "Only who brought it" in page.text
    answer = send(author_client, "/admin/media/1", page, decorative="y", credit="Me")
    assert answer.status_code == 403
    assert author_client.get("/admin/media/1/delete").status_code == 403
    assert "Delete …" not in editor_client.get("/admin/media/1").text
    assert "It is in use" in send(editor_client, "/admin/media/1/delete").text


def test_an_unused_file_is_deleted_after_being_asked(db: Database, editor_client: Browser) -> None:
    send(editor_client, "/admin/media/", pictures=file(image(), "a.png"))
    send(editor_client, "/admin/documents/", papers=file(pdf(), "a.pdf"))
    for section in ("media", "documents"):
        assert send(editor_client, f"/admin/{section}/1/delete").status_code == 303
    with db.read() as session:
        assert session.get(Photo, 1) is None
        assert session.get(Document, 1) is None


def test_two_editors_of_one_picture_are_told_of_each_other(
    db: Database, editor_client: Browser
) -> None:
    send(editor_client, "/admin/media/", pictures=file(image(), "a.png"))
    page = editor_client.get("/admin/media/1")
    assert (
        send(editor_client, "/admin/media/1", page, decorative="y", credit="A").status_code == 303
    )
    answer = send(editor_client, "/admin/media/1", page, decorative="y", credit="B")
    assert answer.status_code == 409
    assert send(editor_client, "/admin/media/1", answer).status_code == 303
    assert photo(db).credit == "B"
