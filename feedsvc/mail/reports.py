"""Read what came back: delivery reports (RFC 3464), complaints (RFC 5965), and everything else.

Whatever the bytes are, there is an answer: this is text from strangers. Only the fields that are
meant for programs are read; what a person or a vacation note wrote is never guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from email.utils import getaddresses

from feedsvc.mail import bounces
from feedsvc.markup import one_line

FAILED, DELAYED, DELIVERED = "failed", "delayed", "delivered"
COMPLAINT, AUTOMATIC, OTHER = "complaint", "automatic", "other"
MOST_BYTES = 256 * 1024  # what is read of a message: reports begin with what counts
MOST_RECIPIENTS = 50
FIELD_LIMIT = 1_000
_DELIVERY = ("message/delivery-status", "message/global-delivery-status")
_ORIGINAL = (
    "message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global",
    "message/global-headers",
)  # fmt: skip
_TO_US = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
_ACTIONS = {"failed": FAILED, "delayed": DELAYED, "delivered": DELIVERED, "relayed": DELIVERED,
            "expanded": DELIVERED}  # fmt: skip
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_ID = re.compile(r"<[^<>\s]+>")


@dataclass(frozen=True, kw_only=True)
class Report:
    """One message from the mailbox of returned mail, as far as a program may believe it.

    `paths` are the addresses among which the return path of the original may be. `recipients` are
    those that the report names; `status` and `diagnostic` are those of the first that failed.
    """

    kind: str  # failed | delayed | delivered | complaint | automatic | other
    paths: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    message_id: str = ""
    status: str = ""
    diagnostic: str = ""


def read(content: bytes) -> Report:
    """Never raises, whatever the bytes are."""
    try:
        return _read(message_from_bytes(content[:MOST_BYTES]))
    except RecursionError:  # parts within parts, hundreds deep
        return Report(kind=OTHER)


def _read(mail: Message) -> Report:
    parts = _parts(mail)
    machine = next((part for part in parts if part.get_content_type() in _DELIVERY), None)
    if machine is not None:
        return _delivery(mail, _blocks(machine), _original(parts))
    feedback = next((p for p in parts if p.get_content_type() == "message/feedback-report"), None)
    if feedback is not None:
        return _complaint(mail, next(iter(_blocks(feedback)), Message()), _original(parts))
    return Report(kind=AUTOMATIC if _is_automatic(mail) else OTHER, paths=_paths(mail))


def _parts(mail: Message) -> list[Message]:
    """The parts of the report itself, also of one that was put into another multipart.

    The original inside of it is a part, and is not looked into: it is not the report.
    """
    found, waiting = [], [mail]
    while waiting:
        part = waiting.pop(0)
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            waiting += [child for child in part.get_payload() if isinstance(child, Message)]
        else:
            found.append(part)
    return found


def _delivery(mail: Message, blocks: list[Message], original: Message) -> Report:
    """Blocks of fields: the first about the report, one more for each recipient."""
    told = [block for block in blocks if block["Action"] is not None][:MOST_RECIPIENTS]
    failed = [block for block in told if _action(block) == FAILED]
    first = (failed or told or [Message()])[0]
    status, diagnostic = _status(first), _typed(_field(first, "Diagnostic-Code"))
    return Report(
        kind=_action(first) or OTHER,
        paths=_paths(mail, original),
        recipients=_recipients(failed or told),
        message_id=_message_id(original),
        status=bounces.best_status(status, diagnostic),
        diagnostic=diagnostic,
    )


def _complaint(mail: Message, feedback: Message, original: Message) -> Report:
    """RFC 5965 section 3.1: only `abuse` is a reader's complaint."""
    is_abuse = _field(feedback, "Feedback-Type").lower() == "abuse"
    named = [*_fields(feedback, "Original-Rcpt-To"), *_addresses(original, ("To",))]
    return Report(
        kind=COMPLAINT if is_abuse else OTHER,
        paths=(*map(_bare, _fields(feedback, "Original-Mail-From")), *_paths(mail, original)),
        recipients=_distinct(_bare(text) for text in named),
        message_id=_message_id(original),
    )


def _is_automatic(mail: Message) -> bool:
    """A vacation note or a challenge (RFC 3834 section 5, and what was usual before)."""
    submitted = _field(mail, "Auto-Submitted").lower()
    return (
        (bool(submitted) and submitted != "no")
        or _field(mail, "Precedence").lower() in ("auto_reply", "bulk", "junk", "list")
        or any(name in mail for name in ("X-Autoreply", "X-Autorespond"))
        or mail.get_content_type() == "multipart/report"
    )


def _paths(mail: Message, original: Message | None = None) -> tuple[str, ...]:
    found = _addresses(mail, _TO_US)
    if original is not None:
        found += _addresses(original, ("Return-Path", "X-Envelope-From"))
    return _distinct(found)


def _recipients(blocks: Iterable[Message]) -> tuple[str, ...]:
    """What was asked for comes before where it led to (RFC 3464 section 2.3.1)."""
    names = ("Original-Recipient", "Final-Recipient")
    found = (_typed(_field(block, name)) for block in blocks for name in names)
    return _distinct(_bare(text) for text in found if text)


def _original(parts: Iterable[Message]) -> Message:
    """The headers of the mail that the report is about, empty if it does not return them."""
    for part in parts:
        if part.get_content_type() in _ORIGINAL:
            payload = part.get_payload()
            if isinstance(payload, list):
                return next((p for p in payload if isinstance(p, Message)), Message())
            return message_from_string(str(payload))
    return Message()


def _blocks(part: Message) -> list[Message]:
    """The groups of fields in it, however the parser has cut them."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        return list(_cut(str(payload)))
    found: list[Message] = []
    for block in payload:
        if isinstance(block, Message):
            rest = block.get_payload()
            found += [block, *(_cut(rest) if isinstance(rest, str) else ())]
    return found


def _cut(text: str) -> Iterator[Message]:
    for group in re.split(r"\r?\n\r?\n", text)[: MOST_RECIPIENTS + 1]:
        if group.strip():
            yield message_from_string(group.strip())


def _action(block: Message) -> str:
    return _ACTIONS.get(_field(block, "Action").lower(), "")


def _status(block: Message) -> str:
    found = _STATUS.match(_field(block, "Status"))
    return found[0] if found else ""


def _message_id(original: Message) -> str:
    found = _ID.search(_field(original, "Message-ID"))
    return found[0] if found else ""


def _addresses(mail: Message, names: Iterable[str]) -> list[str]:
    texts = [text for name in names for text in _fields(mail, name)]
    return [address for _, address in getaddresses(texts) if "@" in address][:MOST_RECIPIENTS]


def _typed(text: str) -> str:
    """The value behind its type: `rfc822; ana@example.org`, `smtp; 550 no such user`."""
    kind, semicolon, value = text.partition(";")
    return value.strip() if semicolon and " " not in kind.strip() else text


def _bare(text: str) -> str:
    return text.strip().strip("<>").strip().lower()


def _field(mail: Message, name: str) -> str:
    return next(iter(_fields(mail, name)), "")


def _fields(mail: Message, name: str) -> list[str]:
    values = mail.get_all(name) or []
    return [one_line(str(value)[:FIELD_LIMIT]) for value in values[:MOST_RECIPIENTS]]


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
