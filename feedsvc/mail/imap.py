"""A mailbox that IMAP4rev1 reaches (RFC 3501). The only module that knows imaplib."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from feedsvc.mail.boxes import BoxAway
from feedsvc.mail.reports import MOST_BYTES
from feedsvc.markup import one_line
from feedsvc.settings import BadSetting

SECONDS = 60
MOST_ANSWER = 250
# A date in a search is written in English (RFC 3501 section 9), whatever this machine speaks.
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True)
class Address:
    """Where the mailbox is. TLS from the first byte, except towards this machine itself."""

    host: str
    port: int
    user: str
    password: str
    mailbox: str
    tls: bool
    cafile: str | None


def address(url: str) -> Address:
    """The parts of `imaps://user:password@host/INBOX`. Raises: BadSetting."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    if set(options) - {"cafile"}:
        raise BadSetting("bounce_url: the only option is cafile=/path/of/certificates.pem")
    tls = parts.scheme == "imaps"
    return Address(
        host=parts.hostname or "",
        port=parts.port or (993 if tls else 143),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        mailbox=_plain(unquote(parts.path.strip("/"))) or "INBOX",
        tls=tls,
        cafile=options.get("cafile"),
    )


class ImapBox:
    """See `boxes.Box`. Connects at once. Raises: BoxAway."""

    def __init__(self, where: Address) -> None:
        self._where = where
        with self._faults():
            self._imap = _connect(where)
        try:
            self._enter()
        except BoxAway:
            self._imap.shutdown()
            raise

    def waiting(self, most: int) -> Iterator[tuple[str, bytes]]:
        for uid in self._search("UNDELETED")[:most]:
            content = self._fetch(uid)
            if content is not None:
                yield uid, content

    def mark(self, key: str) -> None:
        self._uid("STORE", key, "+FLAGS.SILENT", "(\\Deleted)")

    def clean(self, before: datetime) -> None:
        """Without UIDPLUS (RFC 4315) all that is marked goes: it is dealt with anyway."""
        day = f"{before.day}-{MONTHS[before.month - 1]}-{before.year}"
        old = self._search("DELETED", "BEFORE", day)
        if not old:
            return
        if self._knows_uidplus():
            self._uid("EXPUNGE", ",".join(old))
        else:
            with self._faults():
                self._must(self._imap.expunge())

    def close(self) -> None:
        """Not by CLOSE, which would delete what is marked."""
        with suppress(imaplib.IMAP4.error, OSError):
            self._imap.logout()

    def _knows_uidplus(self) -> bool:
        """Asked again: many servers tell what they can only to who has signed in."""
        with self._faults():
            (said, *_) = self._must(self._imap.capability())
        return b"UIDPLUS" in said.upper().split()

    def _enter(self) -> None:
        with self._faults():
            self._must(self._imap.authenticate("PLAIN", _sign_in(self._where)))
            self._must(self._imap.select(_quoted(self._where.mailbox)))

    def _search(self, *words: str) -> list[str]:
        (found, *_) = self._uid("SEARCH", *words) or [None]
        return found.decode("ascii", "replace").split() if isinstance(found, bytes) else []

    def _fetch(self, uid: str) -> bytes | None:
        """The beginning of a message, without marking it as seen; None if it has gone."""
        for part in self._uid("FETCH", uid, f"(BODY.PEEK[]<0.{MOST_BYTES}>)"):
            if isinstance(part, tuple):
                return bytes(part[1])
        return None

    def _uid(self, *command: str) -> list[Any]:
        with self._faults():
            return list(self._must(self._imap.uid(*command)))

    def _must(self, answer: tuple[str, Any]) -> Any:
        word, data = answer
        if word != "OK":
            raise imaplib.IMAP4.error(b" ".join(part for part in data if isinstance(part, bytes)))
        return data

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except ssl.SSLCertVerificationError as fault:
            said = f"its certificate is refused: {fault.verify_message}"
            raise BoxAway(f"{self._where.host}: {said}") from fault
        except (imaplib.IMAP4.error, OSError) as fault:
            words = fault.args[0] if fault.args else fault
            said = words.decode(errors="replace") if isinstance(words, bytes) else str(fault)
            raise BoxAway(f"{self._where.host}: {one_line(said)[:MOST_ANSWER]}") from fault


def _connect(where: Address) -> imaplib.IMAP4:
    if not where.tls:
        return imaplib.IMAP4(where.host, where.port, timeout=SECONDS)
    context = ssl.create_default_context(cafile=where.cafile)
    return imaplib.IMAP4_SSL(where.host, where.port, ssl_context=context, timeout=SECONDS)


def _sign_in(where: Address) -> Any:
    """RFC 4616, which knows every character; LOGIN would know ASCII."""
    words = f"\0{where.user}\0{where.password}".encode()
    return lambda _challenge: words


def _plain(mailbox: str) -> str:
    if not (mailbox.isascii() and (mailbox.isprintable() or not mailbox)):
        raise BadSetting("bounce_url: write the name of the mailbox in plain letters")
    return mailbox


def _quoted(mailbox: str) -> str:
    escaped = mailbox.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
