"""Why something that was planned was not told, in words. Pure.

Items hold codes, mails hold sentences of ours or the mail server's own words.
"""

from __future__ import annotations

import re

from feedsvc.i18n import N_, Language
from feedsvc.reminders import items, occasions
from feedsvc.reminders.notices import rules as notices

SMTP_REPLY = re.compile(r"[245]\d\d[ -]")  # RFC 5321 section 4.2
FORGOTTEN = "forgotten"  # the reader was, before it was told; no row says so, `ledger` derives it
WORDS = {
    occasions.SUPERSEDED: N_("the date has moved"),
    occasions.CANCELLED: N_("the call was cancelled"),
    occasions.UNPUBLISHED: N_("the call was not open to the public any more"),
    occasions.LATE: N_("the deadline was too near or past"),
    items.COALESCED: N_("a nearer reminder of the same deadline says it"),
    items.TOLD: N_("a notice of the date, as it is now, says it"),
    items.MUTED: N_("the reader wants to hear nothing more of this call"),
    items.PAUSED: N_("the reader paused"),
    items.UNSUBSCRIBED: N_("the reader has ended this"),
    items.FAILED: N_("the mail could not be written; the log has the error"),
    notices.UNDONE: N_("it was taken back before anybody was told"),
    notices.STANDS_AGAIN: N_("the call goes ahead after all"),
    FORGOTTEN: N_("the reader asked to be forgotten"),
}


def words(reason: str, language: Language) -> str:
    """A code, or a sentence of ours, in that language; a mail server's words as they are."""
    return language.gettext(WORDS.get(reason, reason))


def reply(reason: str) -> str:
    """The mail server's own words, if that is what the reason is; else nothing."""
    return reason if SMTP_REPLY.match(reason) else ""
