"""What happened to a call, in a sentence each: "the deadline moved from ... to ...". Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from feedsvc.calls import words
from feedsvc.calls.models import CallEvent
from feedsvc.i18n import N_
from feedsvc.web.views.reader import Reader

DATE_SENTENCES = {
    "date_extended": N_("%(name)s: extended from %(old)s to %(new)s."),
    "date_brought_forward": N_("%(name)s: brought forward from %(old)s to %(new)s."),
    "time_changed": N_("%(name)s: moved from %(old)s to %(new)s."),
    "reopened": N_("Reopened: %(name)s is now %(new)s; it was %(old)s."),
    "date_set": N_("%(name)s: set to %(new)s."),
    "date_removed": N_("%(name)s: %(old)s no longer applies."),
}
PLAIN_SENTENCES = {
    "published": N_("Published."),
    "opened": N_("Opened."),
    "closed": N_("Closed."),
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


@dataclass(frozen=True)
class Change:
    """One event of a call's life. `reason` is the editor's, in the reader's language if given."""

    type: str
    at: datetime
    sentence: str
    reason: str
    material: bool


def told(events: Sequence[CallEvent], currency: str, reader: Reader) -> tuple[Change, ...]:
    """The events that are past, in the order given. `currency` is the call's."""
    return tuple(_change(event, currency, reader) for event in events if event.at <= reader.now)


def latest(changes: Sequence[Change]) -> Change | None:
    """The newest change that readers need to know of; the first publication is none."""
    return next((c for c in changes if c.material and c.type != "published"), None)


def _change(event: CallEvent, currency: str, reader: Reader) -> Change:
    codes = (reader.language.code, *reader.site.languages)
    reason = next((event.reasons[code] for code in codes if event.reasons.get(code)), "")
    return Change(event.type, event.at, _sentence(event, currency, reader), reason, event.material)


def _sentence(event: CallEvent, currency: str, reader: Reader) -> str:
    if event.type in DATE_SENTENCES:
        return _date_sentence(event, reader)
    if event.type == "money_changed":
        return _money_sentence(event, currency, reader)
    return reader.say(PLAIN_SENTENCES.get(event.type, N_("The call was changed.")))


def _date_sentence(event: CallEvent, reader: Reader) -> str:
    written = event.new or event.old or {}
    name = reader.say(words.KEY_DATE_NAMES.get(written.get("type", ""), N_("Date")))
    return reader.say(
        DATE_SENTENCES[event.type],
        name=name,
        old=_written(event.old, reader, beside=event.new),
        new=_written(event.new, reader),
    )


def _written(
    fact: dict[str, Any] | None, reader: Reader, *, beside: dict[str, Any] | None = None
) -> str:
    """A date in words; its time is left out where the date `beside` says the same."""
    if not fact:
        return ""
    day = date.fromisoformat(fact["date"])
    if fact.get("precision") in ("month", "quarter", "year"):
        return reader.language.month(day)
    said = reader.language.date(day)
    only_day = beside and beside["date"] != fact["date"] and _hour(beside) == _hour(fact)
    if fact.get("time") and not only_day:
        clock = reader.language.time(time.fromisoformat(fact["time"]))
        return f"{said}, {clock} ({reader.language.zone(fact['zone'])})"
    return said


def _hour(fact: dict[str, Any]) -> tuple[str | None, str | None]:
    return fact.get("time"), fact.get("zone")


def _money_sentence(event: CallEvent, currency: str, reader: Reader) -> str:
    old, new = event.old or {}, event.new or {}
    before = old.get("currency") or currency
    parts = [
        f"{reader.say(name)}: {_amount(field, old.get(field), before, reader)} → "
        f"{_amount(field, new.get(field), currency, reader)}"
        for field, name in MONEY_NAMES.items()
        if field in new
    ]
    return reader.joined(parts) if parts else reader.say(N_("The currency was corrected."))


def _amount(field: str, value: Any, currency: str, reader: Reader) -> str:
    if value is None:
        return "–"
    if field.startswith("cofinancing"):
        return reader.language.percent(Decimal(str(value)))
    return reader.language.money(Decimal(str(value)), currency)
