"""Pages follow one another in order, however many calls match and wherever these stand."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.calls import tally_pages
from feedsvc.calls.lists import Cursor
from feedsvc.calls.tally import DATED, Moment, Snapshot, micros
from feedsvc.calls.tally_pages import SHORT
from feedsvc.search.places import Places

NOW = datetime(2026, 4, 10, 9, tzinfo=UTC)
NUMBER = SHORT * 10
IDS = range(10, 10 + NUMBER * 2, 2)


@pytest.fixture(scope="module")
def dates() -> dict[str, dict[int, list[datetime]]]:
    """Calls with deadlines, some with several and some with none ahead; many were published alike."""
    chance = random.Random(11)
    published = {one: [NOW - timedelta(minutes=chance.randrange(NUMBER // 3))] for one in IDS}
    deadlines = {
        one: sorted(
            NOW + timedelta(hours=chance.randrange(-200, NUMBER)) for _ in range(1 + one % 3)
        )
        for one in IDS
    }
    closes = {one: found[-1:] for one, found in deadlines.items()}
    return {"published": published, "deadlines": deadlines, "closes": closes}


@pytest.fixture(scope="module")
def held(dates: dict[str, dict[int, list[datetime]]]) -> Snapshot:
    places = Places().with_ids(IDS)
    series: dict[str, list[tuple[int, int]]] = {name: [] for name in DATED}
    for name, of in dates.items():
        series[name] = [(micros(at), places.of(one)) for one in IDS for at in of[one]]
    return Snapshot(1, places=places).changed((), {}, series)


def walked(held: Snapshot, order: str, ids: list[int]) -> list[int]:
    """These calls, page by page."""
    wanted = tally_pages.Wanted(Moment(held, NOW, 14), held.places.set_of(ids))
    found: list[int] = []
    cursor: Cursor | None = None
    while True:
        page, cursor = tally_pages.page(wanted, order, cursor, 20)
        found += page
        if cursor is None:
            return found


@pytest.mark.parametrize("number", [0, 1, 30, 300, NUMBER])
@pytest.mark.parametrize("where", ["anywhere", "first", "last"])
def test_pages_are_in_order(
    held: Snapshot, dates: dict[str, dict[int, list[datetime]]], number: int, where: str
) -> None:
    chance = random.Random(number)

    def next_of(one: int) -> datetime:
        return next((at for at in dates["deadlines"][one] if at > NOW), NOW)

    def published(one: int) -> datetime:
        return dates["published"][one][0]

    for order in ("deadline", "newest"):
        value = next_of if order == "deadline" else published
        among = sorted(IDS, key=value, reverse=where == "last")
        ids = chance.sample(among, number) if where == "anywhere" else among[:number]
        if order == "newest":
            expected = sorted(ids, key=lambda one: (published(one), one), reverse=True)
        else:
            ids = [one for one in ids if next_of(one) > NOW]
            expected = sorted(ids, key=lambda one: (next_of(one), one))
        assert walked(held, order, ids) == expected
