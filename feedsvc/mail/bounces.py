"""What a report about a mail means for it and for its reader. Pure.

The classes follow the enhanced status codes of RFC 3463. Only what says that the address itself is
dead is held against it at once; what is said of a full mailbox, of our text or of our server never
is: a reader must not miss a deadline because a filter was in a bad mood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from feedsvc.i18n import N_
from feedsvc.mail import replies
from feedsvc.markup import one_line

HARD, SOFT, HARMLESS = "hard", "soft", "harmless"
COMPLAINT = N_("its reader reported it as unwanted")
NO_CODE = N_("it came back, and the report does not say why")

DEAD = replies.HARD  # what is said at once and what is said later mean the same
# Mailbox full, mail too large for it, mail too large for its server.
NOT_THE_ADDRESS = ("2.2", "2.3", "3.4")
NOT_THE_ADDRESS_SUBJECTS = ("6", "7")  # the content, security and policy

SOFT_DAYS = 3  # that many days with a soft report ...
SOFT_WINDOW = timedelta(days=14)  # ... within this time, and the address is left alone ...
SUSPENSION = timedelta(days=30)  # ... for so long
REPLY_LIMIT = 250
_CODE = re.compile(r"(?:[245]\d\d[ -]+)?#?([245]\.\d{1,3}\.\d{1,3})\b")
_BASIC = re.compile(r"([245])\d\d\b")
_WEIGHT = {HARMLESS: 1, SOFT: 2, HARD: 3}


@dataclass(frozen=True)
class Original:
    """What is known of the mail that a report is about."""

    address: str
    message_id: str
    reply: str  # what the mail server said when it took the mail


def verdict(status: str) -> str:
    """What an enhanced status code says of the address: hard | soft | harmless."""
    if status in DEAD:
        return HARD
    _, _, rest = status.partition(".")
    if rest in NOT_THE_ADDRESS or rest.partition(".")[0] in NOT_THE_ADDRESS_SUBJECTS:
        return HARMLESS
    return SOFT


def status_of(words: str) -> str:
    """The enhanced code at the beginning of a server's answer; `5.0.0` of a basic one; or nothing."""
    code = _CODE.match(words)
    if code:
        return code[1]
    basic = _BASIC.match(words)
    return f"{basic[1]}.0.0" if basic else ""


def best_status(status: str, diagnostic: str) -> str:
    """The code that says more: some servers write 5.0.0 and the true one behind it."""
    said = status_of(diagnostic)
    if status in ("", "4.0.0", "5.0.0") and said:
        return said
    return status


def reason(status: str, diagnostic: str, address: str) -> str:
    """What is kept of a report: its code and the server's words, without the reader's address.

    Of a reader who was forgotten meanwhile there is no address to take out: no words are kept.
    """
    words = re.sub(re.escape(address), "…", diagnostic, flags=re.IGNORECASE) if address else ""
    return one_line(f"{status} {words}")[:REPLY_LIMIT] or NO_CODE


def weight(state: str, reason: str) -> int:
    """How much a mail's row says against its address; a report counts if it says more."""
    if reason == COMPLAINT:
        return 4
    return _WEIGHT[verdict(status_of(reason))] if state == "bounced" else 0


def is_about(original: Original, message_id: str, recipient: str) -> bool:
    """Whether a report fits the mail: by the Message-ID if it names one, else by the recipient.

    A mail may have been forwarded, so that another recipient is no contradiction. Some relays put
    an id of their own in place of ours, and say it when they take the mail.
    """
    if not message_id:
        return same_address(recipient, original.address)
    if message_id == original.message_id:
        return True
    given = message_id.strip("<>").partition("@")[0]
    return len(given) >= 16 and given in original.reply


def same_address(one: str, other: str) -> bool:
    return bool(one) and one.strip().lower() == other.lower()


def asks_for_rest(days: Iterable[date], today: date) -> bool:
    """Whether an address with soft reports on these days is to be left alone for a while."""
    return len({day for day in days if today - day < SOFT_WINDOW}) >= SOFT_DAYS
