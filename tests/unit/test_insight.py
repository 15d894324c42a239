"""Numbers without persons: which program asks, what of a search is kept, how charts are drawn."""

from __future__ import annotations

import pytest

from feedsvc.insight import programs, searches
from feedsvc.web.admin.insight import charts
from feedsvc.web.counting import Tally


@pytest.mark.parametrize(
    ("agent", "name", "readers"),
    [
        ("Feedly/1.0 (+http://www.feedly.com/fetcher.html; 42 subscribers; like FeedFetcher-Google)",
         "Feedly", 42),
        ("Mozilla/5.0 (compatible; inoreader.com; 1 subscriber)", "Inoreader", 1),
        ("NewsBlur Feed Fetcher - 17 subscribers - https://www.newsblur.com/site/1", "NewsBlur", 17),
        ("Feedbin feed-id:1374565 - 4 subscribers", "Feedbin", 4),
        ("Mozilla/5.0 (compatible; theoldreader.com; 2 subscribers; feed-id=9)", "The Old Reader", 2),
        ("NetNewsWire (RSS Reader; https://netnewswire.com/)", "NetNewsWire", 0),
        ("iOS/17.1 (21B74) dataaccessd/1.0", "Apple Calendar", 0),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128", "Thunderbird", 0),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128", programs.BROWSER, 0),
        ("Mozilla/5.0 (compatible; SomeBot/2.0)", programs.CRAWLERS, 0),
        ("MyOwnReader/0.1", programs.OTHER, 0),
        ("", programs.NONE, 0),
        ("x 99999999999 subscribers", programs.OTHER, 0),
    ],
)  # fmt: skip
def test_a_program_is_known_by_what_it_says(agent: str, name: str, readers: int) -> None:
    assert programs.program(agent) == name
    assert programs.subscribers(agent) == readers


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("  Hydrogen\n Valleys ", "hydrogen valleys"),
        ("ana@agency.example", ""),
        ("call 621123456", ""),
        ("https://example.org", ""),
        ("x", ""),
        ("long " * 30, ""),
    ],
)
def test_what_could_name_a_person_is_not_kept_of_a_search(words: str, kept: str) -> None:
    assert searches.keepable(words) == kept


def test_robots_search_for_nothing() -> None:
    assert programs.is_robot("curl/8.0")
    assert programs.is_robot("Mozilla/5.0 (compatible; Googlebot/2.1)")
    assert not programs.is_robot("Mozilla/5.0 (X11; Linux x86_64) Firefox/128")


def test_a_tally_is_bounded_and_wakes_once() -> None:
    woken: list[int] = []
    tally: Tally[str] = Tally(2, lambda: woken.append(1))
    for key in ("a", "a", "b", "too many", "a"):
        tally.add(key)
    assert tally.take() == {"a": 3, "b": 1}
    assert tally.take() == {}
    tally.add("a")
    assert len(woken) == 2


def test_columns_stand_on_the_ground_and_keep_what_is_small_visible() -> None:
    chart = charts.columns("n", "t", "d", [("one", 100, 1), ("two", 0, 0), ("three", 50, 0)])
    one, two, three = chart.columns
    assert chart.most == 100
    assert one.y == chart.top
    assert one.y + one.height == chart.ground
    assert one.part_height == charts.SEEN
    assert (two.height, two.part_height) == (0, 0)
    assert three.height == one.height / 2
    assert one.x < two.x < three.x < three.x + three.width <= chart.width


@pytest.mark.parametrize(
    ("value", "most"), [(0, 1), (1, 1), (3, 5), (11, 20), (20, 20), (999, 1000), (1001, 2000)]
)
def test_a_scale_ends_at_a_round_number(value: int, most: int) -> None:
    assert charts.ceiling(value) == most


def test_a_bar_is_seen_if_there_is_anything() -> None:
    assert (charts.share(0, 10), charts.share(1, 10_000), charts.share(5, 10)) == (0, 1.0, 50.0)
