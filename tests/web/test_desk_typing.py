"""Nothing typed is lost: it is kept for its owner, offered again, and two editors see both versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from flask import Flask

from feedsvc import worker
from feedsvc.auth.rules import AUTHOR, EDITOR
from feedsvc.calls.models import Call
from feedsvc.content.desk import slots
from feedsvc.content.desk.models import Presence, Slot
from feedsvc.content.models import Entry
from feedsvc.db import Database
from feedsvc.settings import Settings
from tests.builders import make_call, make_news
from tests.support import team
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.support.databases import Backends
from tests.web.admin_forms import send, shown, value

PLACE, NEW = "/admin/news/1", "/admin/news/new"


@pytest.fixture
def database_url(_backends: Backends) -> Iterator[str]:
    """SQLite is enough: one slot, one row."""
    yield from _backends["sqlite"].fresh()


@pytest.fixture
def ben(app: Flask, db: Database, now: datetime) -> Browser:
    return team.browser(app, db, team.join(db, "Ben", EDITOR, now=now), now=now)


@pytest.fixture
def heat(db: Database) -> None:
    with db.begin() as session:
        make_news(session, "Heat", publish_at=None)


def keep(browser: Browser, page: str, **typed: str) -> str:
    """What the script sends some seconds after a change; what it shows then."""
    fields = shown(browser.get(page))
    for name, text in typed.items():
        fields[name.replace("__", "-")] = text
    answer = browser.post(f"{page}/keep", data=fields)
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["words"])


def test_what_was_typed_is_offered_to_its_owner_until_it_is_saved(
    db: Database, editor_client: Browser, ben: Browser, heat: None
) -> None:
    words = keep(editor_client, PLACE, texts__en__title="Heat, half")
    assert words == "Not saved yet; kept for you at 10:00"
    keep(editor_client, PLACE, texts__en__title="Heat, half written")
    page = editor_client.get(PLACE)
    assert "You have changes of" in page.text
    assert "data-keep" not in page.text  # what waits must not be typed over
    assert value(page, "texts-en-title") == "Heat"
    assert "half written" not in ben.get(PLACE).text
    assert "half written" not in ben.get(f"{PLACE}?unsaved=1").text
    page = editor_client.get(f"{PLACE}?unsaved=1")
    assert value(page, "texts-en-title") == "Heat, half written"
    assert "data-keep" in page.text
    assert send(editor_client, PLACE, page).status_code == 303
    with db.read() as session:
        assert session.get_one(Entry, 1).translations[0].title == "Heat, half written"
        assert session.query(Slot).count() == 0


def test_a_new_entry_is_kept_as_well_and_thrown_away_when_asked(
    db: Database, editor_client: Browser
) -> None:
    keep(editor_client, NEW, texts__en__title="An idea")
    page = editor_client.get(f"{NEW}?unsaved=1")
    assert value(page, "texts-en-title") == "An idea"
    assert editor_client.submit(f"{NEW}/drop", {}, page=NEW).status_code == 303
    assert "You have changes" not in editor_client.get(NEW).text
    with db.read() as session:
        assert session.get(Entry, 1) is None


def test_what_is_kept_is_bounded_and_forgotten_after_a_month(
    db: Database, settings: Settings, editor_client: Browser, heat: None, now: datetime
) -> None:
    fields = shown(editor_client.get(PLACE))
    fields["texts-en-body"] = "x" * slots.MOST_CHARACTERS
    answer = editor_client.post(f"{PLACE}/keep", data=fields)
    assert answer.status_code == 413
    keep(editor_client, PLACE, texts__en__title="Heat, half")
    worker.housekeep(db, settings, now + slots.KEPT_FOR / 2)
    with db.read() as session:
        assert session.query(Slot).count() == 1
    worker.housekeep(db, settings, now + slots.KEPT_FOR)
    with db.read() as session:
        assert session.query(Slot).count() == session.query(Presence).count() == 0


def test_nothing_is_kept_without_the_token_or_for_who_may_not_edit(
    app: Flask, db: Database, editor_client: Browser, heat: None, now: datetime
) -> None:
    assert editor_client.post(f"{PLACE}/keep", data={"texts-en-title": "x"}).status_code == 400
    zoe = team.browser(app, db, team.join(db, "Zoe", AUTHOR, now=now), now=now)
    token = shown(zoe.get(NEW))["csrf_token"]
    for act in ("keep", "here", "drop"):
        assert zoe.post(f"{PLACE}/{act}", data={"csrf_token": token}).status_code == 404
    with db.read() as session:
        assert session.query(Slot).count() == 0


def test_editors_of_the_same_entry_know_of_each_other_for_a_minute(
    editor_client: Browser, ben: Browser, heat: None, clock: FixedClock
) -> None:
    token = {"csrf_token": shown(editor_client.get(PLACE))["csrf_token"]}
    assert editor_client.post(f"{PLACE}/here", data=token).get_json() == {"others": ""}
    page = ben.get(PLACE)
    assert "Ana Editor is editing this as well." in page.text
    told = ben.post(f"{PLACE}/here", data={"csrf_token": shown(page)["csrf_token"]})
    assert told.get_json() == {"others": "Ana Editor is editing this as well."}
    clock.advance(seconds=60)
    assert "is editing this as well" not in ben.get(PLACE).text


def test_a_conflict_shows_both_versions_and_takes_the_fields_that_are_chosen(
    db: Database, editor_client: Browser, ben: Browser
) -> None:
    with db.begin() as session:
        make_call(session, "Heat", publish_at=None)
    place = "/admin/calls/1"
    mine, theirs = editor_client.get(place), ben.get(place)
    send(ben, place, theirs, texts__en__title="Heat, by Ben", award_max="100 000",
         reference="B-1", key_dates__0__date="2026-05-30")  # fmt: skip
    answer = send(editor_client, place, mine, texts__en__title="Heat, by Ana", award_max="200 000",
                  texts__en__summary="Only Ana wrote this.")  # fmt: skip
    assert answer.status_code == 409
    assert "Ben changed this entry while you were editing it." in answer.text
    taken = dict(re.findall(r'name="take\.([^"]+)" value="(\w+)" checked', answer.text))
    date = next(name for name in taken if name.startswith("key_dates."))
    assert taken == {
        "texts.en.title": "mine", "award_max": "mine", "reference": "theirs", date: "theirs",
    }  # fmt: skip
    choice = {f"take.{name}": side for name, side in taken.items()} | {"take.award_max": "theirs"}
    more = send(editor_client, place, answer, action="add:documents", **choice)
    assert 'value="theirs" checked' in more.text  # it is asked until it is saved
    answer = send(editor_client, place, more, **choice)
    assert answer.status_code == 303
    with db.read() as session:
        call = session.get_one(Call, 1)
        text = call.translations[0]
        assert (text.title, text.summary) == ("Heat, by Ana", "Only Ana wrote this.")
        assert (call.reference, call.award_max) == ("B-1", 100_000)
        assert call.key_dates[0].local_date.isoformat() == "2026-05-30"
