"""Every link that a mail or a page of one's own holds: opened as often as scanners like, it changes
nothing; the button behind it does, and may be pressed twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select

from feedsvc.content.workdays import Ahead
from feedsvc.db import Base, Database
from feedsvc.errors import TooMany
from feedsvc.settings import Settings
from feedsvc.subscriptions import changes, clients, links, private_feeds, queries, silence
from feedsvc.subscriptions.changes import Wish
from feedsvc.subscriptions.models import CallMute, ConsentEvent
from tests.builders import BEGINNING, make_call
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.support.readers import READER, follow

OPENED = 10


@dataclass(frozen=True)
class Site:
    """A reader who follows a call, and waits for a second one to be confirmed."""

    settings: Settings
    reader: str
    call: str
    subscription: str
    feed: str

    @property
    def manage(self) -> str:
        return f"/manage/{links.manage_token(self.settings, self.reader)}"

    @property
    def mute(self) -> str:
        return f"/mute/{links.mute_token(self.settings, self.reader, self.call)}"

    @property
    def unsubscribe(self) -> str:
        return f"/unsubscribe/{links.unsubscribe_token(self.settings, self.reader)}"

    @property
    def one(self) -> str:
        token = links.unsubscribe_token(self.settings, self.reader, self.subscription)
        return f"/unsubscribe/{token}"

    @property
    def confirm(self) -> str:
        return f"/confirm/{links.confirm_token(self.settings, self.reader, now=BEGINNING)}"

    @property
    def renew(self) -> str:
        return f"/renew/{links.renew_token(self.settings, self.reader, now=BEGINNING)}"


LINKS: dict[str, Callable[[Site], str]] = {
    "confirm": lambda site: site.confirm,
    "manage": lambda site: site.manage,
    "export": lambda site: f"{site.manage}/export.json",
    "unsubscribe": lambda site: site.unsubscribe,
    "unsubscribe one": lambda site: site.one,
    "mute": lambda site: site.mute,
    "renew": lambda site: site.renew,
    "own feed": lambda site: f"/own/{site.feed}/feed.atom",
    "own calendar": lambda site: f"/own/{site.feed}/calendar.ics",
    "data": lambda _site: "/privacy/data",
    "data in French": lambda _site: "/fr/privacy/data",
}


@pytest.fixture
def site(db: Database, settings: Settings) -> Site:
    with db.begin() as session:
        call = make_call(session)
        reader = follow(session, settings, entry_id=call.id)
        secret = private_feeds.begin(session, reader, "form", settings=settings, now=BEGINNING)
        assert secret is not None
        wish = Wish(email=READER, offsets=(7,), language="en", page="/", entry_id=call.id)
        changes.request_subscription(session, wish, settings=settings, now=BEGINNING)
        one = reader.subscriptions[0].uid
        return Site(settings, reader.uid, call.uid, one, secret)


def everything(db: Database) -> list[object]:
    """Every row of every table about readers and mail."""
    names = ("subscri", "consent", "mute", "private", "suppression", "outbox", "reminder")
    tables = [table for table in Base.metadata.sorted_tables if table.name.startswith(names)]
    tables += [table for table in Base.metadata.sorted_tables if table.name == "call_mute"]
    with db.read() as session:
        return [session.execute(select(table)).all() for table in tables]


def test_opening_any_link_ten_times_changes_nothing(
    client: Browser, db: Database, site: Site
) -> None:
    before = everything(db)
    for name, link in LINKS.items():
        for _ in range(OPENED):
            assert client.get(link(site)).status_code == 200, name
            assert client.head(link(site)).status_code == 200, name
    assert everything(db) == before


def test_one_click_ends_all_without_cookie_origin_or_redirect_and_again(
    client: Browser, db: Database, site: Site
) -> None:
    for _ in range(2):
        answer = client.post(
            site.unsubscribe,
            data={"List-Unsubscribe": "One-Click"},
            headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://mail.example"},
        )
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    with db.read() as session:
        reader = queries.by_address(session, READER)
        assert reader is not None
        assert reader.subscriptions == []
        acts = session.scalars(select(ConsentEvent.act).order_by(ConsentEvent.id)).all()
    assert acts.count("unsubscribed") == 1


def test_what_a_forwarded_mail_ended_can_be_begun_again_as_it_was(
    client: Browser, db: Database, site: Site
) -> None:
    page = client.post(site.one).text
    assert "r…@example.org" in page
    assert READER not in page
    assert "Undo" in client.get(site.one).text
    assert "Your reminders go on" in client.post(site.one, data={"act": "undo"}).text
    with db.read() as session:
        reader = queries.by_address(session, READER)
        assert reader is not None
        (row,) = reader.subscriptions
        assert (row.uid, row.confirmed_at) == (site.subscription, BEGINNING)
        assert [offset.days for offset in row.offsets] == [7, 1]


def test_undo_is_offered_for_seven_days(client: Browser, site: Site, clock: FixedClock) -> None:
    client.post(site.one)
    clock.advance(days=7)
    assert "Undo" not in client.get(site.one).text
    assert "have ended" in client.post(site.one, data={"act": "undo"}).text


def test_a_call_is_muted_by_its_button_and_heard_of_again_by_undo(
    client: Browser, db: Database, site: Site
) -> None:
    for _ in range(2):
        assert "You will hear no more of this call" in client.post(site.mute).text
    with db.read() as session:
        assert len(session.scalars(select(CallMute)).all()) == 1
    assert "Reuse of process heat" in client.get(site.manage).text.partition("hear nothing of")[2]
    assert "You will hear of this call again" in client.post(site.mute, data={"act": "undo"}).text
    with db.read() as session:
        assert session.scalars(select(CallMute)).all() == []


def test_the_button_of_the_yearly_question_is_a_sign_of_life(
    client: Browser, db: Database, site: Site, clock: FixedClock
) -> None:
    clock.advance(days=2)
    assert "Thank you." in client.post(site.renew).text
    with db.read() as session:
        reader = queries.by_address(session, READER)
        assert reader is not None
        assert reader.active_at == clock()


def test_the_export_holds_all_that_is_kept(client: Browser, db: Database, site: Site) -> None:
    client.post(site.mute)
    answer = client.get(f"{site.manage}/export.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    found = json.loads(answer.data)
    assert found["profile"]["email"] == READER
    assert [row["what"] for row in found["subscriptions"]] == ["Reuse of process heat"]
    assert [event["act"] for event in found["consent"]] == [
        "requested", "confirmed", "feed_begun", "requested", "muted",
    ]  # fmt: skip
    assert found["muted_calls"] == [site.call]
    assert {mail["kind"] for mail in found["mails"]} == {"confirmation"}
    assert "Please confirm" in found["mails"][0]["text"]


def test_zone_hour_pause_and_digest_are_kept_and_shown(
    client: Browser, db: Database, settings: Settings
) -> None:
    with db.begin() as session:
        reader = follow(session, settings)
        path = f"/manage/{links.manage_token(settings, reader.uid)}"
        uid = reader.subscriptions[0].uid
    form = {
        "act": "save", "subscription": uid, f"digest-{uid}": "weekly", "zone": "Asia/Tokyo",
        "hour": "17", "language": "de", "workdays": "5", "holidays": "DE-SL",
    }  # fmt: skip
    assert client.post(path, data=form).status_code == 303
    assert client.post(path, data={"act": "pause", "pause": "2026-04-01"}).status_code == 303
    page = client.get(path).text
    assert "Paused: no mail comes before Wednesday 1 April 2026." in page
    assert '<output for="zone">18:00</output>' in page
    with db.read() as session:
        row = queries.by_address(session, READER)
        assert row is not None
        assert (row.zone, row.hour, row.language) == ("Asia/Tokyo", 17, "de")
        assert row.ahead == Ahead(5, "DE-SL")
        assert (row.subscriptions[0].digest, row.subscriptions[0].offsets) == ("weekly", [])
        assert row.paused_until is not None
    assert client.post(path, data={"act": "resume"}).status_code == 303
    assert "Paused" not in client.get(path).text
    client.post(path, data={"act": "save", "workdays": "", "holidays": "DE-SL"})
    with db.read() as session:
        row = queries.by_address(session, READER)
        assert row is not None
        assert row.ahead is None


def test_an_error_of_the_page_keeps_what_was_typed(
    client: Browser, db: Database, settings: Settings
) -> None:
    with db.begin() as session:
        reader = follow(session, settings)
        path = f"/manage/{links.manage_token(settings, reader.uid)}"
        uid = reader.subscriptions[0].uid
    answer = client.post(
        path, data={"act": "save", "subscription": uid, "zone": "Asia/Tokyo", "hour": "17"}
    )
    assert answer.status_code == 422
    assert 'value="Asia/Tokyo" selected' in answer.text
    assert '<option value="17" selected>' in answer.text
    answer = client.post(path, data={"act": "save", "workdays": "61", "holidays": "LU"})
    assert answer.status_code == 422
    assert answer.text.count("Enter a number of working days up to 60") == 2
    assert 'value="61"' in answer.text
    for typed, sentence in (("soon", "Enter a day"), ("2026-01-01", "must be in the future")):
        answer = client.post(path, data={"act": "pause", "pause": typed})
        assert answer.status_code == 422
        assert answer.text.count(sentence) == 2
        assert f'value="{typed}"' in answer.text


def test_who_objects_is_forgotten_and_asking_again_looks_as_ever(
    client: Browser, db: Database, site: Site
) -> None:
    assert "whoever asks" in client.post(site.manage, data={"act": "object"}).text
    form = {"email": READER, "offsets": ["7"]}
    again = client.post("/subscribe", data=form)
    other = client.post("/subscribe", data={**form, "email": "other@example.org"})
    assert (again.status_code, again.headers["Location"]) == (303, other.headers["Location"])
    with db.read() as session:
        assert queries.by_address(session, READER) is None
        assert queries.by_address(session, "other@example.org") is not None


def test_one_place_cannot_ask_for_ever(db: Database, settings: Settings) -> None:
    few = replace(settings, subscribe_limit=2)
    with db.begin() as session:
        for _ in range(2):
            clients.count(session, "192.0.2.1", settings=few, now=BEGINNING)
        clients.count(session, "192.0.2.2", settings=few, now=BEGINNING)
        with pytest.raises(TooMany) as refusal:
            clients.count(session, "192.0.2.1", settings=few, now=BEGINNING)
        assert refusal.value.retry_after == 15 * 3600


def test_mutes_are_told_of_one_reader_only(db: Database, settings: Settings) -> None:
    with db.begin() as session:
        call = make_call(session)
        reader = follow(session, settings)
        other = follow(session, settings, email="other@example.org")
        silence.mute(session, reader, call.id, settings=settings, now=BEGINNING)
        assert silence.is_muted(session, reader, call.id)
        assert not silence.is_muted(session, other, call.id)
