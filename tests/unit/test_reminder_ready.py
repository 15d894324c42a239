"""The day by which a reader wants to be ready, as their reminder and its calendar file say it."""

from __future__ import annotations

import datetime as dt

import pytest

from feedsvc.calls.models import Call, KeyDate
from feedsvc.content.models import Translation
from feedsvc.content.workdays import Ahead
from feedsvc.reminders import compose
from feedsvc.reminders.compose import Draft
from feedsvc.reminders.models import Occasion
from feedsvc.settings import Settings

SETTINGS = Settings(base_url="https://agency.example", secret_key="secret")
WRITTEN = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def reminder(at: str, ahead: Ahead | None, **date: object) -> Draft:
    """Of a call that closes on Thursday 28 May 2026, after two public holidays of Luxembourg."""
    facts = {
        "uid": "date", "type": "submission", "local_date": dt.date(2026, 5, 28),
        "local_time": dt.time(17), "zone": "Europe/Luxembourg", "precision": "minute",
        "certainty": "confirmed", "is_deadline": True, "mandatory": True, "labels": {},
        "sequence": 0, "updated_at": WRITTEN,
        "utc_at": dt.datetime(2026, 5, 28, 15, tzinfo=dt.UTC), **date,
    }  # fmt: skip
    text = Translation(language="en", slug="heat", title="Heat", summary="", body="")
    call = Call(
        id=1, uid="call", publish_at=WRITTEN, updated_at=WRITTEN, translations=[text],
        key_dates=[KeyDate(**facts)], currency="EUR", close_reason="",
    )  # fmt: skip
    return compose.draft(
        [Occasion(call=call, key_date=call.key_dates[0], days=14)],
        [],
        code="en",
        reader_zone="Europe/Luxembourg",
        ahead=ahead,
        settings=SETTINGS,
        at=dt.datetime.fromisoformat(f"{at}T08:00:00+00:00"),
    )


def test_reminder_names_the_day_and_its_calendar_holds_it() -> None:
    made = reminder("2026-05-14", Ahead(5, "LU"))
    # Not counted: Whit Monday, 25 May; the 9th and Ascension Day lie before.
    sentence = "Your internal deadline: Wednesday 20 May 2026 (5 working days before, Luxembourg)"
    assert sentence in " ".join(made.text.split())
    assert sentence in made.html
    assert b"DTSTART;VALUE=DATE:20260520" in made.calendar
    assert b"UID:date-ready@" in made.calendar


def test_day_that_is_over_is_told_as_such_from_the_next_one_on() -> None:
    one = Ahead(1, "LU")
    assert "Your internal deadline: Wednesday 27" in reminder("2026-05-27", one).text
    assert "Your internal deadline was Wednesday 27" in reminder("2026-05-28", one).text


@pytest.mark.parametrize(
    ("ahead", "date"),
    [
        (None, {}),
        (Ahead(), {"type": "opens", "is_deadline": False}),
    ],
    ids=["not asked for", "opening"],
)
def test_nothing_is_counted_where_there_is_nothing_to_count(
    ahead: Ahead | None, date: dict[str, object]
) -> None:
    made = reminder("2026-05-14", ahead, **date)
    assert "internal deadline" not in made.text
    assert b"-ready@" not in made.calendar
