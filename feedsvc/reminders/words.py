"""What was planned, in words: what it is about, how long before, and how it ended."""

from __future__ import annotations

from datetime import timedelta

from feedsvc.calls import dates
from feedsvc.calls.words import KEY_DATE_NAMES, labelled
from feedsvc.i18n import N_, Language
from feedsvc.mail import words as mail_words
from feedsvc.reminders.told import DEADLINE, OPENING, Dated

KIND_NAMES = {
    DEADLINE: N_("Reminder"),
    OPENING: N_("Opening"),
    **{kind: mail_words.KIND_NAMES[kind] for kind in ("changed", "cancelled", "edition", "digest")},
}
REMOVED = N_("A date that was taken away")
WORD_NAMES = {"planned": N_("planned"), **mail_words.STATE_NAMES}
GROUP_NAMES = {"waiting": N_("waiting")} | {
    word: mail_words.STATE_NAMES[word]
    for word in ("accepted", "bounced", "failed", "expired", "void")
}


def about(thing: Dated, language: Language) -> str:
    """`Closes: 30 April 2026, 17:00 (Luxembourg time)`; of a notice or a digest, its kind."""
    if thing.at is None:
        return language.gettext(KIND_NAMES[thing.kind])
    name = thing.labels.get(language.code) or language.gettext(
        KEY_DATE_NAMES.get(thing.type, REMOVED)
    )
    return labelled(name, _when(thing, language), language)


def lead(thing: Dated, language: Language) -> str:
    """`7 days before`; empty where nothing is counted."""
    if thing.days is None:
        return ""
    return language.ngettext("%(n)s day before", "%(n)s days before", thing.days)


def _when(thing: Dated, language: Language) -> str:
    assert thing.at is not None
    local = thing.at.astimezone(dates.zone(thing.zone))
    zone = language.zone(thing.zone)
    if thing.timed:
        moment = f"{language.date(local.date())}, {language.time(local.time())}"
        return f"{moment} ({zone})"
    if thing.kind == OPENING:
        return language.date(local.date())
    # It ends with the day, which is the first instant of the next one.
    day = (local - timedelta(microseconds=1)).date()
    return language.gettext("%(day)s, end of day (%(zone)s)", day=language.date(day), zone=zone)
