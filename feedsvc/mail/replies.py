"""What a mail server's reply means, by the command it answers and its codes. Pure.

The reply code is RFC 5321's, the enhanced one RFC 3463's. Connection, sign-in and MAIL are not
looked at here: what is refused there is refused to every mail.
"""

from __future__ import annotations

import re

from feedsvc.mail.rules import Outcome

RCPT, DATA, DOT = "RCPT", "DATA", "."
# No such mailbox, no such domain, a domain that takes no mail, a mailbox that was closed.
HARD = ("5.1.1", "5.1.2", "5.1.10", "5.2.1")
_ENHANCED = re.compile(r"\s*\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b")


def outcome(stage: str, line: str) -> Outcome:
    """`line` is code and text: `550 5.1.1 no such user`."""
    if line.startswith("2"):
        return Outcome("accepted", line, stage)
    if not line.startswith("5"):
        return Outcome("deferred", line, stage)
    return Outcome("refused", line, stage, _about(stage, enhanced(line)))


def enhanced(line: str) -> str:
    """The enhanced status code of a reply; empty if it has none."""
    found = _ENHANCED.match(line)
    return found[1] if found else ""


def _about(stage: str, code: str) -> str:
    """address | policy | content | unclear, or nothing: this mail's own matter, like a full box.

    Only what is surely about the address may be held against it. A policy (5.7.x) is as a rule
    about the sender: 5.7.26 and 5.7.515 say that SPF, DKIM or DMARC are missing.
    """
    if code in HARD:
        return "address"
    if code.startswith("5.7."):
        return "policy"
    if stage in (DATA, DOT) or code.startswith("5.6.") or code == "5.3.4":
        return "content"
    return "unclear" if code in ("", "5.0.0") else ""
