"""A site in which everybody wrote what harms, in every field that holds words; and all its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask
from jinja2 import BytecodeCache
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.app import create_app
from feedsvc.auth.access import changes as access
from feedsvc.auth.access.changes import TokenEdit
from feedsvc.auth.models import History
from feedsvc.auth.rules import ADMINISTRATOR, Actor
from feedsvc.calls import changes as call_changes
from feedsvc.calls.models import Call
from feedsvc.content import organisations, static_pages
from feedsvc.content.clusters import FormerNameEdit, NameEdit
from feedsvc.content.desk import reviews, views
from feedsvc.content.desk.asked import Asked
from feedsvc.content.edits import Quote, TextEdit
from feedsvc.content.media.documents import attach
from feedsvc.content.media.models import Document, Photo
from feedsvc.content.models import Entry
from feedsvc.content.static_pages import PageEdit, PageText
from feedsvc.db import Database
from feedsvc.settings import Settings
from feedsvc.subscriptions import links, private_feeds
from feedsvc.subscriptions.models import Suppression
from feedsvc.subscriptions.queries import suppression_key
from tests import builders
from tests.integration.test_outbox import put
from tests.support import team
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.support.readers import follow
from tests.support.uploads import image, pdf
from tests.web.admin_forms import send
from tests.web.library import file

# Out of an attribute, out of an element, out of a script's JSON, and as Markdown.
EVIL = "\"'></script><img src=//evil.example onerror=x()><svg onload=x()>[a](javascript:x())"
SECRET = "unseenword"  # in the title of what is no reader's to know
NOW = builders.BEGINNING
CALL, NEWS = 1, 3  # the numbers of what is public; the draft comes after it


def text(title: str = EVIL) -> TextEdit:
    return TextEdit(
        title=title, summary=EVIL, body=f"{EVIL}\n\n- [b](data:text/html,x) <{EVIL}>", photo_alt=EVIL,
        quotes=(Quote(EVIL, EVIL),), sections={"eligibility": EVIL, "how_to_apply": EVIL},
    )  # fmt: skip


@dataclass(frozen=True)
class Site:
    """The app, an administrator's browser and a reader's, and what addresses are made of.

    `known` holds the parts of an address by the name of its blueprint or endpoint.
    """

    app: Flask
    boss: Browser
    reader: Browser
    known: dict[str, dict[str, Any]]

    @property
    def db(self) -> Database:
        found: Database = self.app.extensions["feedsvc"].db
        return found

    def addresses(self, *, admin: bool) -> Iterator[tuple[str, str]]:
        """(endpoint, address) of all that can be looked at; of each kind of thing a sample.

        Left out are the other languages, which share the views, and the API for editors, which
        answers nobody without a token.
        """
        adapter = self.app.url_map.bind("agency.example")
        for address in ASKED_INSIDE if admin else ASKED:
            yield "asked", address.format(**self.known["asked"])
        for rule in self.app.url_map.iter_rules():
            if rule.rule.startswith(("/en/", "/fr/", "/de/", "/all/", "/api/editor")):
                continue
            if "GET" in (rule.methods or ()) and rule.rule.startswith("/admin") is admin:
                for values in self._samples(rule.endpoint, rule.rule):
                    wanted = {name: values[name] for name in rule.arguments}
                    yield rule.endpoint, adapter.build(rule.endpoint, wanted)

    def _samples(self, endpoint: str, rule: str) -> Iterator[dict[str, Any]]:
        where = endpoint.partition(".")[0]
        known = SAMPLES | self.known.get(where, {}) | self.known.get(endpoint, {})
        if "<int:entry_id>" not in rule:
            yield from (known | {"path": path} for path in _paths(rule))
            return
        for path in _paths(rule):
            first = NEWS if path == "news" or "/news/" in rule else CALL
            yield from (known | {"path": path, "entry_id": number} for number in (first, first + 1))


def _paths(rule: str) -> list[str]:
    """What an address may have in its place `<any(...):path>`."""
    found = re.search(r"<any\((.*?)\):path>", rule)
    return found[1].split(",") if found else [""]


SAMPLES: dict[str, Any] = {
    "part_id": 1, "mail_id": 1, "account_id": 1, "photo_id": 1, "document_id": 1, "number": 1,
    "slug": "evil", "extension": "json", "part": 1, "check": "database", "rest": "x",
    "colour": "123456", "seed": "ab", "name": "x.webp", "token": "a.b",
}  # fmt: skip


ASK = quote(EVIL)
ASKED = (
    f"/search?q={ASK}", f"/calls/?q={ASK}", f"/news/?q={ASK}", f"/fit?q={ASK}", f"/feeds/?q={ASK}",
    f"/subscribe?q={ASK}", f"/embed?q={ASK}", f"/calls/?cluster={ASK}", f"/{ASK}", f"/calls/{ASK}",
)  # fmt: skip
ASKED_INSIDE = (
    f"/admin/calls/?q={ASK}", f"/admin/jump?q={ASK}", f"/admin/outbox/?q={ASK}",
    f"/admin/sign-in?next={ASK}", f"/admin/log/?who={ASK}", f"/admin/media/?q={ASK}",
    f"/admin/documents/?q={ASK}", "/admin/jump?q=a", "/admin/calls/bulk?act=publish&id=1&id=2",
    "/admin/calls/bulk/delete?id=2", "/admin/calls/1/versions?old={old}&new={new}",
    *(f"/admin/calls/1/previews?way={way}" for way in ("feed", "mail", "calendar", "card")),
)  # fmt: skip


def built(url: str, folder: Path, compiled: BytecodeCache) -> Site:
    settings = Settings(
        instance_path=folder, database_url=url, base_url="https://agency.example",
        secret_key="known to every test",
    )  # fmt: skip
    app = create_app(settings, clock=FixedClock())
    app.jinja_env.bytecode_cache = compiled
    app.test_client_class = Browser
    db: Database = app.extensions["feedsvc"].db
    boss = team.join(db, "Boss", ADMINISTRATOR, now=NOW)
    browser, reader = team.browser(app, db, boss, now=NOW), app.test_client()
    with db.begin() as session:
        known = write(session, settings, replace(boss, name=EVIL, client=EVIL))
    send(browser, "/admin/media/", pictures=file(image(), "<svg onload=x()>.png"))
    send(browser, "/admin/media/1", alts__en__line=EVIL, credit=EVIL)
    send(browser, "/admin/documents/", papers=file(pdf(), "<svg onload=x()>.pdf"))
    with db.begin() as session:
        photo, paper = session.get_one(Photo, 1), session.get_one(Document, 1)
        session.get_one(Entry, NEWS + 1).photo = photo
        attach(session, session.get_one(Entry, CALL + 1), [paper.id])
        known["media"] = known["admin.media_file"] = {"name": photo.name}
        known["media.document"] = {"name": paper.name}
    return Site(app, browser, reader, known)


def write(session: Session, settings: Settings, boss: Actor) -> dict[str, dict[str, Any]]:
    """All but the files; and the parts of addresses that this has made."""
    builders.make_cluster(
        session, texts={"en": NameEdit(EVIL, EVIL, EVIL, EVIL)}, slug="evil",
        former_names=(FormerNameEdit(EVIL, 2001, 2002),),
    )  # fmt: skip
    builders.make_organisation(session, EVIL, slug="evil", url="https://evil.example/")
    programme = builders.make_programme(session, EVIL, slug="evil", owner="evil")
    edit = organisations.ProgrammeEdit(name=EVIL + "2", slug="evil", owner="evil")
    organisations.edit_programme(session, programme.id, edit, actor=boss, now=NOW)
    page = PageEdit(texts={"en": PageText("en", EVIL, EVIL)})
    static_pages.edit_page(session, 1, page, actor=boss, now=NOW)
    call = entries(session, boss)
    views.save(session, "call", EVIL[:60], Asked(q=EVIL), opens=False, shared=True, actor=boss)
    access.make(session, TokenEdit(name=EVIL[:60], scopes=("read",), days=9), actor=boss, now=NOW)
    put(session, settings, NOW, subject=EVIL, to="evil@example.org")
    reader = follow(session, settings, entry_id=call.id)
    digest = suppression_key("evil@example.org", settings)
    session.add(
        Suppression(address=digest, reason="hard_bounce", since=NOW, evidence=EVIL, mail_id=1)
    )
    [date] = call.key_dates
    acts = select(History.id).where(History.subject == "call", History.subject_id == call.id)
    versions = session.scalars(acts.order_by(History.id)).all()
    feed = private_feeds.begin(session, reader, "form", settings=settings, now=NOW)
    return {
        "managing": {"token": links.manage_token(settings, reader.uid)},
        "own": {"token": links.confirm_token(settings, reader.uid, now=NOW)},
        "own_feed": {"token": feed},
        "leaving": {"token": links.unsubscribe_token(settings, reader.uid)},
        "renewing": {"token": links.renew_token(settings, reader.uid, now=NOW)},
        "muting": {"token": links.mute_token(settings, reader.uid, call.uid)},
        "admin.lift": {"digest": digest}, "admin.call_move": {"uid": date.uid},
        "admin.revision": {"number": versions[0]},
        "asked": {"old": versions[0], "new": versions[-1]},
        "api": {"uid": call.uid},
    }  # fmt: skip


def entries(session: Session, boss: Actor) -> Call:
    """Of each kind one that is public, and then a draft."""
    facts: dict[str, Any] = {
        "reference": EVIL, "edition": EVIL[:60], "series": EVIL, "clusters": ("evil",),
        "contact_role": EVIL, "funders": ("evil",), "programme": "evil",
        "key_dates": (builders.deadline("2026-04-30", labels={"en": EVIL}),),
    }  # fmt: skip
    call = builders.make_call(session, texts={"en": replace(text(), slug="evil")}, **facts)
    [date] = call.key_dates
    later = builders.deadline("2026-05-29", uid=date.uid, labels={"en": EVIL})
    edit = builders.call_edit(
        texts={"en": replace(text(EVIL + "2"), slug="evil"), "fr": text()},
        **facts | {"key_dates": (later,), "reasons": {"en": EVIL}},
    )  # fmt: skip
    call_changes.edit_call(session, call.id, edit, actor=boss, now=NOW + timedelta(hours=1))
    hidden = {"en": text(SECRET + EVIL)}
    builders.make_call(session, texts=hidden, publish_at=None, **facts)
    builders.make_news(session, texts={"en": replace(text(), slug="evil")}, clusters=("evil",))
    draft = builders.make_news(session, texts=hidden, publish_at=None)
    reviews.submit(session, draft.id, comment=EVIL, actor=boss, now=NOW)
    return call
