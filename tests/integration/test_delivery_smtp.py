"""SMTP by the book and against it: what each answer, at each stage, means for the mail."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from feedsvc.mail import transports
from feedsvc.mail.transports import OutboxTransport, RelayDown, Transport
from feedsvc.settings import Settings
from tests.support.mail import DROP, scripted

CERTIFICATE = Path(__file__).parents[1] / "support" / "tls" / "localhost.pem"
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


PIPELINING = "250-ready\r\n250 PIPELINING"


def test_sender_recipient_and_data_go_in_one_write_where_the_server_lets_us() -> None:
    with scripted({"EHLO": [PIPELINING]}) as server:
        way = transport(server.port)
        way.open()
        assert way.send("a@example.org", CONTENT).word == "accepted"
        assert way.send("b@example.org", CONTENT).word == "accepted"
        way.close()
    assert (server.taken, server.connections) == ([CONTENT, CONTENT], 1)


def test_a_server_that_goes_on_after_a_refusal_is_sent_an_empty_text() -> None:
    with scripted({"EHLO": [PIPELINING], "RCPT": ["550 5.1.1 no such user"]}) as server:
        way = transport(server.port)
        way.open()
        refused = way.send("a@example.org", CONTENT)
        assert (refused.word, refused.about, refused.stage) == ("refused", "address", "RCPT")
        assert way.send("b@example.org", CONTENT).word == "accepted"
        way.close()
    # RFC 2920 section 3.1: DATA had been sent already, and the server asked for a text.
    assert (server.taken, server.connections) == ([b"", CONTENT], 1)


def test_a_server_that_closes_in_between_gets_the_mail_through_another_connection() -> None:
    with scripted({"MAIL": ["250 ok", "421 4.7.0 enough for now"]}) as server:
        way = transport(server.port)
        way.open()
        assert way.send("a@example.org", CONTENT).word == "accepted"
        assert way.send("b@example.org", CONTENT).word == "accepted"
        way.close()
    assert (server.connections, len(server.taken)) == (2, 2)


def test_a_connection_is_not_used_for_ever() -> None:
    with scripted() as server:
        way = transport(server.port)
        for _ in range(transports.MAILS_PER_CONNECTION + 1):
            assert way.send("a@example.org", b"\r\n").word == "accepted"
        way.close()
    assert server.connections == 2


@pytest.mark.parametrize(
    "address", ["müller@example.org", "a@b.example, c@b.example", "a@b\r\nQUIT"]
)
def test_an_address_that_smtp_cannot_name_is_refused_without_asking(address: str) -> None:
    with scripted() as server:
        way = transport(server.port)
        outcome = way.send(address, CONTENT)
        assert (outcome.word, outcome.reply) == ("refused", transports.NO_ADDRESS)
        way.close()
    assert server.connections == 0


class Taking:
    """A handler of aiosmtpd that keeps what it is sent, and whether the way was encrypted."""

    def __init__(self) -> None:
        self.taken: list[tuple[bytes, bool]] = []

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.taken.append((envelope.content, session.ssl is not None))
        return "250 2.0.0 taken"


@pytest.fixture
def secure() -> Iterator[tuple[Taking, int]]:
    """A mail server with STARTTLS, and a certificate for `localhost` that nobody vouches for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    taking = Taking()
    controller = Controller(taking, hostname="127.0.0.1", port=port, tls_context=context)
    controller.start()
    yield taking, port
    controller.stop()


def test_tls_that_is_required_is_used_and_the_certificate_checked(secure) -> None:
    taking, port = secure
    url = f"smtp://localhost:{port}?starttls=require&cafile={CERTIFICATE}"
    way = transports.from_settings(replace(Settings(), mail_url=url))
    way.open()
    assert way.send("reader@example.org", CONTENT).word == "accepted"
    way.close()
    assert taking.taken == [(CONTENT, True)]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_certificate_that_is_not_known_or_not_that_hosts_stops_all_mail(secure, host) -> None:
    taking, port = secure
    cafile = f"&cafile={CERTIFICATE}" if host == "127.0.0.1" else ""
    url = f"smtp://{host}:{port}?starttls=require{cafile}"
    with pytest.raises(RelayDown, match="CERTIFICATE_VERIFY_FAILED"):
        transports.from_settings(replace(Settings(), mail_url=url)).open()
    assert taking.taken == []
