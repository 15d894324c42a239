"""Settings that are decided in the admin hold at once, in pages, feeds, mails and other processes."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from lxml import etree, html
from PIL import Image
from sqlalchemy import select

from feedsvc.app import create_app
from feedsvc.auth.models import Account, History
from feedsvc.auth.rules import ADMINISTRATOR
from feedsvc.content.models import Cluster
from feedsvc.db import Database
from feedsvc.house import changes, queries, trial
from feedsvc.house.edits import Decided
from feedsvc.house.rules import applied
from feedsvc.i18n import language
from feedsvc.mail.rules import Outcome
from feedsvc.mail.transports import OutboxTransport, RelayDown
from feedsvc.settings import Settings
from feedsvc.worker import Job, Worker
from tests.builders import make_call, make_cluster
from tests.integration.test_demo_load import ANA
from tests.support import team
from tests.support.client import Browser
from tests.support.clock import FixedClock


@pytest.fixture
def boss(app: Flask, db: Database, clock: FixedClock) -> Browser:
    """An administrator's browser."""
    person = team.join(db, "Ada", ADMINISTRATOR, now=clock())
    return team.browser(app, db, person, now=clock())


def picture(form: str = "PNG", size: tuple[int, int] = (900, 300)) -> io.BytesIO:
    data = io.BytesIO()
    Image.new("RGBA", size, (200, 0, 0, 90)).convert("RGB" if form == "JPEG" else "RGBA").save(
        data, form
    )
    data.seek(0)
    return data


def test_a_name_holds_at_once_in_every_process_and_is_in_the_log(
    db: Database, boss: Browser, settings: Settings, clock: FixedClock
) -> None:
    with db.begin() as session:
        make_call(session)
    elsewhere = create_app(settings, clock=clock)
    other = elsewhere.test_client()
    base = {"base_url": "https://agency.example"}
    for address in ("/", "/fr/", "/calls.atom", "/fr/calls.rss", "/feeds.opml"):
        assert "Innovation Agency" in other.get(address, **base).text
    worker = Worker(db, settings, clock)

    answer = boss.submit(
        "/admin/settings/",
        {"site_name": " New  House ", "site_names-fr-text": "Maison", "languages": ["en", "fr"],
         "main": "en", "timezone": "Europe/Berlin"},
    )  # fmt: skip
    assert answer.status_code == 303
    clock.advance(seconds=1)
    for address, name in (("/", "New House"), ("/fr/", "Maison"), ("/calls.atom", "New House"),
                          ("/fr/calls.rss", "Maison"), ("/feeds.opml", "New House")):  # fmt: skip
        text = other.get(address, **base).text
        assert name in text, address
        assert "Innovation Agency" not in text, address
    assert other.get("/de/", **base).status_code == 404
    seen: list[Settings] = []
    worker.run(Job("look", timedelta(1), lambda _db, held, _now: seen.append(held)))
    assert (seen[0].site_name, seen[0].timezone) == ("New House", "Europe/Berlin")
    with db.read() as session:
        row = session.scalars(select(History).where(History.subject == changes.SUBJECT)).one()
        assert (row.actor_name, row.act) == ("Ada", "edited")
        assert row.changes["site_name"] == ["Innovation Agency", "New House"]
    assert "New House" in boss.get("/admin/log/").text
    elsewhere.extensions["feedsvc"].db.close()


def test_what_cannot_be_kept_is_shown_as_it_was_typed(boss: Browser) -> None:
    answer = boss.submit(
        "/admin/settings/mail",
        {"sender_name": "A, B", "mail_address": "nonsense", "reminder_offsets": "soon",
         "mail_footers-fr-text": "12, rue X"},
    )  # fmt: skip
    assert answer.status_code == 422
    page = html.fromstring(answer.text)
    assert page.xpath("//*[@id='problems']//a/@href") == ["#reminder_offsets"]
    assert page.xpath("//input[@id='reminder_offsets']/@value") == ["soon"]
    assert page.xpath("//textarea[@id='mail_footers-fr-text']")[0].text.strip() == "12, rue X"
    answer = boss.submit(
        "/admin/settings/mail", {"mail_address": "nonsense", "reminder_offsets": "7"}
    )
    assert "#mail_address" in answer.text


def test_a_form_that_waited_is_shown_before_it_is_written(db: Database, boss: Browser) -> None:
    """Also those of accounts and clusters: its button must not write what a stranger has sent."""
    with db.begin() as session:
        make_cluster(session, slug="wood")
    show = {"action": "find"}
    answer = boss.submit("/admin/settings/", {**show, "site_name": "Typed", "main": "en"})
    assert (answer.status_code, 'value="Typed"' in answer.text) == (200, True)
    answer = boss.submit("/admin/accounts/1", {**show, "name": "Typed", "role": "administrator"})
    assert (answer.status_code, 'value="Typed"' in answer.text) == (200, True)
    answer = boss.submit("/admin/clusters/1", {**show, "texts-en-name": "Typed"})
    assert (answer.status_code, 'value="Typed"' in answer.text) == (200, True)
    with db.read() as session:
        assert queries.decided(session) == Decided()
        assert session.get_one(Account, 1).name == "Ada"
        assert session.get_one(Cluster, 1).texts[0].name != "Typed"


def test_what_the_operator_has_set_is_shown_and_stays(
    app: Flask, db: Database, boss: Browser, settings: Settings
) -> None:
    runtime = app.extensions["feedsvc"]
    fixed = replace(settings, fixed=frozenset(("site_name", "languages")))
    app.extensions["feedsvc"] = replace(runtime, settings=fixed)
    page = html.fromstring(boss.get("/admin/settings/").text)
    assert page.xpath("//input[@id='site_name']") == []
    assert "Set by the operator" in page.text_content()
    answer = boss.submit(
        "/admin/settings/", {"site_name": "Theirs", "timezone": "Europe/Berlin", "main": "de"}
    )
    assert answer.status_code == 303
    with db.read() as session:
        assert queries.decided(session) == Decided(timezone="Europe/Berlin")


def test_a_logo_is_encoded_anew_and_an_svg_refused(boss: Browser, settings: Settings) -> None:
    def send(name: str, data: io.BytesIO) -> str:
        fields = {"accent": "#FFCC00", "logo": (data, name)}
        answer = boss.submit(
            "/admin/settings/look", fields, content_type="multipart/form-data",
            follow_redirects=True,
        )  # fmt: skip
        return str(answer.text)

    assert "An SVG can hold programs" in send("x.png", io.BytesIO(b"<?xml?> <SVG onload=alert(1)>"))
    assert "Choose a JPEG, PNG or WebP image" in send("x.png", io.BytesIO(b"GIF89a"))
    assert "Saved." in send("x.svg", picture())  # what counts is what it is
    [name] = [path.name for path in Path(settings.media_path).iterdir()]
    with Image.open(settings.media_path / name) as kept:
        assert (kept.format, kept.mode, kept.size) == ("WEBP", "RGBA", (480, 160))
    assert f'src="/media/{name}"' in boss.get("/").text
    assert "light-dark(#8" in boss.get("/theme.css").text  # a shade that can be read on paper
    assert "Saved." in boss.submit(
        "/admin/settings/look", {"accent": "#ffcc00", "logo_gone": "y"}, follow_redirects=True
    ).text  # fmt: skip
    assert name not in boss.get("/").text


def test_a_logo_goes_along_to_feeds_mails_and_shared_links(
    boss: Browser, db: Database, clock: FixedClock
) -> None:
    with db.begin() as session:
        make_call(session)
    clock.advance(minutes=1)
    stale = {path: boss.get(path) for path in FEEDS}
    card = boss.get("/calls/reuse-of-process-heat/card.png").data
    clock.advance(minutes=1)
    fields = {"accent": "#0b5d4e", "logo": (picture(), "x.png")}
    boss.submit("/admin/settings/look", fields, content_type="multipart/form-data")
    clock.advance(minutes=1)
    fresh = {path: boss.get(path) for path in FEEDS}
    for path in FEEDS:  # a reader that asks whether anything is new is told so
        for name in ("ETag", "Last-Modified"):
            assert fresh[path].headers[name] != stale[path].headers[name], (path, name)
    atom, rss, json_feed = (fresh[path] for path in FEEDS)
    wide = etree.fromstring(atom.data).findtext("{http://www.w3.org/2005/Atom}logo")
    square = json_feed.get_json()["icon"]
    image = etree.fromstring(rss.data).find("channel/image")
    assert [part.text for part in image] == [
        wide, "Innovation Agency – Calls for projects", "https://agency.example/calls/", "144", "48",
    ]  # fmt: skip
    for address, size in ((wide, (480, 160)), (square, (480, 480))):
        found = boss.get(address.removeprefix("https://agency.example"))
        assert (found.status_code, found.mimetype) == (200, "image/png")
        assert Image.open(io.BytesIO(found.data)).size == size
    page = html.fromstring(boss.get("/admin/calls/1/previews?way=mail").text)
    [shown] = html.fromstring(page.xpath("string(//iframe/@srcdoc)")).xpath("//img")
    assert (shown.get("src"), shown.get("alt"), shown.get("height")) == (wide, "", "40")
    assert shown.getparent().text_content().strip() == "Innovation Agency"
    assert boss.get("/calls/reuse-of-process-heat/card.png").data != card
    boss.submit("/admin/settings/look", {"accent": "#0b5d4e", "logo_gone": "y"})
    assert boss.get(wide.removeprefix("https://agency.example")).status_code == 404
    assert boss.get("/calls.rss").data == stale["/calls.rss"].data


FEEDS = ("/calls.atom", "/calls.rss", "/calls.json")


class Answering:
    """A mail server that gives one answer."""

    scope = "test"

    def __init__(self, answer: Outcome | RelayDown) -> None:
        self.answer, self.sent = answer, b""

    def open(self) -> None:
        if isinstance(self.answer, RelayDown):
            raise self.answer

    def send(self, address: str, content: bytes, mail_id: int = 0) -> Outcome:
        assert isinstance(self.answer, Outcome)
        self.sent = content
        return self.answer

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("answer", "words", "good"),
    [
        (Outcome("accepted", "250 ok", "."), trial.TAKEN, True),
        (Outcome("refused", "550 no such user", "RCPT"), trial.NOT_THIS_ADDRESS, False),
        (Outcome("refused", "554 spam", "."), trial.NOT_THIS_TEXT, False),
        (Outcome("deferred", "451 later", "RCPT"), trial.NOT_NOW, False),
        (Outcome("uncertain", "no answer", "."), trial.NOBODY_KNOWS, False),
        (RelayDown("535 password wrong"), trial.DOWN, False),
    ],
)
def test_the_answer_to_a_test_mail_is_said_by_its_stage(
    answer: Outcome | RelayDown, words: str, good: bool
) -> None:
    server, now = Answering(answer), FixedClock()()
    held = applied(Settings(secret_key="k"), Decided(mail_footers=(("fr", "12, rue X"),)))
    said = trial.send(
        server, team.account("Ana"), said=language("fr"), settings=held, now=now
    )  # fmt: skip
    assert (said.sentence, said.is_good) == (words, good)
    assert said.reply == (answer.reply if isinstance(answer, Outcome) else str(answer))
    assert b"12, rue X" in server.sent or isinstance(answer, RelayDown)


def test_without_a_mail_server_a_test_mail_says_so_and_is_limited(boss: Browser) -> None:
    said = trial.send(
        OutboxTransport(), team.account("Ana"), said=language("en"),
        settings=Settings(secret_key="k"), now=FixedClock()(),
    )  # fmt: skip
    assert said.sentence == trial.KEPT
    sent = [
        boss.submit("/admin/settings/mail/test", {}, page="/admin/settings/mail").status_code
        for _ in range(6)
    ]
    assert sent == [303] * 5 + [429]


def test_first_steps_are_facts_and_can_be_sent_away(
    db: Database, boss: Browser, now: object
) -> None:
    def left() -> list[str]:
        page = html.fromstring(boss.get("/admin/").text)
        return [
            str(words) for words in page.xpath("//*[contains(@class,'first-steps')]//li//a/text()")
        ]

    assert left() == [
        "Choose logo and colour", "Write the first call", "Send a test mail to yourself",
        "Subscribe to your own feed", "Invite an editor",
    ]  # fmt: skip
    with db.begin() as session:
        make_call(session)
        trial.record(
            session, trial.Said("", "", "250", is_good=True), actor=ANA, now=FixedClock()()
        )
    boss.get("/calls.atom", headers={"User-Agent": "NetNewsWire"})
    boss.application.extensions["feedsvc"].counted.write_down()
    team.join(db, "Eve", now=FixedClock()())
    assert left() == ["Choose logo and colour"]  # the address is one that others reach
    page = boss.get("/admin/insight/").text
    assert "NetNewsWire" in page
    boss.submit("/admin/first-steps/hide", {}, page="/admin/")
    assert left() == []


def test_a_search_in_vain_is_counted_without_being_written_at_once(
    db: Database, boss: Browser
) -> None:
    person = {"User-Agent": "Mozilla/5.0 Firefox/128"}
    counted = boss.application.extensions["feedsvc"].counted
    for words in ("unobtainium", "UNOBTAINIUM", "ana@agency.example"):
        boss.get(f"/search?q={words}", headers=person)
    assert "unobtainium" not in boss.get("/admin/insight/").text
    counted.write_down()
    text = boss.get("/admin/insight/").text
    assert "unobtainium" in text
    assert "agency.example" not in html.fromstring(text).xpath("//main")[0].text_content()
