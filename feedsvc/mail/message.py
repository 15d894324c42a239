"""A mail as bytes (RFC 5322), and bytes as something to read. Pure: the same message, the same bytes.

A retry must send what was sent before, so nothing here is random: boundaries come from the
message itself, the date is the instant that was planned, every body is 7-bit.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from email import message_from_string
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy, default
from functools import lru_cache

from feedsvc.mail import casting
from feedsvc.mail.casting import CRLF, Mould, Own
from feedsvc.markup import clean, one_line

SUBJECT_LIMIT = 200
# They let a title show in another order than it is read in (Unicode TR 36): of use in no subject.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, kw_only=True)
class Message:
    """One mail to one address. `text` says all that `html` says.

    `date` is the planned instant. `unsubscribe_url` answers the POST of RFC 8058. `calendar` is an
    iCalendar file to attach; empty bytes for none. `bulk` mail can wait, and says so.
    """

    message_id: str
    date: datetime
    sender: str
    to: str
    subject: str
    text: str
    html: str
    language: str
    kind: str
    host: str
    unsubscribe_url: str = ""
    calendar: bytes = b""
    bulk: bool = False


@dataclass(frozen=True)
class Attachment:
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Reading:
    """A mail taken apart for an editor's eyes; `headers` as they were sent."""

    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    attachments: tuple[Attachment, ...]


class _Policy(EmailPolicy):
    """SMTP's policy, except that a header in ASCII stays on one line, and a subject is folded well.

    Ours are far below the 998 octets that RFC 5322 allows. The standard library would fold a long
    List-Unsubscribe in three, which some relays undo after signing it (that breaks DKIM), and
    would leave the first line of a long subject empty. Where a line of a subject ends between a word
    in ASCII and another one, it adds a space; `Header` makes one row of encoded words (RFC 2047).
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        line = f"{name}: {value}{CRLF}"
        if line.isascii():
            return line.encode("ascii")
        if name == "Subject":
            words = Header(str(value), "utf-8", header_name=name).encode(linesep=CRLF)
            return f"{name}: {words}{CRLF}".encode("ascii")
        return super().fold_binary(name, value)


POLICY = _Policy(linesep=CRLF, cte_type="7bit")


def build(message: Message) -> bytes:
    """The message as it goes to the relay: CRLF, ASCII, lines of at most 998 octets."""
    own = Own(
        message_id=message.message_id,
        date=message.date,
        to=message.to,
        unsubscribe_url=message.unsubscribe_url,
    )
    made = mould(message)
    return made.cast(made.values(own)).encode("ascii")


def mould(shared: Message, marks: Collection[str] = ()) -> Mould:
    """A mould for all who get the same. What `Own` holds is not taken from `shared`.

    `marks` stand in its text and HTML where each reader's own links go.
    """
    return casting.mould(
        head=_folded("From", shared.sender),
        foot="".join(_folded(name, value) for name, value in _headers(shared)),
        text=_lines(shared.text),
        html=_lines(shared.html),
        calendar=shared.calendar,
        marks=marks,
    )


def read(content: str) -> Reading:
    """Take apart a message that `build` made."""
    mail = message_from_string(content, policy=default)
    assert isinstance(mail, EmailMessage)
    bodies = {kind: mail.get_body((kind,)) for kind in ("plain", "html")}
    texts = {kind: str(body.get_content()) if body else "" for kind, body in bodies.items()}
    return Reading(
        headers=tuple((name, str(value)) for name, value in mail.items()),
        text=texts["plain"],
        html=texts["html"],
        attachments=tuple(_attachment(part) for part in mail.iter_attachments()),
    )


@lru_cache(maxsize=256)  # of many mails it is the same
def shortened(subject: str) -> str:
    """A subject on one line that no mail reader has to cut in an odd place, or shows reversed."""
    line = _BIDI.sub("", one_line(subject[: SUBJECT_LIMIT * 10]))
    return line if len(line) <= SUBJECT_LIMIT else line[: SUBJECT_LIMIT - 1].rstrip() + "…"


def _headers(message: Message) -> list[tuple[str, str]]:
    headers = [
        ("Subject", shortened(message.subject)),
        ("Auto-Submitted", "auto-generated"),  # RFC 3834: no vacation notes, please
        ("X-Auto-Response-Suppress", "All"),
        ("Feedback-ID", f"{message.kind}:feedsvc:{message.host}"),
        ("Content-Language", message.language),
    ]
    if message.bulk:
        headers.append(("Precedence", "bulk"))
    if message.unsubscribe_url:
        headers += [
            ("List-Id", f"<{message.kind}.{message.host}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ]
    return headers


@lru_cache(maxsize=256)  # but for the subject, those of one mail are those of most
def _folded(name: str, value: str) -> str:
    head = EmailMessage(policy=POLICY)
    head[name] = value
    return head.as_bytes().decode("ascii").removesuffix(CRLF)


def _lines(text: str) -> str:
    return clean(text.replace(CRLF, "\n").replace("\r", "\n")).strip("\n") + "\n"


def _attachment(part: object) -> Attachment:
    assert isinstance(part, EmailMessage)
    content = part.get_content()
    raw = content.encode() if isinstance(content, str) else bytes(content)
    return Attachment(part.get_filename() or "", part.get_content_type(), raw)
