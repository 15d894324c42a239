"""The date and the status of a call in a few words. No database."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from feedsvc import i18n
from feedsvc.calls import dates
from feedsvc.calls.models import Call, KeyDate
from feedsvc.urls import Site
from feedsvc.web.views import leaves
from feedsvc.web.views.leaves import Leaf
from feedsvc.web.views.reader import Reader

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def reader(now: dt.datetime = NOW, language: str = "en") -> Reader:
    site = Site("https://agency.example", ("en", "fr", "de"))
    return Reader(i18n.language(language), site, now, ZoneInfo("Europe/Luxembourg"))


def date(day: str, time: str | None = "17:00", **more: Any) -> KeyDate:
    kind, zone = more.pop("type", "submission"), more.pop("zone", "Europe/Luxembourg")
    local, clock = dt.date.fromisoformat(day), dt.time.fromisoformat(time) if time else None
    precision = more.pop("precision", "day")
    return KeyDate(
        type=kind,
        local_date=local,
        local_time=clock,
        zone=zone,
        precision=precision,
        certainty=more.pop("certainty", "confirmed"),
        is_deadline=kind in dates.DEADLINE_TYPES,
        utc_at=dates.instant(local, clock, zone, kind=kind, precision=precision),
    )


def call(*key_dates: KeyDate, **more: Any) -> Call:
    more.setdefault("deadline_model", "single_stage")
    closing = [d.utc_at for d in key_dates if d.is_deadline]
    opening = [d.utc_at for d in key_dates if d.type == "opens"]
    return Call(
        publish_at=NOW,
        key_dates=list(key_dates),
        closes_at=max(closing, default=None),
        opens_at=min(opening, default=None),
        close_reason="",
        **more,
    )


def test_leaf_shows_month_day_weekday_and_hour() -> None:
    assert leaves.leaf(call(date("2026-04-30")), reader()) == Leaf(
        "April", "30", "Thu 17:00", "open"
    )


def test_leaf_names_the_year_when_it_is_another_one() -> None:
    assert leaves.leaf(call(date("2027-04-30")), reader()).top == "Apr 2027"


def test_leaf_of_a_day_without_a_time_shows_no_hour() -> None:
    assert leaves.leaf(call(date("2026-04-30", None)), reader()).bottom == "Thu"


def test_leaf_of_a_coming_call_shows_its_opening() -> None:
    shown = leaves.leaf(
        call(date("2026-03-20", "09:00", type="opens"), date("2026-05-01")), reader()
    )
    assert shown == Leaf("opens March", "20", "Fri 09:00", "next")


def test_leaf_never_makes_a_month_into_a_day() -> None:
    vague = date("2026-04-01", None, precision="month", certainty="estimated")
    assert leaves.leaf(call(vague), reader()) == Leaf("2026", "Apr", "expected", "open")


def test_leaf_of_a_rolling_call_is_open_any_time() -> None:
    assert leaves.leaf(call(deadline_model="rolling"), reader()).big == "∞"


def test_leaf_of_a_closed_call_says_so() -> None:
    shown = leaves.leaf(call(date("2026-02-20")), reader())
    assert (shown.bottom, shown.tone) == ("closed", "shut")


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2026-03-02", "Closes today"),
        ("2026-03-03", "Closes tomorrow"),
        ("2026-03-14", "Closes in 12 days"),
    ],
)
def test_badge_counts_days_of_the_calendar_near_the_deadline(day: str, words: str) -> None:
    assert leaves.badge(call(date(day)), reader()).text == words


def test_badge_of_a_call_that_closes_later_says_open() -> None:
    assert leaves.badge(call(date("2026-05-14")), reader()).text == "Open"


def test_days_are_counted_in_the_zone_of_the_deadline() -> None:
    late = dt.datetime(2026, 3, 2, 23, 30, tzinfo=dt.UTC)  # 3 March in Luxembourg, 2 March AoE
    assert leaves.badge(call(date("2026-03-03", "17:00")), reader(late)).text == "Closes today"
    assert (
        leaves.badge(call(date("2026-03-03", None, zone="AoE")), reader(late)).text
        == "Closes tomorrow"
    )


def test_leaf_speaks_the_readers_language() -> None:
    assert leaves.leaf(call(date("2026-08-13")), reader(language="fr")).top == "août"
    assert leaves.leaf(call(date("2026-08-13")), reader(language="de")).bottom == "Do. 17:00"
