"""What may be decided about the site, and what the settings are then. Pure."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from email.utils import parseaddr, quote
from zoneinfo import available_timezones

from feedsvc.colours import is_colour
from feedsvc.errors import Problem
from feedsvc.house.edits import Decided, free
from feedsvc.i18n import N_
from feedsvc.mail.rules import is_sendable
from feedsvc.markup import one_line
from feedsvc.settings import KNOWN_LANGUAGES, BadSetting, Settings, checked

log = logging.getLogger(__name__)

LONGEST_NAME = 80  # of the site: it stands in titles of feeds and subjects of mails
LONGEST_FOOTER = 600
SPECIAL = frozenset('()<>[]:;@\\,."')  # in a name, these stand between quotes (RFC 5322)
MOST_OFFSETS, LATEST_OFFSET = 5, 90  # days


def applied(settings: Settings, decided: Decided) -> Settings:
    """The operator's settings with what is decided in the admin, where the operator leaves it free.

    What cannot be used (kept by another version, say) is left out rather than stopping the site.
    """
    values = free(decided, settings).values()
    if not values:
        return settings
    try:
        return checked(replace(settings, **values))
    except BadSetting as fault:
        log.warning("what was decided in the admin cannot be used: %s", fault)
        return settings


def problems(decided: Decided) -> list[Problem]:
    """What must be put right before it can be kept."""
    return [
        *_name_problems(decided),
        *_place_problems(decided),
        *_look_problems(decided),
        *_mail_problems(decided),
    ]


def sender(name: str, address: str) -> str:
    """As the From of a mail: `Agency <calls@agency.example>`, in quotes where the name needs them."""
    name, address = one_line(name), one_line(address)
    if SPECIAL & set(name):
        name = f'"{quote(name)}"'
    return f"{name} <{address}>" if name else address


def sender_parts(mail_from: str) -> tuple[str, str]:
    """Name and address of a sender."""
    return parseaddr(mail_from)


def _name_problems(decided: Decided) -> Iterator[Problem]:
    if decided.site_name is not None and not decided.site_name.strip():
        yield Problem("site_name", N_("Enter the name of the site."))
    names = {"site_name": decided.site_name or ""}
    names |= {f"site_names.{code}.text": text for code, text in decided.site_names or ()}
    for field, text in names.items():
        if len(text) > LONGEST_NAME:
            words = N_("Shorten this to %(most)s characters.")
            yield Problem(field, words, (("most", LONGEST_NAME),))


def _place_problems(decided: Decided) -> Iterator[Problem]:
    if decided.languages is not None:
        if not decided.languages:
            yield Problem("languages", N_("Choose at least one language."))
        elif set(decided.languages) - set(KNOWN_LANGUAGES):
            yield Problem("languages", N_("Choose languages of the list."))
    if decided.timezone is not None and decided.timezone not in available_timezones():
        yield Problem("timezone", N_("Choose a time zone, like Europe/Luxembourg."))


def _look_problems(decided: Decided) -> Iterator[Problem]:
    if decided.accent is not None and not is_colour(decided.accent):
        yield Problem("accent", N_("Write a colour like #0b5d4e."))


def _mail_problems(decided: Decided) -> Iterator[Problem]:
    if decided.mail_from is not None and not _is_sender(decided.mail_from):
        yield Problem("mail_address", N_("Enter an e-mail address, like name@example.org."))
    for code, text in decided.mail_footers or ():
        if len(text) > LONGEST_FOOTER:
            words = N_("Shorten this to %(most)s characters.")
            yield Problem(f"mail_footers.{code}.text", words, (("most", LONGEST_FOOTER),))
    offsets = decided.reminder_offsets
    if offsets is not None and not _usable(offsets):
        yield Problem(
            "reminder_offsets",
            N_("Write one to %(most)s numbers of days from 1 to %(latest)s, like 14, 7, 1."),
            (("most", MOST_OFFSETS), ("latest", LATEST_OFFSET)),
        )


def _is_sender(mail_from: str) -> bool:
    """One line, as it becomes a header, with an address that mail can come from."""
    return mail_from == one_line(mail_from) and is_sendable(sender_parts(mail_from)[1])


def _usable(offsets: tuple[int, ...]) -> bool:
    return 0 < len(offsets) <= MOST_OFFSETS and all(0 < days <= LATEST_OFFSET for days in offsets)
