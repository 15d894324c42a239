"""Calls in the order of fit: shelves, ranks and pages, from the sets of all calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from feedsvc.calls import fit, fit_sets
from feedsvc.calls.fit_lists import Ranking
from feedsvc.calls.tally import DATED, Moment, Snapshot, micros
from feedsvc.content.profiles import Profile
from feedsvc.errors import BadRequest
from feedsvc.search.places import Places

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
WANTED = Profile(kinds=("sme",), country="LU", amount=Decimal(100))
# By id, in the order that is right: what the call says, and the days to its deadline.
CALLS = {
    14: ({"applicant": "sme", "geography": "EU", "award_max": 500}, 30),
    11: ({"applicant": "company", "award_max": 100}, 9),
    12: ({"applicant": "sme", "geography": "LU"}, 30),
    17: ({"applicant": "sme", "geography": "LU"}, 40),
    19: ({"applicant": "sme", "award_max": 50}, 1),
    18: ({"award_max": 50}, 1),
    15: ({"applicant": "sme", "geography": "LU", "award_min": 200}, 5),
    13: ({}, 3),
    16: ({}, 4),
    20: ({"applicant": "sme", "geography": "US"}, 8),
    10: ({"applicant": "sme", "geography": "LU"}, -1),
}  # fmt: skip
SHELVES = [fit.FITS] * 6 + [fit.WITH_OBSTACLE] + [fit.SAYS_LITTLE] * 2 + [fit.MISSES, fit.OVER]


@pytest.fixture
def ranking() -> Ranking:
    """The calls in a snapshot."""
    places = Places().with_ids(CALLS)
    members: dict[tuple[str, str], list[int]] = {("mark", "all"): [], ("currency", "EUR"): []}
    series: dict[str, list[tuple[int, int]]] = {name: [] for name in DATED}
    for call_id, (said, days) in CALLS.items():
        place = places.of(call_id)
        at = micros(NOW + timedelta(days=days))
        for name in ("deadlines", "closes"):
            series[name].append((at, place))
        series["published"].append((0, place))
        for key in (("mark", "all"), ("currency", "EUR")):
            members[key].append(place)
        for name, value in said.items():
            if name in DATED:
                series[name].append((int(value) * 100, place))
            else:
                members.setdefault((name, str(value)), []).append(place)
    known = Snapshot(1, places=places)
    at_now = Moment(known.changed((), members, series), NOW, 14)
    return Ranking(at_now, fit_sets.groups(at_now, at_now.public(), WANTED, 0))


def test_shelves_come_in_order_and_on_each_more_yeses_then_partlies_then_the_deadline(
    ranking: Ranking,
) -> None:
    found = ranking.page(fit.SHELVES, None, 99).rows
    assert [one for _, one in found] == list(CALLS)
    assert [shelf for shelf, _ in found] == SHELVES
    assert ranking.totals() == {shelf: SHELVES.count(shelf) for shelf in fit.SHELVES}


@pytest.mark.parametrize("size", [1, 2, 3, 6])
def test_pages_follow_each_other_whatever_their_size(ranking: Ranking, size: int) -> None:
    rows: list[tuple[str, int]] = []
    after = None
    while after or not rows:
        page = ranking.page(fit.SHELVES, after, size)
        assert len(page.rows) <= size
        rows, after = [*rows, *page.rows], page.next
    assert [one for _, one in rows] == list(CALLS)


def test_a_page_holds_the_shelves_that_it_is_asked_for(ranking: Ranking) -> None:
    assert ranking.page((fit.MISSES, fit.OVER), None, 9).rows == [(fit.MISSES, 20), (fit.OVER, 10)]


@pytest.mark.parametrize("cursor", ["x", "1-2", "1-2-3-4-5", "-1", "1-0-9999999999999999999-1"])
def test_a_place_that_no_page_gave_is_refused(ranking: Ranking, cursor: str) -> None:
    with pytest.raises(BadRequest):
        ranking.page(fit.SHELVES, cursor, 9)
