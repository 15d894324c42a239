"""The filter: one query string for pages, feeds and subscriptions."""

from __future__ import annotations

from decimal import Decimal

import pytest

from feedsvc.content import places
from feedsvc.content.filters import BadFilter, Filter, parse


def test_the_same_filter_prints_the_same_query_however_it_was_typed() -> None:
    one = parse([("q", " heat  pump "), ("cluster", "ict"), ("cluster", "cleantech")])
    two = parse([("cluster", "cleantech"), ("cluster", "ict"), ("cluster", ""), ("q", "heat pump")])
    assert one == two
    assert one.query() == "cluster=cleantech&cluster=ict&q=heat+pump"
    assert one.digest() == two.digest()


def test_an_amount_is_printed_as_a_reader_writes_it() -> None:
    assert parse([("award_max_from", "100000.00")]).query() == "award_max_from=100000"


@pytest.mark.parametrize(
    ("pair", "named"),
    [
        (("sector", "wood"), "sector"),
        (("status", "maybe"), "maybe"),
        (("kind", "event"), "event"),
        (("award_max_from", "lots"), "lots"),
        (("award_max_from", "-1"), "-1"),
        (("award_max_from", "1e999"), "1e999"),
        (("closes_within", "0"), "0"),
        (("closes_within", "٣"), "٣"),
        (("published_within", "366"), "published_within"),
        (("cofinancing_from", "101"), "cofinancing_from"),
        (("cofinancing_from", "62.5"), "62.5"),
        (("geography", "Luxembourg"), "Luxembourg"),
        (("currency", "euro"), "euro"),
        (("published", "March"), "March"),
        (("q", "\0"), "q"),
        (("cluster", "\x08\x1f"), "cluster"),
    ],
)
def test_what_means_nothing_is_refused_by_name(pair: tuple[str, str], named: str) -> None:
    with pytest.raises(BadFilter, match=f"“{named}”"):
        parse([pair])


def test_a_country_is_one_however_it_was_typed() -> None:
    assert parse([("geography", "lu"), ("geography", "LU")]) == Filter(geography=("LU",))


def test_what_is_open_to_the_union_is_open_to_its_members() -> None:
    assert places.meeting(["LU"]) == ("EU", "LU")
    assert places.meeting(["CH"]) == ("CH",)
    assert places.kept(["LU", "EU", "CH"]) == ("CH", "EU")


def test_a_search_of_any_length_is_not_accepted() -> None:
    with pytest.raises(BadFilter, match="200"):
        parse([("q", "a" * 201)])


def test_one_chip_removes_one_value() -> None:
    both = Filter(cluster=("ict", "wood"), status=("open",))
    assert both.without("cluster", "ict") == Filter(cluster=("wood",), status=("open",))
    assert both.without("cluster") == Filter(status=("open",))
    assert Filter(q="heat").without("q") == Filter()


def test_names_of_the_page_are_not_filters() -> None:
    assert parse([("after", "0-1-2"), ("q", "heat")], ignore=("after",)) == Filter(q="heat")


def test_a_subscription_keeps_what_stays_true() -> None:
    asked = Filter(cluster=("ict",), status=("open",), closes_within=30, published_within=7)
    assert asked.standing() == Filter(cluster=("ict",))


def test_only_calls_can_meet_a_funding_cap() -> None:
    assert Filter(award_max_from=Decimal(1)).only_calls
    assert not Filter(cluster=("ict",), q="heat").only_calls
