"""What happened to a call, in words: a title for lists, a sentence for its page. Pure.

Both say the old and the new value, so that a reader who never sees the call again knows them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

from feedsvc.calls import words
from feedsvc.calls.models import CallEvent
from feedsvc.calls.net import Change
from feedsvc.content.words import APPLICANT_NAMES
from feedsvc.i18n import N_, Language

DATE_SENTENCES = {
    "date_extended": N_("%(name)s: extended from %(old)s to %(new)s."),
    "date_brought_forward": N_("%(name)s: brought forward from %(old)s to %(new)s."),
    "time_changed": N_("%(name)s: moved from %(old)s to %(new)s."),
    "reopened": N_("Reopened: %(name)s is now %(new)s; it was %(old)s."),
    "date_confirmed": N_("%(name)s: %(new)s is confirmed."),
    "date_estimated": N_("%(name)s: %(new)s is no longer certain."),
    "date_set": N_("%(name)s: set to %(new)s."),
    "date_removed": N_("%(name)s: %(old)s no longer applies."),
}
DATE_VALUES = {
    "date_confirmed": N_("%(new)s, as expected"),
    "date_estimated": N_("expected %(new)s"),
    "date_set": N_("now %(new)s"),
    "date_removed": N_("%(old)s no longer applies"),
}
MOVED = N_("now %(new)s; before: %(old)s")
HEADS = {
    "published": N_("Published"),
    "opened": N_("Opened"),
    "closed": N_("Closed"),
    "reopened": N_("Reopened"),
    "cancelled": N_("Call cancelled"),
    "money_changed": N_("Funding changed"),
    "eligibility_changed": N_("Who can apply has changed"),
    "document_added": N_("New document"),
    "text_corrected": N_("Text corrected"),
}
DEADLINE_HEADS = {
    "date_extended": N_("Deadline extended"),
    "date_brought_forward": N_("Deadline brought forward"),
    "time_changed": N_("Deadline at another time"),
    "date_confirmed": N_("Deadline confirmed"),
    "date_estimated": N_("Deadline no longer certain"),
    "date_set": N_("Deadline added"),
    "date_removed": N_("Deadline removed"),
}
OPENING_HEADS = {
    "date_extended": N_("Opening postponed"),
    "date_brought_forward": N_("Opening brought forward"),
    "time_changed": N_("Opening at another time"),
    "date_confirmed": N_("Opening confirmed"),
    "date_estimated": N_("Opening no longer certain"),
    "date_set": N_("Opening announced"),
    "date_removed": N_("Opening withdrawn"),
}
PLAIN_SENTENCES = {
    "published": N_("Published."),
    "opened": N_("Opened."),
    "closed": N_("Closed."),
    "reopened": N_("Reopened."),
    "cancelled": N_("The call was cancelled."),
    "eligibility_changed": N_("Who can apply has changed."),
    "document_added": N_("A document was added."),
    "text_corrected": N_("The text was corrected."),
}
MONEY_NAMES = {
    "total_budget": N_("Total budget"),
    "award_min": N_("Smallest award"),
    "award_max": N_("Funding cap"),
    "cofinancing_min": N_("Lowest co-financing"),
    "cofinancing_max": N_("Highest co-financing"),
}
Happening = CallEvent | Change
UNNAMED = ("submission", "opens")  # their name would say again what the head of a title says


@dataclass(frozen=True)
class Reason:
    """The editor's reason; `language` is that of the text."""

    text: str
    language: str


def title(event: Happening, call_title: str, currency: str, said: Language) -> str:
    """`Deadline extended: Process heat – now 30 April 2026, 17:00; before: 6 April 2026`."""
    named = words.labelled(said.gettext(head(event)), call_title, said)
    return " – ".join(part for part in (named, values(event, currency, said)) if part)


def sentence(event: Happening, currency: str, said: Language) -> str:
    """The same for the page of the call, which says its title already."""
    if _is_of_date(event):
        return said.gettext(DATE_SENTENCES[event.type], **_told(event, said))
    if event.type == "money_changed":
        return _money(event, currency, said) + "."
    plain = said.gettext(PLAIN_SENTENCES.get(event.type, N_("The call was changed.")))
    told = values(event, currency, said)
    return f"{plain.rstrip('.')} – {told}." if told else plain


def reason(event: Happening, said: Language, languages: Sequence[str]) -> Reason | None:
    """The reason in that language, or in the first of the site's that has one."""
    codes = (said.code, *languages)
    return next(
        (Reason(event.reasons[code], code) for code in codes if event.reasons.get(code)), None
    )


def head(event: Happening) -> str:
    """What kind of thing happened: `Deadline extended`; to be translated."""
    if _is_of_date(event) and event.type in DEADLINE_HEADS:
        kind = (event.new or event.old)["type"]
        return (OPENING_HEADS if kind == "opens" else DEADLINE_HEADS)[event.type]
    return HEADS.get(event.type, N_("The call was changed"))


def _is_of_date(event: Happening) -> bool:
    return event.type in DATE_SENTENCES and isinstance(event.new or event.old, dict)


def values(event: Happening, currency: str, said: Language) -> str:
    """What there is to say of the old and the new; empty where the head says it all."""
    if _is_of_date(event):
        told = _told(event, said)
        values = said.gettext(DATE_VALUES.get(event.type, MOVED), **told)
        fact = event.new or event.old
        unnamed = fact["type"] in UNNAMED and not fact.get("labels")
        return values if unnamed else words.labelled(told["name"], values, said)
    if event.type == "money_changed":
        return _money(event, currency, said)
    if event.type == "eligibility_changed":
        return _applicants(event, said)
    if event.type == "document_added":
        return ", ".join(document["title"] for document in event.new or ())
    if event.type == "closed" and event.new in words.CLOSE_REASON_NAMES:
        return said.gettext(words.CLOSE_REASON_NAMES[event.new])
    return ""


def _told(event: Happening, said: Language) -> dict[str, str]:
    written = event.new or event.old
    label = written.get("labels", {}).get(said.code)
    return {
        "name": label or said.gettext(words.KEY_DATE_NAMES.get(written["type"], N_("Date"))),
        "old": _date(event.old, said, beside=event.new),
        "new": _date(event.new, said),
    }


def _date(
    fact: Mapping[str, Any] | None, said: Language, *, beside: Mapping[str, Any] | None = None
) -> str:
    """A date in words; its time is left out where the date `beside` says the same."""
    if not fact:
        return ""
    day = date.fromisoformat(fact["date"])
    written = words.day(day, fact.get("precision", "day"), said)
    only_day = beside and beside["date"] != fact["date"] and _hour(beside) == _hour(fact)
    if fact.get("time") and not only_day:
        clock = said.time(time.fromisoformat(fact["time"]))
        return f"{written}, {clock} ({said.zone(fact['zone'])})"
    return written


def _hour(fact: Mapping[str, Any]) -> tuple[str | None, str | None]:
    return fact.get("time"), fact.get("zone")


def _money(event: Happening, currency: str, said: Language) -> str:
    """`Funding cap: €100,000 → €200,000`; `currency` is the call's, should the event not say."""
    old, new = event.old or {}, event.new or {}
    before, after = old.get("currency") or currency, new.get("currency") or currency
    parts = [
        words.labelled(
            said.gettext(name),
            f"{_amount(field, old.get(field), before, said)} → "
            f"{_amount(field, new[field], after, said)}",
            said,
        )
        for field, name in MONEY_NAMES.items()
        if field in new
    ]
    if before != after:
        parts.append(words.labelled(said.gettext(N_("Currency")), f"{before} → {after}", said))
    return said.clauses(parts)


def _amount(field: str, value: Any, currency: str, said: Language) -> str:
    if value is None:
        return "–"
    if field.startswith("cofinancing"):
        return said.percent(Decimal(str(value)))
    return said.money(Decimal(str(value)), currency)


def _applicants(event: Happening, said: Language) -> str:
    """`added: Start-ups; no longer: Universities`."""
    old, new = (set((side or {}).get("applicants", ())) for side in (event.old, event.new))
    parts = [
        said.gettext(message, names=said.list([said.gettext(APPLICANT_NAMES[n]) for n in names]))
        for message, found in (
            (N_("added: %(names)s"), new - old),
            (N_("no longer: %(names)s"), old - new),
        )
        if (names := [name for name in APPLICANT_NAMES if name in found])
    ]
    return said.clauses(parts)
