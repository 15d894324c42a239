"""SMTP by the book and against it: what each answer, at each stage, means for the mail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feedsvc.mail import transports
from feedsvc.mail.transports import OutboxTransport, RelayDown, Transport
from feedsvc.settings import Settings
from tests.support.mail import DROP, scripted

CONTENT = b"Message-ID: <1@agency.example>\r\n\r\n.\r\n..two dots\r\nend\r\n"


def transport(port: int, options: str = "") -> Transport:
    url = f"smtp://127.0.0.1:{port}{options}"
    return transports.from_settings(replace(Settings(), mail_url=url))


def send(port: int) -> tuple[str, str]:
    way = transport(port)
    way.open()
    outcome = way.send("reader@example.org", CONTENT)
    way.close()
    return outcome.word, outcome.reply


def test_the_server_gets_the_very_bytes() -> None:
    with scripted() as server:
        assert send(server.port) == ("accepted", "250 2.0.0 taken")
    assert server.taken == [CONTENT]


@pytest.mark.parametrize(
    ("stage", "answer", "word"),
    [
        ("RCPT", "450 4.2.0 greylisted", "deferred"),
        ("RCPT", "550 5.1.1 no such user", "refused"),
        ("DATA", "451 try later", "deferred"),
        ("DATA", "554 not today", "refused"),
        (".", "452 full", "deferred"),
        (".", "552 too large", "refused"),
    ],
)
def test_answers_about_one_mail_are_that_mails_fate(stage: str, answer: str, word: str) -> None:
    with scripted({stage: [answer]}) as server:
        assert send(server.port) == (word, answer)


def test_silence_after_the_final_dot_is_uncertain() -> None:
    with scripted({".": [DROP]}) as server:
        assert send(server.port)[0] == "uncertain"
    assert len(server.taken) == 1


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_a_connection_that_breaks_before_the_text_is_replaced_at_once(stage: str) -> None:
    with scripted({stage: [DROP]}) as server:
        assert send(server.port)[0] == "accepted"
    assert (server.connections, len(server.taken)) == (2, 1)


def test_a_connection_that_breaks_twice_defers_the_mail() -> None:
    with scripted({"RCPT": [DROP, DROP]}) as server:
        assert send(server.port)[0] == "deferred"


@pytest.mark.parametrize(
    "script",
    [
        {"greeting": ["554 go away"]},
        {"greeting": [DROP]},
        {"MAIL": ["550 5.7.1 this sender may not"]},
        {"MAIL": ["421 closing", "421 closing"]},
    ],
    ids=["no service", "no greeting", "sender refused", "closing"],
)
def test_faults_of_the_relay_are_no_mails_fault(script: dict[str, list[str]]) -> None:
    with scripted(script) as server:
        way = transport(server.port)
        try:
            way.open()
            outcome = way.send("reader@example.org", CONTENT)
        except RelayDown:
            return
        assert outcome.word == "deferred"
        assert server.taken == []


def test_tls_that_is_required_and_not_offered_sends_nothing() -> None:
    with scripted() as server:
        with pytest.raises(RelayDown, match="STARTTLS"):
            transport(server.port, "?starttls=require").open()
        assert server.taken == []


def test_after_a_refused_mail_the_next_one_goes_through_the_same_connection() -> None:
    with scripted({"RCPT": ["550 no"]}) as server:
        way = transport(server.port)
        way.open()
        assert way.send("a@example.org", CONTENT).word == "refused"
        assert way.send("b@example.org", CONTENT).word == "accepted"
        way.close()
    assert server.connections == 1


def test_a_port_where_nobody_listens_is_a_relay_that_is_away() -> None:
    with scripted() as server:
        port = server.port
    with pytest.raises(RelayDown, match="cannot connect"):
        transport(port).open()


def test_without_a_server_mails_are_kept_and_say_so() -> None:
    way = transports.from_settings(Settings())
    assert isinstance(way, OutboxTransport)
    way.open()
    assert "outbox" in way.send("reader@example.org", CONTENT).reply
