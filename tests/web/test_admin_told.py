"""Who was told what about a call, as an editor sees it; and what a person can do about one mail."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.auth.models import Account
from feedsvc.auth.rules import Actor
from feedsvc.calls.models import Call
from feedsvc.content import history
from feedsvc.db import Database
from feedsvc.mail import outbox, queries, texts
from feedsvc.mail.models import MailRelay, OutboxMail
from feedsvc.reminders import counting, numbers
from feedsvc.reminders import told as told_table
from feedsvc.reminders.models import Item, Occasion, ToldTally
from feedsvc.settings import Settings
from feedsvc.subscriptions.models import Suppression
from feedsvc.subscriptions.queries import suppression_key
from tests.builders import make_call
from tests.integration.test_outbox import put
from tests.support.client import Browser
from tests.support.readers import follow, utc


def told(
    session: Session, call: Call, settings: Settings, *, name: str, state: str, reason: str
) -> int:
    """A reader, and a reminder of 7 days for them whose mail has come to that state."""
    [date] = call.key_dates
    reader = follow(session, settings, email=f"{name}@example.org")
    at = utc("2026-04-23 06:00")
    slot = outbox.Slot(recipient_key=reader.uid, kind="reminder", slot_key="7")
    mail_id = put(session, settings, at, slot, to=reader.email)
    assert mail_id is not None
    mail = session.get_one(OutboxMail, mail_id)
    mail.state, mail.reason, mail.attempts = state, reason, 1
    mail.settled_at = None if state == "queued" else at + dt.timedelta(seconds=5)
    session.add(
        Item(
            occasion_id=_occasion(session, call).id, subscriber_id=reader.id,
            subscription_id=reader.subscriptions[0].id, key_date_id=date.id,
            deadline_at=date.utc_at, days=7, state="mailed", mail_id=mail_id, planned_at=at,
        )
    )  # fmt: skip
    session.flush()
    return mail_id


def _occasion(session: Session, call: Call) -> Occasion:
    [date] = call.key_dates
    found = session.scalar(select(Occasion)) or Occasion(
        key_date_id=date.id, call_id=call.id, deadline_at=date.utc_at, days=7,
        zone="Europe/Luxembourg", hour=8, due_at=utc("2026-04-23 06:00"),
        followed_by=utc("2026-04-23 06:00"), known_at=utc("2026-03-02 09:00"), state="done",
    )  # fmt: skip
    session.add(found)
    session.flush()
    return found


@pytest.fixture
def mails(db: Database, settings: Settings) -> dict[str, int]:
    with db.begin() as session:
        call = make_call(session)
        return {
            state: told(session, call, settings, name=name, state=state, reason=reason)
            for name, state, reason in (
                ("ana", "accepted", "250 2.0.0 taken"),
                ("ben", "failed", "550 5.1.1 <b>no such user ben@example.org</b>"),
                ("kim", "queued", "450 4.2.0 greylisted"),
            )
        }


@pytest.fixture
def administrator(app: Flask, db: Database, editor: Actor, editor_client: Browser) -> Browser:
    with db.begin() as session:
        session.get_one(Account, editor.id).role = "administrator"
    return editor_client


def test_the_page_of_a_call_says_who_was_told_and_when(
    editor_client: Browser, mails: dict[str, int]
) -> None:
    assert "/admin/calls/1/told" in editor_client.get("/admin/calls/1").text
    answer = editor_client.get("/admin/calls/1/told").text
    assert _figures(answer) == [3, 1, 1, 1, 1]  # follow, told, accepted, wait, did not leave
    page = html.fromstring(answer)
    text = " ".join(page.text_content().split())
    assert "23 April 2026, 08:00" in text
    assert "the slowest 5 seconds after its planned second" in text
    assert "1 failed: 550 5.1.1 <b>no such user …</b>" in text
    assert "a…@example.org" in text
    assert "ana@example.org" not in text


def test_rows_are_found_by_state_kind_and_place(
    editor_client: Browser, mails: dict[str, int]
) -> None:
    for query, found in (
        ("", 3), ("state=failed", 1), ("state=waiting", 1), ("state=void", 0),
        ("kind=deadline", 3), ("kind=digest", 0), ("state=none-such&kind=nor-this", 3),
        ("after=1.7.20260430T150000Z.7.0.1", 0), ("after=nonsense", 3), ("after=1.1.x", 3),
    ):  # fmt: skip
        page = html.fromstring(editor_client.get(f"/admin/calls/1/told?{query}").text)
        rows = page.xpath("//section[@aria-labelledby='rows']//tbody/tr")
        assert len(rows) == found, query


def test_a_page_goes_on_behind_a_reader(
    db: Database, editor_client: Browser, mails: dict[str, int]
) -> None:
    with db.read() as session:
        [first, *_] = session.scalars(select(Item).order_by(Item.subscriber_id))
        key = numbers.key(told_table.REMINDER, first.key_date_id, first.deadline_at, first.days)
    text = editor_client.get(f"/admin/calls/1/told?after={key}.0.{first.subscriber_id}").text
    assert "a…@example.org" not in text
    assert "b…@example.org" in text
    assert "k…@example.org" in text


def test_the_numbers_of_a_large_call_say_when_they_were_counted(
    db: Database, editor_client: Browser, mails: dict[str, int], now: dt.datetime
) -> None:
    address = "/admin/calls/1/told"
    assert "Count anew" not in editor_client.get(address).text
    counting.keep(db, 1, now, large=2)
    with db.begin() as session:
        session.get_one(OutboxMail, mails["queued"]).state = "accepted"
    page = editor_client.get(address).text
    assert "The numbers are of 2 March 2026, 10:00" in page
    assert _figures(page) == [3, 1, 1, 1, 1]
    editor_client.submit(f"{address}/count", {}, page=address)
    page = editor_client.get(address).text
    assert "Counted anew." in page
    assert _figures(page) == [3, 2, 2, 0, 1]


def _figures(page: str) -> list[int]:
    return [int(n) for n in html.fromstring(page).xpath("//main/dl[@class='figures']//dd/text()")]


def test_a_call_of_which_nothing_was_planned_says_so(db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        make_call(session)
    assert "Nothing was planned yet." in editor_client.get("/admin/calls/1/told").text


def test_the_table_has_addresses_for_administrators_who_ask(
    administrator: Browser, mails: dict[str, int], db: Database, editor: Actor
) -> None:
    plain = administrator.get("/admin/calls/1/told.csv")
    assert plain.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in plain.headers["Content-Disposition"]
    assert "@example.org" not in plain.text
    assert plain.text.count("\r\n") == 4
    full = administrator.get("/admin/calls/1/told.csv?addresses=1").text
    assert "ana@example.org" in full
    with db.begin() as session:
        session.get_one(Account, editor.id).role = "editor"
    assert administrator.get("/admin/calls/1/told.csv?addresses=1").status_code == 403
    assert administrator.get("/admin/calls/1/told.csv").status_code == 200


def test_a_failed_mail_is_tried_again_and_it_is_kept_who_wanted_that(
    db: Database, editor_client: Browser, mails: dict[str, int]
) -> None:
    address = f"/admin/outbox/{mails['failed']}"
    assert "Try again" in editor_client.get(address).text
    answer = editor_client.submit(f"{address}/retry", {}, page=address)
    assert answer.headers["Location"] == address
    page = editor_client.get(address).text
    assert "It is tried again within seconds." in page
    assert "Ana Editor had it tried again." in page
    assert "Try again" not in page
    with db.read() as session:
        assert session.get_one(OutboxMail, mails["failed"]).state == "queued"
        assert history.recent(session)[0].act == "retried"
    assert "tried again" in editor_client.get("/admin/").text
    assert editor_client.submit(f"{address}/retry", {}, page=address).status_code == 409


def test_a_deferred_mail_can_be_tried_now(
    db: Database, editor_client: Browser, mails: dict[str, int], now: dt.datetime
) -> None:
    address = f"/admin/outbox/{mails['queued']}"
    answer = editor_client.submit(f"{address}/hasten", {}, page=address)
    assert answer.status_code == 303
    with db.read() as session:
        assert session.get_one(OutboxMail, mails["queued"]).send_after == now


def test_a_blocked_address_is_not_tried_again_in_vain(
    db: Database,
    settings: Settings,
    editor_client: Browser,
    mails: dict[str, int],
    now: dt.datetime,
) -> None:
    with db.begin() as session:
        key = suppression_key("ben@example.org", settings)
        session.add(Suppression(address=key, reason="hard_bounce", since=now))
    page = editor_client.get(f"/admin/outbox/{mails['failed']}").text
    assert "This address gets no mail any more" in page
    assert "Try again" not in page


def test_the_outbox_finds_by_kind_reader_and_reply(
    db: Database, editor_client: Browser, mails: dict[str, int]
) -> None:
    with db.read() as session:
        reader = session.get_one(OutboxMail, mails["failed"]).recipient_key
    for query, found in (("kind=reminder", 3), ("kind=digest", 0), ("reply=5.1.1", 1),
                         (f"reader={reader}&kind=reminder", 1), (f"reader={reader}", 2)):  # fmt: skip
        page = html.fromstring(editor_client.get(f"/admin/outbox/?{query}").text)
        assert len(page.xpath("//tbody/tr")) == found, query
    assert "Mails to one reader: ben@example.org" in editor_client.get(
        f"/admin/outbox/?reader={reader}"
    ).text  # fmt: skip


def test_the_source_is_what_goes_to_the_mail_server(
    db: Database, editor_client: Browser, mails: dict[str, int]
) -> None:
    answer = editor_client.get(f"/admin/outbox/{mails['accepted']}/source.eml")
    with db.read() as session:
        mail = queries.get(session, mails["accepted"])
        assert mail is not None
        assert answer.data == texts.whole(session, mail).encode("ascii")
    assert answer.headers["Content-Type"] == "message/rfc822"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_blanked_mail_says_that_its_reader_was_forgotten(
    db: Database, editor_client: Browser, mails: dict[str, int], now: dt.datetime
) -> None:
    with db.begin() as session:
        key = session.get_one(OutboxMail, mails["failed"]).recipient_key
        outbox.forget(session, key, reason="the reader asked to be forgotten", now=now)
    page = editor_client.get(f"/admin/outbox/{mails['failed']}").text
    assert "address and text are not kept any more" in page
    assert "Try again" not in page
    assert "iframe" not in page
    for part in ("html", "source.eml"):
        assert editor_client.get(f"/admin/outbox/{mails['failed']}/{part}").status_code == 410


def test_the_overview_says_how_sending_fares(
    db: Database, editor_client: Browser, mails: dict[str, int], now: dt.datetime
) -> None:
    page = " ".join(html.fromstring(editor_client.get("/admin/").text).text_content().split())
    for words in ("4 mails wait", "none is late", "no scheduler has run yet"):
        assert words in page
    with db.begin() as session:
        session.get_one(OutboxMail, mails["queued"]).send_after = now - dt.timedelta(hours=1)
        session.add(
            MailRelay(
                scope="relay:587", state="open", until=now + dt.timedelta(minutes=5),
                why="cannot connect to relay:587",
            )
        )  # fmt: skip
    page = editor_client.get("/admin/outbox/").text
    assert "Mail server " not in page, "none is set: mails are kept"
    assert "late since 2 March 2026, 09:00 (Luxembourg time)" in page
    assert (
        "no mail leaves until 2 March 2026, 10:05 (Luxembourg time): cannot connect to relay:587"
        in page
    )


def test_the_outbox_says_how_the_mail_server_fares(
    app: Flask, db: Database, settings: Settings, editor_client: Browser, now: dt.datetime
) -> None:
    app.extensions["feedsvc"] = replace(
        app.extensions["feedsvc"],
        settings=replace(settings, mail_url="smtp://relay.example", mail_rate=5, mail_burst=100),
    )
    row = MailRelay(
        scope="relay.example:587", state="closed", tokens=10.0, faults=0,
        refilled_at=now - dt.timedelta(seconds=4),
    )  # fmt: skip
    for state, until, words in (
        ("closed", None, "mails go through"),
        (
            "open",
            5,
            "not used until 2 March 2026, 10:05 (Luxembourg time), after 2 faults in a row",
        ),
        ("open", -1, "one mail is tried"),
        ("half_open", 2, "one mail is tried"),
    ):
        with db.begin() as session:
            row.state, row.faults = state, 2
            row.until = None if until is None else now + dt.timedelta(minutes=until)
            session.merge(row)
        page = html.fromstring(editor_client.get("/admin/outbox/").text)
        [_, server] = page.xpath("//main//p[starts-with(@class, 'health')]")
        said = " ".join(server.text_content().split())
        assert words in said
        assert "30 mails may leave at once now, of 100 at most; from then on 5 a second" in said


def test_numbers_are_left_when_the_names_are_gone(
    db: Database, editor_client: Browser, mails: dict[str, int]
) -> None:
    assert "Before, in numbers" not in editor_client.get("/admin/calls/1/told").text
    with db.begin() as session:
        session.add(ToldTally(call_id=1, kind="reminder", word="accepted", number=1234))
    page = html.fromstring(editor_client.get("/admin/calls/1/told").text)
    cells = page.xpath("//section[@aria-labelledby='past']//tbody//td")
    assert [cell.text_content() for cell in cells] == ["Reminder", "accepted", "1,234"]
