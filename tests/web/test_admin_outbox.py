"""The outbox in the admin: every mail readable, none of them able to do anything there."""

from __future__ import annotations

import datetime as dt

import pytest

from feedsvc.db import Database
from feedsvc.mail import outbox
from feedsvc.mail.message import Message
from feedsvc.mail.outbox import Slot
from feedsvc.settings import Settings
from feedsvc.web.admin.mail import links
from tests.support.client import Browser


@pytest.fixture
def mail(db: Database, settings: Settings, now: dt.datetime) -> int:
    slot = Slot(recipient_key="r1", kind="confirmation", slot_key="s1")
    message = Message(
        message_id=outbox.message_id(settings, slot), date=now, sender=settings.mail_from,
        to="reader@company.example", subject="Confirm your reminders",
        text="Open this address:\n\nhttps://agency.example/confirm/abc-def\n\n<b>1 < 2</b>",
        html="<html><head></head><body><p>Hello</p><script>x()</script></body></html>",
        language="en", kind=slot.kind, host=settings.host, calendar=b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
    )  # fmt: skip
    with db.begin() as session:
        found = outbox.enqueue(session, slot, message, send_after=now, expires_at=None, now=now)
    assert found is not None
    return found


def test_the_outbox_lists_its_mails(editor_client: Browser, mail: int) -> None:
    page = editor_client.get("/admin/outbox/").text
    for words in ("Confirm your reminders", "reader@company.example", "waiting"):
        assert words in page


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=COMPANY", True), ("q=reminders", True), ("q=nobody", False), ("state=queued", True),
     ("state=failed", False), ("state=none-such", True), ("before=1", False)],
)  # fmt: skip
def test_mails_are_found_by_state_address_and_subject(
    editor_client: Browser, mail: int, query: str, found: bool
) -> None:
    page = editor_client.get(f"/admin/outbox/?{query}").text
    assert ("reader@company.example" in page) is found


def test_a_mail_is_shown_as_text_with_its_links_and_headers(
    editor_client: Browser, mail: int
) -> None:
    page = editor_client.get(f"/admin/outbox/{mail}").text
    assert '<a href="https://agency.example/confirm/abc-def"' in page
    assert "&lt;b&gt;1 &lt; 2&lt;/b&gt;" in page
    for words in ("Message-ID", "deadline.ics", "text/calendar"):
        assert words in page


def test_the_html_of_a_mail_can_do_nothing(editor_client: Browser, mail: int) -> None:
    answer = editor_client.get(f"/admin/outbox/{mail}/html")
    assert "<p>Hello</p>" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy


def test_only_the_page_of_a_mail_may_hold_a_frame(editor_client: Browser, mail: int) -> None:
    assert (
        "frame-src 'self'"
        in editor_client.get(f"/admin/outbox/{mail}").headers["Content-Security-Policy"]
    )
    assert "frame-src" not in editor_client.get("/admin/outbox/").headers["Content-Security-Policy"]


def test_a_mail_that_is_none_is_not_found(editor_client: Browser) -> None:
    assert editor_client.get("/admin/outbox/99").status_code == 404


def test_links_of_a_text_end_before_the_full_stop() -> None:
    found = links("See https://a.example/x?y=1&z=2. Or <https://b.example/>.")
    assert 'href="https://a.example/x?y=1&amp;z=2"' in found
    assert "</a>. Or &lt;" in found
