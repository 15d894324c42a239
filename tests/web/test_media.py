"""The library as editors and authors use it, and what readers get of it, and when."""

from __future__ import annotations

import datetime as dt
import io
import re

import pytest
from flask import Flask
from lxml import html

from feedsvc.auth.rules import AUTHOR
from feedsvc.content import publication
from feedsvc.content.edits import TextEdit
from feedsvc.content.media.models import Document, Photo
from feedsvc.content.models import Entry
from feedsvc.db import Database
from feedsvc.settings import Settings
from tests.builders import ANA, make_news
from tests.support import team, uploads
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.support.uploads import image, office, pdf
from tests.web.admin_forms import problems, send, shown

NEW = "/admin/news/new"
INERT = "default-src 'none'; sandbox"


@pytest.fixture
def author_client(app: Flask, db: Database, now: dt.datetime) -> Browser:
    return team.browser(app, db, team.join(db, "Kim", AUTHOR, now=now), now=now)


def file(data: bytes, name: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO(data), name


def bring(client: Browser, address: str, field: str, *files: tuple[io.BytesIO, str]) -> object:
    return send(client, address, **{field: list(files)})


def photo(db: Database, number: int = 1) -> Photo:
    with db.read() as session:
        return session.get_one(Photo, number)


def document(db: Database, number: int = 1) -> Document:
    with db.read() as session:
        return session.get_one(Document, number)


def described(db: Database, client: Browser) -> Photo:
    """A picture that was brought and described. A click at it, 280 pixels wide, saves the form."""
    send(client, "/admin/media/", pictures=file(image(size=(700, 500)), "a.png"))
    send(client, "/admin/media/1", alts__en__line="A <pipe>", credit="Staff",
         **{"point.x": "70", "point.y": "150"})  # fmt: skip
    return photo(db)


def test_a_picture_is_described_and_its_focus_moved_by_a_click(
    db: Database, editor_client: Browser
) -> None:
    answer = send(editor_client, "/admin/media/", pictures=file(image(), "a.png"))
    assert answer.headers["Location"] == "/admin/media/1"
    assert set(problems(send(editor_client, "/admin/media/1"))) == {"alts", "credit"}
    kept = described(db, editor_client)
    assert photo(db, 2).focus_x == 50
    assert (kept.focus_x, kept.focus_y, kept.ready) == (25, 95, True)


def test_a_picture_is_public_as_long_as_an_entry_that_has_it(
    db: Database, editor_client: Browser, client: Browser, clock: FixedClock
) -> None:
    kept = described(db, editor_client)
    address = f"/media/{kept.name}"
    send(editor_client, NEW, texts__en__title="Heat", photo_pick="1")
    assert client.get(address).status_code == 404  # of a draft
    with editor_client.get(f"/admin/media/files/{kept.name}") as seen:
        assert (seen.status_code, seen.headers["Cache-Control"]) == (200, "no-store")
    assert "/admin/media/files/" in editor_client.get("/admin/news/1/preview").text

    with db.begin() as session:
        publication.publish(session, 1, at=clock(), actor=ANA, now=clock())
    page = html.fromstring(client.get("/news/heat").text)
    assert page.xpath("//figure//img/@alt") == ["A <pipe>"]
    smaller = page.xpath("//figure//source/@srcset")[0].split(" ")[0]
    card = html.fromstring(client.get("/news/").text).xpath("//picture//img/@src")[0]
    assert "-card-25x75-" in card
    share = page.xpath("//meta[@property='og:image']/@content")[0]
    for one in (address, smaller, card, share.removeprefix("https://agency.example")):
        with client.get(one) as got:
            assert (got.status_code, got.mimetype[:6]) == (200, "image/"), one
            assert got.headers["Content-Security-Policy"] == INERT
            assert got.headers["X-Content-Type-Options"] == "nosniff"
            assert got.headers["Cache-Control"] == "public, max-age=3600"
            assert "Set-Cookie" not in got.headers

    with db.begin() as session:
        publication.unpublish(session, 1, actor=ANA, now=clock())
    for one in (address, smaller, card):
        assert client.get(one).headers["Cache-Control"] == "no-store"
        assert client.get(one).status_code == 404


def test_a_document_is_saved_under_its_title_and_runs_nowhere(
    db: Database, editor_client: Browser, client: Browser, clock: FixedClock
) -> None:
    data = pdf()
    send(editor_client, "/admin/documents/", papers=file(data, 'C:\\x\\"; <b>.pdf'))
    send(editor_client, "/admin/documents/1", titles__fr__line='Le "guide": été/../2027',
         language="fr")  # fmt: skip
    send(editor_client, NEW, texts__en__title="Heat", files=["1"])
    address = f"/documents/{document(db).name}"
    assert client.get(address).status_code == 404
    with editor_client.get(f"/admin/media/files/{document(db).name}") as seen:
        assert seen.headers["Cache-Control"] == "no-store"
        assert seen.headers["Content-Disposition"].startswith("attachment; ")
    with db.begin() as session:
        publication.publish(session, 1, at=clock(), actor=ANA, now=clock())
    page = html.fromstring(client.get("/news/heat").text)
    link = page.xpath("//ul[@class='files']//a")[0]
    assert link.get("href") == address
    assert re.sub(r"\s+", " ", link.text_content()).strip().endswith("(PDF, 0.2 kB, Français)")
    with client.get(address) as got:
        assert got.data == data
        assert got.mimetype == "application/pdf"
        assert got.headers["Content-Disposition"] == (
            'attachment; filename="le-guide-ete-2027.pdf"; '
            "filename*=UTF-8''Le%20guide%20%C3%A9t%C3%A9%20..%202027.pdf"
        )
        assert got.headers["Content-Security-Policy"] == INERT
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        tag = got.headers["ETag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    with client.get(address, headers={"Range": "bytes=0-7"}) as part:
        assert (part.status_code, part.data) == (206, b"%PDF-1.7")
    feed = client.get("/news.rss").text
    assert f'url="https://agency.example{address}"' in feed


def test_files_come_with_the_form_and_stay_although_the_rest_is_refused(
    db: Database, editor_client: Browser
) -> None:
    answer = send(editor_client, NEW, photo=file(image(), "a.png"),
                  upload=[file(pdf(), "a.pdf"), file(office("xlsx"), "b.xlsx")])  # fmt: skip
    assert answer.status_code == 422
    assert shown(answer).getlist("files") == ["1", "2"]
    answer = send(editor_client, NEW, answer, texts__en__title="Heat", photo_credit="Staff",
                  photo_decorative="y")  # fmt: skip
    assert answer.status_code == 303
    with db.read() as session:
        entry = session.get_one(Entry, 1)
        assert [row.document_id for row in entry.attachments] == [1, 2]
        assert entry.photo.decorative
        assert entry.photo.credit == "Staff"
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
    crowd = [file(b"x", "x.png") for _ in range(1_100)]
    assert send(editor_client, "/admin/media/", pictures=crowd).status_code == 413
    body = bytes(settings.upload_limit + 2_000_000)
    kind = "multipart/form-data; boundary=x"
    assert client.post("/admin/media/", data=body, content_type=kind).status_code == 413
    files = [str(number) for number in range(1, 22)]
    answer = send(editor_client, NEW, texts__en__title="Heat", files=files)
    assert "not here any more" in problems(answer)["files"]


NAMES = (
    "../feedsvc.toml", "%2e%2e/feedsvc.toml", "..%5cfeedsvc.toml", "x.svg", "x.html", "none.webp",
    "00.webp%00.png", "con.webp", "a" * 5_000 + ".webp", "-card-.webp", ".webp",
)  # fmt: skip


def test_no_name_leads_out_of_the_library(
    db: Database, client: Browser, editor_client: Browser, settings: Settings
) -> None:
    settings.media_path.mkdir()
    (settings.instance_path / "feedsvc.toml").write_text("secret")
    for bad in ("x.svg", "x.html", "con.webp"):
        (settings.media_path / bad).write_text("<svg/>")
    for name in NAMES:
        for path in ("/media/", "/documents/", "/admin/media/files/"):
            assert editor_client.get(path + name).status_code in (400, 404), path
            assert client.get(path + name).status_code in (303, 400, 404), path


def test_a_file_that_is_no_copy_of_its_photo_is_not_given_away(
    db: Database, editor_client: Browser, client: Browser, settings: Settings, now: dt.datetime
) -> None:
    send(editor_client, "/admin/media/", pictures=file(image(), "a.png"))
    stem = photo(db).name[:32]
    text = {"en": TextEdit(title="Heat", photo_alt="x")}
    with db.begin() as session:
        make_news(session, photo_id=1, photo_credit="x", texts=text)
    (settings.media_path / f"{stem}.html").write_text("<script>alert(1)</script>")
    (settings.media_path / f"{stem}.pdf").write_bytes(pdf())
    for name in (f"{stem}.html", f"{stem}.pdf", f"{stem}-other.webp", f"{stem}-480.webp.part"):
        assert client.get(f"/media/{name}").status_code == 404


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
