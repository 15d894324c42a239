"""What is said of clusters, changes and filters, in words. No database."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from feedsvc import i18n
from feedsvc.calls.models import CallEvent
from feedsvc.content.filters import Filter
from feedsvc.content.models import Cluster, FormerName
from feedsvc.urls import Site
from feedsvc.web.shelf import Shelf
from feedsvc.web.views import changes, cluster_page, filters
from feedsvc.web.views.reader import Reader

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
READER = Reader(
    i18n.language("en"),
    Site("https://agency.example", ("en", "fr")),
    NOW,
    ZoneInfo("Europe/Luxembourg"),
)
NAMES = filters.names({"wood": "Wood", "ict": "ICT"}, {"fund": "Example Fund"}, {}, READER)


def fact(day: str, time: str | None = "17:00", **more: Any) -> dict[str, Any]:
    zone = more.pop("zone", "Europe/Luxembourg")
    return {"type": "submission", "date": day, "time": time, "zone": zone, "precision": "day"}


def event(kind: str, old: Any = None, new: Any = None, **more: Any) -> CallEvent:
    more = {"uid": kind, "at": NOW, "reasons": {}, "material": True} | more
    return CallEvent(type=kind, old=old, new=new, **more)


def said(*events: CallEvent, currency: str = "EUR") -> list[str]:
    return [change.sentence for change in changes.told(events, currency, READER)]


@pytest.mark.parametrize(
    ("founded", "former", "words"),
    [
        (
            2009,
            [("EcoInnovation", 2009, 2019)],
            "Founded in 2009 as EcoInnovation; Now since 2019.",
        ),
        (2009, [("Eco", None, None)], "Founded in 2009 as Eco; today Now."),
        (2016, [], "Founded in 2016."),
        (None, [], ""),
        (
            2001,
            [("One", 2001, 2005), ("Two", 2005, 2010)],
            "Founded in 2001 as One; from 2005 Two; Now since 2010.",
        ),
    ],
)
def test_history_of_a_cluster_is_a_line(
    founded: int | None, former: list[tuple[str, int | None, int | None]], words: str
) -> None:
    names = [FormerName(name=name, since=since, until=until) for name, since, until in former]
    cluster = Cluster(founded=founded, former_names=names)
    assert cluster_page.history(cluster, "Now", READER) == words


def test_extension_says_the_hour_once() -> None:
    moved = event("date_extended", fact("2026-04-16"), fact("2026-04-30"))
    assert said(moved) == [
        "Closes: extended from 16 April 2026 to 30 April 2026, 17:00 (Luxembourg time)."
    ]


def test_change_of_the_hour_says_both() -> None:
    moved = event("time_changed", fact("2026-04-30", "12:00"), fact("2026-04-30"))
    zone = "(Luxembourg time)"
    assert said(moved) == [
        f"Closes: moved from 30 April 2026, 12:00 {zone} to 30 April 2026, 17:00 {zone}."
    ]


def test_change_of_the_zone_says_both() -> None:
    moved = event("date_extended", fact("2026-04-16"), fact("2026-04-30", zone="Europe/Paris"))
    assert "16 April 2026, 17:00 (Luxembourg time)" in said(moved)[0]


def test_change_of_money_names_what_changed_in_its_currency() -> None:
    raised = event("money_changed", {"award_max": "100000.00"}, {"award_max": "200000.00"})
    assert said(raised, currency="USD") == ["Funding cap: US$100,000 → US$200,000."]


def test_event_to_come_is_not_told_yet() -> None:
    assert said(event("published", at=NOW + dt.timedelta(days=1))) == []


def test_latest_change_is_a_material_one_and_not_the_publication() -> None:
    events = [event("text_corrected", material=False), event("cancelled"), event("published")]
    found = changes.latest(changes.told(events, "EUR", READER))
    assert found is not None
    assert found.type == "cancelled"
    assert changes.latest(changes.told(events[2:], "EUR", READER)) is None


def test_chips_name_every_condition() -> None:
    wanted = Filter(
        cluster=("wood",), award_max_from=Decimal(100000), closes_within=1, currency="EUR", q="heat"
    )
    found = filters.chips(wanted, NAMES, "/calls/", READER)
    labels = [chip.label for chip in found]
    assert labels == ["Wood", "cap of 100,000 or more", "EUR", "closes in 1 day", "“heat”"]


def test_facet_folds_what_is_rarely_asked_for_and_shows_what_is_chosen() -> None:
    counts = {"funder": {f"f{number}": 20 - number for number in range(12)}}
    [facet] = filters.facets(Filter(funder=("f11",)), counts, NAMES, READER)
    assert [option.value for option in facet.options] == [*(f"f{n}" for n in range(6)), "f11"]
    assert len(facet.rest) == 5


def test_amount_that_was_typed_is_offered_among_the_others() -> None:
    counts = {"award_max_from": {"100000": 3, "10000": 7}}
    wanted = Filter(award_max_from=Decimal("75000.00"))
    [facet] = filters.facets(wanted, counts, NAMES, READER)
    labels = [(option.label, option.count, option.chosen) for option in facet.options]
    assert labels == [
        ("any amount", None, False),
        ("10,000 or more", 7, False),
        ("75,000 or more", 0, True),
        ("100,000 or more", 3, False),
    ]


def test_short_cut_that_is_taken_is_offered_no_more() -> None:
    offered = filters.presets(Filter(cluster=("wood",), closes_within=30), "/calls/", READER)
    assert [chip.address for chip in offered] == [
        "/calls/?cluster=wood&closes_within=30&published_within=7",
        "/calls/?cluster=wood&status=forecast&closes_within=30",
    ]


def test_facet_without_a_choice_is_left_out() -> None:
    assert filters.facets(Filter(), {"funder": {"fund": 3}}, NAMES, READER) == ()


def test_shelf_makes_room_by_what_was_not_asked_for_longest() -> None:
    shelf = Shelf(2)
    shelf.put("one", 1)
    shelf.put("two", 2)
    shelf.get("one")
    shelf.put("three", 3)
    assert [shelf.get(name) for name in ("one", "two", "three")] == [1, None, 3]
