"""What a reader has chosen, in words: for mails, which say it before and after the yes. Pure."""

from __future__ import annotations

from feedsvc.i18n import N_, Language
from feedsvc.subscriptions.queries import Followed

FREQUENCIES = {
    "instant": N_("as it is published"),
    "daily": N_("every day"),
    "weekly": N_("every Monday"),
}


def frequency(row: Followed, said: Language) -> str:
    """How often its digest comes; empty for none."""
    return said.gettext(FREQUENCIES[row.digest]) if row.digest else ""


def sentences(row: Followed, said: Language) -> list[str]:
    """`Reminders 14, 7 and 1 days before each deadline`, one for each thing that was chosen."""
    found = []
    if row.offsets:
        days = said.list([said.number(days) for days in row.offsets])
        found.append(
            said.ngettext(
                "Reminders %(days)s day before each deadline",
                "Reminders %(days)s days before each deadline",
                row.offsets[-1] if len(row.offsets) == 1 else 2,
                days=days,
            )
        )
    if row.digest:
        often = frequency(row, said)
        found.append(said.gettext("What is new or changed, %(often)s", often=often))
    if row.next_edition:
        found.append(said.gettext("The next edition of this call, when it is published"))
    return found
