"""A mail's bytes: the headers that the rules of 2026 ask for, and nothing that differs by chance."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from feedsvc.mail import message
from feedsvc.mail.message import Message

URL = "https://agency.example/unsubscribe/" + "a" * 120
MAIL = Message(
    message_id="<r.0123456789abcdef0123456789abcdef@agency.example>",
    date=datetime(2026, 4, 23, 6, 13, tzinfo=UTC),
    sender="Agence d’innovation <calls@agency.example>",
    to="reader@example.org",
    subject="Closes in 7 days: Réutilisation de la chaleur",
    text="Erste Zeile\n.\n..zwei Punkte\nmit Ümläuten",
    html="<p>Ümläute</p>",
    language="de",
    kind="reminder",
    host="agency.example",
    unsubscribe_url=URL,
    calendar=b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
)


def head(mail: Message) -> list[str]:
    return message.build(mail).decode("ascii").split("\r\n\r\n")[0].split("\r\n")


def test_the_same_message_is_the_same_bytes() -> None:
    assert message.build(MAIL) == message.build(replace(MAIL))


def test_headers_say_what_large_receivers_ask_for() -> None:
    lines = head(MAIL)
    assert "Date: Thu, 23 Apr 2026 06:13:00 +0000" in lines
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert "List-Id: <reminder.agency.example>" in lines
    assert "Auto-Submitted: auto-generated" in lines
    assert "Content-Language: de" in lines
    assert "Feedback-ID: reminder:feedsvc:agency.example" in lines


def test_list_unsubscribe_is_one_line() -> None:
    assert f"List-Unsubscribe: <{URL}>" in head(MAIL)


def test_a_mail_that_was_asked_for_once_has_no_list_headers() -> None:
    assert not any(line.startswith("List-") for line in head(replace(MAIL, unsubscribe_url="")))


def test_a_title_cannot_forge_a_header() -> None:
    lines = head(replace(MAIL, subject="Call\r\nBcc: everyone@example.org"))
    assert not any(line.startswith("Bcc") for line in lines)


def test_what_was_built_can_be_read_again() -> None:
    seen = message.read(message.build(MAIL).decode("ascii"))
    assert dict(seen.headers)["Subject"] == MAIL.subject
    assert seen.text.split() == MAIL.text.split()
    assert seen.html.strip() == MAIL.html
    assert [a.media_type for a in seen.attachments] == ["text/calendar"]
    assert seen.attachments[0].content.startswith(b"BEGIN:VCALENDAR")


@given(st.text())
@example(
    "À confirmer : Pilot access schemes to Technology Infrastructures for European startups, scaleups"
    " and innovative SMEs (CSA) – Agency"
)
def test_a_subject_arrives_as_it_is(subject: str) -> None:
    made = message.build(replace(MAIL, subject=subject)).decode("ascii")
    assert dict(message.read(made).headers)["Subject"] == message.shortened(subject)


@given(st.text(), st.text())
def test_any_text_is_sent_in_ascii_lines_that_every_relay_takes(subject: str, text: str) -> None:
    made = message.build(replace(MAIL, subject=subject, text=text))
    lines = made.split(b"\r\n")
    assert all(len(line) <= 998 and b"\n" not in line and line.isascii() for line in lines)
