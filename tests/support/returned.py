"""What comes back to a mail server, written as mail servers write it."""

from __future__ import annotations

from pathlib import Path

RETURN_PATH = "bounces+7.0123456789abcdef0123@agency.example"
READER = "reader@example.org"
MESSAGE_ID = "<r.0123@agency.example>"


def delivery_report(
    *,
    to: str = RETURN_PATH,
    recipient: str = READER,
    message_id: str = MESSAGE_ID,
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "smtp; 550 5.1.1 <reader@example.org>: user unknown",
) -> bytes:
    """A report as Postfix sends it; without a message id it does not return the original."""
    original = f"""\
--=b
Content-Type: text/rfc822-headers

Return-Path: <{to}>
Message-ID: {message_id}
To: {recipient}
Subject: Closes in 7 days

"""
    return _lines(f"""\
Return-Path: <>
Date: Mon, 2 Mar 2026 09:10:00 +0000 (UTC)
From: MAILER-DAEMON@mail.agency.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=b"

--=b
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--=b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.agency.example
Arrival-Date: Mon, 2 Mar 2026 09:00:00 +0000 (UTC)

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.example.org
Diagnostic-Code: {diagnostic}

{original if message_id else ""}--=b--
""")


def complaint(
    *,
    to: str = "abuse@agency.example",
    path: str = RETURN_PATH,
    recipient: str = READER,
    message_id: str = MESSAGE_ID,
    kind: str = "abuse",
) -> bytes:
    """A report as feedback loops send it (RFC 5965), with the whole mail."""
    return _lines(f"""\
From: <feedback@provider.example>
To: <{to}>
Subject: FW: Closes in 7 days
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="=c"

--=c
Content-Type: text/plain

This is an email abuse report.

--=c
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <{path}>
Original-Rcpt-To: <{recipient}>

--=c
Content-Type: message/rfc822

From: <calls@agency.example>
To: <{recipient}>
Message-ID: {message_id}
Subject: Closes in 7 days

Dear reader
--=c--
""")


def vacation(to: str = RETURN_PATH, header: str = "Auto-Submitted: auto-replied") -> bytes:
    """A note that somebody is away."""
    return _lines(f"""\
From: {READER}
To: {to}
Subject: Away until Monday. Re: Closes in 7 days
{header}
In-Reply-To: {MESSAGE_ID}

I am away. 550 5.1.1 user unknown, says my cat.
""")


def deliver(maildir: Path, content: bytes, name: str = "1.reader.host") -> Path:
    """Put a message into a Maildir, as a mail server does."""
    for folder in ("cur", "new", "tmp"):
        (maildir / folder).mkdir(parents=True, exist_ok=True)
    path = maildir / "new" / name
    path.write_bytes(content)
    return path


def _lines(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()
