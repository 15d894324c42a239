"""Fragments are kept within bounds; queries have one spelling; a feed's id outlives its address."""

from __future__ import annotations

import pytest

from feedsvc.content.filters import BadFilter, Filter
from feedsvc.errors import NotFound
from feedsvc.feeds.fragments import OVERHEAD, Fragment, Store
from feedsvc.feeds.query import Query, checked, with_page


def test_what_was_not_asked_for_the_longest_is_forgotten_first():
    store = Store(limit=3 * (OVERHEAD + 10))
    for key in "abc":
        store.put(key, Fragment(key.encode() * 10))
    store.among("a")
    store.put("d", Fragment(b"d" * 10))
    assert [found is not None for found in store.among("abcd")] == [True, False, True, True]


def test_a_fragment_that_is_replaced_counts_once():
    store = Store(limit=2 * (OVERHEAD + 10))
    for _ in range(5):
        store.put("a", Fragment(b"a" * 10))
    store.put("b", Fragment(b"b" * 10))
    assert len(store) == 2


def test_one_fragment_is_kept_however_large():
    store = Store(limit=10)
    store.put("a", Fragment(b"a" * 1000))
    assert store.get("a") == Fragment(b"a" * 1000)


def query(format: str = "atom", language: str = "en", page: str = "/calls/", **found) -> Query:
    return Query(with_page(Filter(**found), page), format, language, page)


def test_the_address_says_once_what_the_path_says():
    assert query(cluster=("ict",), status=("open",)).address == (
        "/calls.atom?cluster=ict&status=open"
    )
    assert query(page="/clusters/ict", status=("open",)).address == (
        "/clusters/ict.atom?status=open"
    )
    assert query(page="/").page_address == "/"


def test_a_feed_has_one_id_in_every_format_and_another_in_every_language():
    assert query("atom").id == query("rss").id
    assert query("atom").id != query("atom", language="fr").id
    assert query("atom").id != query("atom", q="heat").id


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("/calls/", {"kind": "news"}),
        ("/news/", {"kind": "call"}),
        ("/clusters/ict", {"cluster": ("wood",)}),
    ],
)
def test_a_filter_that_contradicts_its_path_is_refused(page: str, found: dict[str, object]):
    with pytest.raises(BadFilter):
        query(page=page, **found)


def test_a_search_must_say_for_what():
    with pytest.raises(BadFilter):
        checked(query(page="/search"))


@pytest.mark.parametrize(("format", "page"), [("xml", "/"), ("ics", "/news/"), ("csv", "/news/")])
def test_a_format_that_a_list_has_not_is_named(format: str, page: str):
    with pytest.raises(NotFound):
        checked(query(format, page=page))
