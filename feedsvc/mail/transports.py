"""Hand mails to a mail server. The only module that speaks SMTP.

At which stage something fails decides what it means, so the stages are told apart here:
connection, TLS, sign-in and sender are the relay's matter (`RelayDown`: nobody's attempt is used
up); the recipient and the text are that mail's (`deferred`, `refused`); silence after the final dot
means that nobody knows (`uncertain`).
"""

from __future__ import annotations

import re
import smtplib
import ssl
from datetime import datetime, timedelta
from typing import Protocol

from feedsvc.mail import relay
from feedsvc.mail.relay import Relay
from feedsvc.mail.rules import KEPT, Outcome
from feedsvc.markup import one_line
from feedsvc.settings import Settings

CONNECT_SECONDS = 20
COMMAND_SECONDS = 60
ANSWER_SECONDS = 600  # RFC 5321 section 4.5.3.2.6: ten minutes for the answer to the final dot
MAILS_PER_CONNECTION = 100
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=5)
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


class RelayDown(Exception):
    """The mail server cannot be used now, whatever the mail."""


class _Broken(Exception):
    """The connection ended before the final dot: the mail was surely not taken."""


class Transport(Protocol):
    """A way out. `open` comes before anything is claimed, `close` when there is nothing to do."""

    def open(self, now: datetime) -> None:
        """Raises: RelayDown."""

    def send(self, address: str, content: bytes) -> Outcome:
        """Raises: RelayDown, when the mail was surely not taken and the next would not be either."""

    def close(self) -> None: ...


class OutboxTransport:
    """Sends nothing: the mail stays readable in the outbox."""

    def open(self, now: datetime) -> None:
        pass

    def send(self, address: str, content: bytes) -> Outcome:  # noqa: ARG002
        return Outcome("accepted", KEPT)

    def close(self) -> None:
        pass


class SmtpTransport:
    """One connection, kept for many mails. After a failure it stays away for a while."""

    def __init__(self, relay: Relay, *, helo: str) -> None:
        self._relay = relay
        self._helo = helo
        self._smtp: smtplib.SMTP | None = None
        self._sent = 0
        self._fault = ""
        self._pause = FIRST_PAUSE
        self._closed_until: datetime | None = None

    def open(self, now: datetime) -> None:
        if self._closed_until is not None and now < self._closed_until:
            raise RelayDown(self._fault)
        try:
            self._ready()
        except RelayDown as fault:
            self._fault = str(fault)
            self._closed_until = now + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            raise
        self._pause, self._closed_until = FIRST_PAUSE, None

    def send(self, address: str, content: bytes) -> Outcome:
        """A connection that broke while it lay idle is replaced once, unnoticed."""
        try:
            return self._hand_over(self._ready(), address, content)
        except _Broken:
            self._drop()
        try:
            return self._hand_over(self._ready(), address, content)
        except _Broken as fault:
            self._drop()
            return Outcome("deferred", f"the connection broke: {fault}")

    def close(self) -> None:
        if self._smtp is not None:
            try:
                self._smtp.quit()
            except (smtplib.SMTPException, OSError):
                self._smtp.close()
        self._smtp = None

    def _ready(self) -> smtplib.SMTP:
        if self._smtp is not None and self._sent >= MAILS_PER_CONNECTION:
            self.close()
        if self._smtp is None:
            self._smtp, self._sent = self._connect(), 0
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        wanted = self._relay
        try:
            context = ssl.create_default_context(cafile=wanted.cafile)
            smtp = _dial(wanted, self._helo, context)
        except (smtplib.SMTPException, OSError) as fault:
            where = f"{wanted.host}:{wanted.port}"
            raise RelayDown(f"cannot connect to {where}: {_words(fault)}") from fault
        try:
            _greet(smtp, wanted, context)
        except (smtplib.SMTPException, OSError) as fault:
            smtp.close()
            raise RelayDown(f"{wanted.host} refuses this site: {_words(fault)}") from fault
        if smtp.sock is not None:
            smtp.sock.settimeout(COMMAND_SECONDS)
        return smtp

    def _hand_over(self, smtp: smtplib.SMTP, address: str, content: bytes) -> Outcome:
        self._sent += 1
        try:
            code, reply = smtp.mail(self._relay.sender)
            if code != 250:
                self._refuse_sender(code, reply)
            code, reply = smtp.rcpt(address)
            if code not in (250, 251):
                return self._turned_away(code, reply)
            code, reply = smtp.docmd("DATA")
            if code != 354:
                return self._turned_away(code, reply)
            smtp.send(_LEADING_DOT.sub(b"..", content) + b".\r\n")
        except (smtplib.SMTPException, OSError) as fault:
            raise _Broken(_words(fault)) from fault
        return self._answer(smtp)

    def _answer(self, smtp: smtplib.SMTP) -> Outcome:
        try:
            if smtp.sock is not None:
                smtp.sock.settimeout(ANSWER_SECONDS)
            code, reply = smtp.getreply()
            if smtp.sock is not None:
                smtp.sock.settimeout(COMMAND_SECONDS)
        except (smtplib.SMTPException, OSError) as fault:
            self._drop()
            return Outcome("uncertain", f"no answer after the text: {_words(fault)}")
        if code == 250:
            return Outcome("accepted", _line(code, reply))
        return self._turned_away(code, reply)

    def _turned_away(self, code: int, reply: bytes) -> Outcome:
        if code == 421:  # RFC 5321 section 3.8: the server is closing the connection
            self._drop()
        else:
            self._reset()
        return Outcome("refused" if code >= 500 else "deferred", _line(code, reply))

    def _refuse_sender(self, code: int, reply: bytes) -> None:
        """A refused sender is refused for every mail; a closing server gets a new connection."""
        if code == 421:
            raise _Broken(_line(code, reply))
        self._drop()
        raise RelayDown(f"the sender is refused: {_line(code, reply)}")

    def _reset(self) -> None:
        try:
            if self._smtp is not None:
                self._smtp.rset()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None


def from_settings(settings: Settings) -> Transport:
    """The transport that `mail_url` asks for. Raises: BadSetting, saying what to write."""
    wanted = relay.from_settings(settings)
    if wanted is None:
        return OutboxTransport()
    return SmtpTransport(wanted, helo=settings.host)


def _dial(wanted: Relay, helo: str, context: ssl.SSLContext) -> smtplib.SMTP:
    if wanted.tls:
        return smtplib.SMTP_SSL(
            wanted.host, wanted.port, local_hostname=helo, timeout=CONNECT_SECONDS, context=context
        )
    return smtplib.SMTP(wanted.host, wanted.port, local_hostname=helo, timeout=CONNECT_SECONDS)


def _greet(smtp: smtplib.SMTP, wanted: Relay, context: ssl.SSLContext) -> None:
    """TLS where it is required, with the certificate verified: it is never done without."""
    if not wanted.tls and wanted.starttls == "require":
        smtp.starttls(context=context)
    if wanted.user:
        smtp.login(wanted.user, wanted.password)
    smtp.ehlo_or_helo_if_needed()


def _words(fault: BaseException) -> str:
    if isinstance(fault, smtplib.SMTPResponseException):
        error = fault.smtp_error
        return _line(fault.smtp_code, error if isinstance(error, bytes) else str(error).encode())
    return one_line(str(fault))[:250] or type(fault).__name__


def _line(code: int, reply: bytes) -> str:
    return one_line(f"{code} {reply.decode(errors='replace')}")[:250]
