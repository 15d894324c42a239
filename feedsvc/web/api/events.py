"""Key dates of a call as the protocol's events, and with all that an event has no place for. Pure.

An event is sealed: a name, local date and time, a description. So its description says the moment
in words, with the zone, and the custom field `keyDates` says every fact for programs.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from feedsvc.calls import dates, rules, words
from feedsvc.calls.models import Call, KeyDate
from feedsvc.content.words import MODEL_NAMES
from feedsvc.i18n import N_, Language
from feedsvc.web.views.reader import Reader

_UNDERSCORE = re.compile("_([a-z0-9])")


def timeline(call: Call, reader: Reader) -> dict[str, Any]:
    """`keyDates`: published, closes, and every other date by its type."""
    closing = final(call)
    others = [date for date in call.key_dates if date is not closing]
    found = {
        "postDate": _posted(call, reader),
        "closeDate": event(closing, reader.language) if closing else _undated(call, reader),
        "otherDates": _by_type(others, reader.language),
    }
    return {name: value for name, value in found.items() if value}


def final(call: Call) -> KeyDate | None:
    """The last deadline: with it the call closes."""
    return next(reversed(rules.deadlines(call.key_dates)), None)


def event(date: KeyDate, said: Language) -> dict[str, Any]:
    """A day, with its time if one is written; or the days of a month, quarter or year."""
    name, moment = words.key_date_name(date, said), words.moment(date, said)
    first, after = dates.span(date.local_date, date.precision)
    if date.precision in ("minute", "day"):
        when = {"eventType": "singleDate", "date": first.isoformat()}
        if date.local_time is not None:
            when["time"] = date.local_time.isoformat("seconds")
    else:
        last = after - timedelta(days=1)
        when = {
            "eventType": "dateRange", "startDate": first.isoformat(), "endDate": last.isoformat()
        }  # fmt: skip
    return {"name": name, **when, "description": moment}


def facts(date: KeyDate, said: Language) -> dict[str, Any]:
    """Everything that is known of a key date. `utc` is the instant that it means."""
    found = {
        "uid": date.uid,
        "type": date.type,
        "name": words.key_date_name(date, said),
        "isDeadline": date.is_deadline,
        "mandatory": date.mandatory,
        "date": date.local_date.isoformat(),
        "time": date.local_time.isoformat("seconds") if date.local_time else "",
        "zone": date.zone,
        "utc": instant(date.utc_at),
        "precision": date.precision,
        "certainty": date.certainty,
        "words": words.moment(date, said),
    }
    return {name: value for name, value in found.items() if value != ""}


def instant(at: datetime) -> str:
    """The protocol's `utcDateTime`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def camel(name: str) -> str:
    """`letter_of_intent` as the protocol spells names: `letterOfIntent`."""
    return _UNDERSCORE.sub(lambda found: found[1].upper(), name)


def _posted(call: Call, reader: Reader) -> dict[str, Any]:
    assert call.publish_at is not None  # only public calls are told
    day = call.publish_at.astimezone(reader.zone).date()
    return {
        "name": reader.say(N_("Published")), "eventType": "singleDate", "date": day.isoformat()
    }  # fmt: skip


def _undated(call: Call, reader: Reader) -> dict[str, Any]:
    """How a call without a deadline closes, in words: it is rolling, or dates are to come."""
    return {
        "name": reader.say(words.KEY_DATE_NAMES["submission"]),
        "eventType": "other",
        "details": reader.say(MODEL_NAMES[call.deadline_model]),
    }


def _by_type(others: list[KeyDate], said: Language) -> dict[str, Any]:
    """`cutOff`, `cutOff2`, `cutOff3`: in order of time."""
    found: dict[str, Any] = {}
    for date in others:
        key, number = camel(date.type), 1
        while (name := key if number == 1 else f"{key}{number}") in found:
            number += 1
        found[name] = event(date, said)
    return found
