"""Hand mails to a mail server. The only module that speaks SMTP.

At which stage something fails decides what it means, so the stages are told apart here:
connection, TLS, sign-in and sender are the relay's matter (`RelayDown`: nobody's attempt is used
up); the recipient and the text are that mail's (`replies`); silence after the final dot means that
nobody knows (`uncertain`).
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Protocol

from feedsvc.clock import stopwatch
from feedsvc.i18n import N_
from feedsvc.mail import relay, replies, verp
from feedsvc.mail.relay import Relay
from feedsvc.mail.replies import DATA, DOT, RCPT
from feedsvc.mail.rules import KEPT, Outcome, is_sendable
from feedsvc.markup import one_line
from feedsvc.settings import Settings

CONNECT_SECONDS = 20
COMMAND_SECONDS = 60
ANSWER_SECONDS = 600  # RFC 5321 section 4.5.3.2.6: ten minutes for the answer to the final dot
MAILS_PER_CONNECTION = 100
CONNECTION_LASTS = timedelta(minutes=5)
MAIL = "MAIL"
GOOD = {MAIL: (250,), RCPT: (250, 251), DATA: (354,)}
NO_ADDRESS = N_("mail cannot be sent to an address of this form")

Said = tuple[str, int, bytes]  # stage, code, text


class RelayDown(Exception):
    """The mail server cannot be used now, whatever the mail."""


class _Broken(Exception):
    """The connection ended before the final dot: the mail was surely not taken."""

    def __init__(self, stage: str, words: str) -> None:
        super().__init__(words)
        self.stage = stage


class Transport(Protocol):
    """A way out. `open` comes before anything is claimed, `close` when there is nothing to do.

    `scope` names the mail server: all who use it share its breaker and its bucket.
    """

    @property
    def scope(self) -> str: ...

    def open(self) -> None:
        """Raises: RelayDown."""

    def send(self, address: str, content: bytes, mail_id: int = 0) -> Outcome:
        """`mail_id` names the mail in its return path; 0 stands for none.

        Raises: RelayDown, when the mail was surely not taken and the next would not be either.
        """

    def close(self) -> None: ...


class OutboxTransport:
    """Sends nothing: the mail stays readable in the outbox."""

    scope = "outbox"

    def open(self) -> None:
        pass

    def send(self, address: str, content: bytes, mail_id: int = 0) -> Outcome:  # noqa: ARG002
        return Outcome("accepted", KEPT)

    def close(self) -> None:
        pass


class SmtpTransport:
    """One connection, kept for many mails."""

    def __init__(
        self, relay: Relay, *, helo: str, sender: Callable[[int], str] | None = None
    ) -> None:
        """`sender` says with which return path a mail leaves; without it that is the relay's."""
        self.scope = relay.scope
        self._relay = relay
        self._helo = helo
        self._sender = sender or (lambda _mail_id: relay.sender)
        self._smtp: smtplib.SMTP | None = None
        self._context: ssl.SSLContext | None = None
        self._sent = 0
        self._since = 0.0

    def open(self) -> None:
        self._ready()

    def send(self, address: str, content: bytes, mail_id: int = 0) -> Outcome:
        """A connection that broke, or that the server is closing, is replaced once, unnoticed."""
        if not is_sendable(address):
            return Outcome("refused", NO_ADDRESS, RCPT)
        try:
            return self._hand_over(self._ready(), address, content, self._sender(mail_id))
        except _Broken:
            self._drop()
        try:
            return self._hand_over(self._ready(), address, content, self._sender(mail_id))
        except _Broken as fault:
            self._drop()
            if fault.stage == MAIL:
                raise RelayDown(f"the connection breaks: {fault}") from fault
            return Outcome("deferred", f"the connection broke: {fault}"[:250], fault.stage)

    def close(self) -> None:
        if self._smtp is not None:
            try:
                self._smtp.quit()
            except (smtplib.SMTPException, OSError):
                self._smtp.close()
        self._smtp = None

    def _ready(self) -> smtplib.SMTP:
        if self._smtp is not None and self._is_old():
            self.close()
        if self._smtp is None:
            self._smtp, self._sent, self._since = self._connect(), 0, stopwatch()
        return self._smtp

    def _is_old(self) -> bool:
        age = stopwatch() - self._since
        return self._sent >= MAILS_PER_CONNECTION or age >= CONNECTION_LASTS.total_seconds()

    def _connect(self) -> smtplib.SMTP:
        wanted = self._relay
        try:
            context = self._context = self._context or _context(wanted)
            smtp = _dial(wanted, self._helo, context)
        except (smtplib.SMTPException, OSError) as fault:
            where = f"{wanted.host}:{wanted.port}"
            raise RelayDown(f"cannot connect to {where}: {_words(fault)}") from fault
        try:
            _greet(smtp, wanted, context)
        except (smtplib.SMTPException, OSError) as fault:
            smtp.close()
            raise RelayDown(f"{wanted.host} refuses this site: {_words(fault)}") from fault
        _patience(smtp, COMMAND_SECONDS)
        return smtp

    def _hand_over(self, smtp: smtplib.SMTP, address: str, content: bytes, sender: str) -> Outcome:
        self._sent += 1
        for stage, code, text in self._envelope(smtp, sender, address):
            if code not in GOOD[stage]:
                return self._turned_away(stage, code, text)
        _write(smtp, DATA, _stuffed(content) + b".\r\n")
        return self._answer(smtp)

    def _envelope(self, smtp: smtplib.SMTP, sender: str, address: str) -> Iterator[Said]:
        """Sender, recipient and DATA: in one write if the server lets us (RFC 2920), else in turn."""
        commands = {
            MAIL: f"MAIL FROM:<{sender}>\r\n".encode("ascii"),
            RCPT: f"RCPT TO:<{address}>\r\n".encode("ascii"),
            DATA: b"DATA\r\n",
        }
        if smtp.has_extn("pipelining"):
            _write(smtp, MAIL, b"".join(commands.values()))
            yield from _in_step([_reply(smtp, stage) for stage in commands], smtp)
            return
        for stage, command in commands.items():
            _write(smtp, stage, command)
            yield _reply(smtp, stage)

    def _answer(self, smtp: smtplib.SMTP) -> Outcome:
        try:
            _patience(smtp, ANSWER_SECONDS)
            code, text = smtp.getreply()
            _patience(smtp, COMMAND_SECONDS)
        except (smtplib.SMTPException, OSError) as fault:
            self._drop()
            return Outcome("uncertain", f"no answer after the text: {_words(fault)}"[:250], DOT)
        if code == 250:
            return Outcome("accepted", _line(code, text), DOT)
        return self._turned_away(DOT, code, text)

    def _turned_away(self, stage: str, code: int, text: bytes) -> Outcome:
        """Only the recipient and the text are that mail's matter."""
        line = _line(code, text)
        if code == 421:  # RFC 5321 section 3.8: the server is closing the connection
            self._drop()
            if stage != DOT:
                raise _Broken(stage, line)
        elif stage == MAIL:  # a refused sender is refused for every mail
            self._drop()
            raise RelayDown(f"the sender is refused: {line}")
        else:
            self._reset()
        return replies.outcome(stage, line)

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
    return SmtpTransport(wanted, helo=settings.host, sender=partial(verp.return_path, settings))


def _context(wanted: Relay) -> ssl.SSLContext | None:
    """Made once: reading the certificates of the system takes longer than a hundred mails."""
    if not wanted.tls and wanted.starttls == "no":
        return None
    return ssl.create_default_context(cafile=wanted.cafile)


def _dial(wanted: Relay, helo: str, context: ssl.SSLContext | None) -> smtplib.SMTP:
    smtp = _dialled(wanted, helo, context)
    if smtp.sock is not None:
        # Each write here is whole, and waits for an answer. Held back until the one before is
        # acknowledged (RFC 896), it would wait 40 ms for that. Holds for TLS as well, begun later.
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return smtp


def _dialled(wanted: Relay, helo: str, context: ssl.SSLContext | None) -> smtplib.SMTP:
    if wanted.tls:
        return smtplib.SMTP_SSL(
            wanted.host, wanted.port, local_hostname=helo, timeout=CONNECT_SECONDS, context=context
        )
    return smtplib.SMTP(wanted.host, wanted.port, local_hostname=helo, timeout=CONNECT_SECONDS)


def _greet(smtp: smtplib.SMTP, wanted: Relay, context: ssl.SSLContext | None) -> None:
    """TLS where it is required, with the certificate verified: it is never done without."""
    if not wanted.tls and wanted.starttls == "require":
        smtp.starttls(context=context)
    if wanted.user:
        smtp.login(wanted.user, wanted.password)
    smtp.ehlo_or_helo_if_needed()


def _write(smtp: smtplib.SMTP, stage: str, data: bytes) -> None:
    try:
        if smtp.sock is None:
            raise smtplib.SMTPServerDisconnected("the connection is closed")
        smtp.sock.sendall(data)
    except (smtplib.SMTPException, OSError) as fault:
        raise _Broken(stage, _words(fault)) from fault


def _reply(smtp: smtplib.SMTP, stage: str) -> Said:
    try:
        return (stage, *smtp.getreply())
    except (smtplib.SMTPException, OSError) as fault:
        raise _Broken(stage, _words(fault)) from fault


def _patience(smtp: smtplib.SMTP, seconds: int) -> None:
    if smtp.sock is not None:
        smtp.sock.settimeout(seconds)


def _in_step(said: list[Said], smtp: smtplib.SMTP) -> list[Said]:
    """RFC 2920 section 3.1: a server that goes on in spite of a refusal is sent an empty text."""
    refused = any(code not in GOOD[stage] for stage, code, _ in said)
    if refused and said[-1][1] in GOOD[DATA]:
        _write(smtp, DATA, b".\r\n")
        _reply(smtp, DATA)
    return said


def _stuffed(content: bytes) -> bytes:
    """RFC 5321 section 4.5.2: a line that begins with a dot gets another one."""
    content = content.replace(b"\r\n.", b"\r\n..")
    return b"." + content if content.startswith(b".") else content


def _words(fault: BaseException) -> str:
    if isinstance(fault, smtplib.SMTPResponseException):
        error = fault.smtp_error
        return _line(fault.smtp_code, error if isinstance(error, bytes) else str(error).encode())
    return one_line(str(fault))[:250] or type(fault).__name__


def _line(code: int, reply: bytes) -> str:
    return one_line(f"{code} {reply.decode(errors='replace')}")[:250]
