"""What readers get of pictures and documents, and when; and what no name leads to."""

from __future__ import annotations

import datetime as dt
import re

from lxml import html

from feedsvc.content import publication
from feedsvc.content.edits import TextEdit
from feedsvc.db import Database
from feedsvc.settings import Settings
from tests.builders import ANA, make_news
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.support.uploads import image, pdf
from tests.web.admin_forms import send
from tests.web.library import NEW, described, document, file, photo

INERT = "default-src 'none'; sandbox"


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
    assert "-card-25x74-" in card
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
