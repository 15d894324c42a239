"""Both kinds of mailbox keep one bargain: read until it is marked, gone some days later."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feedsvc.mail import imap
from feedsvc.mail.boxes import BoxAway
from feedsvc.mail.imap import ImapBox
from feedsvc.mail.maildir import Maildir
from feedsvc.mail.reports import MOST_BYTES
from feedsvc.reminders import returned
from feedsvc.settings import Settings
from tests.support.clock import NOW
from tests.support.imap import ImapServer, imap_server
from tests.support.returned import deliver, delivery_report

CERTIFICATE = Path(__file__).parents[1] / "support" / "tls" / "localhost.pem"
REPORT = delivery_report()
KEPT = timedelta(days=14)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_maildir_is_read_until_its_messages_are_marked(tmp_path: Path) -> None:
    deliver(tmp_path, REPORT, "2.b.host")
    deliver(tmp_path, b"older", "1.a.host").rename(tmp_path / "cur" / "1.a.host:2,S")
    box = Maildir(tmp_path)
    assert list(box.waiting(9)) == [("1.a.host:2,S", b"older"), ("2.b.host", REPORT)]
    assert [key for key, _ in box.waiting(1)] == ["1.a.host:2,S"]
    for key in ("1.a.host:2,S", "2.b.host", "2.b.host"):
        box.mark(key)
    assert list(box.waiting(9)) == []
    assert names(tmp_path / "cur") == ["1.a.host:2,ST", "2.b.host:2,T"]


def test_a_maildir_loses_what_is_marked_and_old(tmp_path: Path) -> None:
    old = (NOW - KEPT - timedelta(seconds=1)).timestamp()
    for name, at in (("1.old", old), ("2.new", NOW.timestamp()), ("3.waits", old)):
        os.utime(deliver(tmp_path, REPORT, name), (at, at))
    box = Maildir(tmp_path)
    box.mark("1.old")
    box.mark("2.new")
    box.clean(NOW - KEPT)
    assert names(tmp_path / "cur") == ["2.new:2,T"]
    assert names(tmp_path / "new") == ["3.waits"]


def test_a_file_that_cannot_be_read_stops_no_other(tmp_path: Path) -> None:
    deliver(tmp_path, REPORT, "2.b")
    (tmp_path / "new" / "1.a").mkdir()
    (tmp_path / "new" / "3.gone").symlink_to(tmp_path / "nowhere")
    assert [key for key, _ in Maildir(tmp_path).waiting(9)] == ["2.b"]


def test_of_a_huge_message_the_beginning_is_read(tmp_path: Path) -> None:
    deliver(tmp_path, b"x" * (MOST_BYTES + 1))
    assert [len(content) for _, content in Maildir(tmp_path).waiting(9)] == [MOST_BYTES]


def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(BoxAway, match="No such file"):
        list(Maildir(tmp_path / "nowhere").waiting(9))


def test_an_imap_mailbox_is_read_until_its_messages_are_marked() -> None:
    with imap_server() as server:
        server.messages = {4: REPORT, 9: b"x" * (MOST_BYTES + 1)}
        box = ImapBox(imap.address(server.url))
        assert [(key, len(content)) for key, content in box.waiting(9)] == [
            ("4", len(REPORT)), ("9", MOST_BYTES),
        ]  # fmt: skip
        assert [key for key, _ in box.waiting(1)] == ["4"]
        box.mark("4")
        box.mark("4")
        assert [key for key, _ in box.waiting(9)] == ["9"]
        assert server.messages.keys() == {4, 9}, "a marked one is still there to be looked at"
        box.close()


def test_an_imap_mailbox_loses_what_is_marked_and_old() -> None:
    with imap_server() as server:
        server.messages = {4: REPORT, 5: REPORT, 6: REPORT}
        server.marked, server.old = {4, 5}, {4, 6}
        box = ImapBox(imap.address(server.url))
        box.clean(datetime(2026, 2, 16, tzinfo=UTC))
        assert server.messages.keys() == {5, 6}
        assert b"UID SEARCH DELETED BEFORE 16-Feb-2026" in server.said
        box.clean(datetime(2026, 2, 16, tzinfo=UTC))
        box.close()
    assert b"EXPUNGE" not in server.said
    assert b"CLOSE" not in server.said


@pytest.mark.parametrize("command", [b"UID SEARCH", b"UID FETCH"])
def test_an_imap_server_that_says_no_is_said(command: bytes) -> None:
    with imap_server() as server:
        server.messages, server.fails = {4: REPORT}, command
        box = ImapBox(imap.address(server.url))
        with pytest.raises(BoxAway, match=r"127\.0\.0\.1"):
            list(box.waiting(9))
        box.close()


def test_a_mailbox_that_is_not_there_is_said() -> None:
    with imap_server() as server, pytest.raises(BoxAway, match=r"127\.0\.0\.1"):
        ImapBox(imap.address(server.url.replace("Returned", "Other")))


def test_an_imap_server_that_is_away_or_knows_another_password_is_said() -> None:
    with imap_server() as server:
        wrong = server.url.replace("p%C3%A4ssword", "guess")
        with pytest.raises(BoxAway, match="done"):
            ImapBox(imap.address(wrong))
    with pytest.raises(BoxAway, match="refused"):
        ImapBox(imap.address(server.url))


@pytest.fixture
def secure() -> Iterator[ImapServer]:
    """A server that speaks TLS from the first byte, with a certificate for localhost."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with imap_server(context) as server:
        yield server


def test_an_imap_mailbox_is_read_through_tls(secure: ImapServer) -> None:
    secure.messages = {4: REPORT}
    box = ImapBox(imap.address(f"{secure.url}?cafile={CERTIFICATE}"))
    assert [key for key, _ in box.waiting(9)] == ["4"]
    box.close()


@pytest.mark.parametrize(
    ("host", "cafile", "why"),
    [
        ("localhost", "", "self-signed certificate"),
        ("127.0.0.1", f"?cafile={CERTIFICATE}", "IP address mismatch"),
    ],
    ids=["made by nobody known", "of another host"],
)
def test_no_password_is_told_to_a_server_whose_certificate_is_wrong(
    secure: ImapServer, host: str, cafile: str, why: str
) -> None:
    url = secure.url.replace("localhost", host) + cafile
    with pytest.raises(BoxAway, match=rf"^{host}: its certificate is refused: {why}"):
        ImapBox(imap.address(url))
    assert secure.said == []


def test_tls_is_not_given_up_for_a_server_that_does_not_speak_it() -> None:
    with imap_server() as server:
        with pytest.raises(BoxAway, match=r"127\.0\.0\.1: .*wrong version"):
            ImapBox(imap.address(server.url.replace("imap://", "imaps://")))
        assert not any(b"AUTHENTICATE" in said for said in server.said)


def test_the_setting_says_which_mailbox_is_opened(tmp_path: Path) -> None:
    assert returned.open_box(Settings()) is None
    assert isinstance(returned.open_box(Settings(bounce_url=f"maildir:{tmp_path}")), Maildir)
    with imap_server() as server:
        box = returned.open_box(Settings(bounce_url=server.url))
        assert isinstance(box, ImapBox)
        box.close()
