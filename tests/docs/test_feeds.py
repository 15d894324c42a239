"""docs/feeds.md holds every format, filter and element, and what it names can be asked for."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from feedsvc.calls.dates import DEADLINE_TYPES
from feedsvc.content import filters
from feedsvc.content.profiles import LEVELS
from feedsvc.db import Database
from feedsvc.feeds import atom, csv
from feedsvc.feeds.extension import CALL, NAMESPACES
from feedsvc.feeds.query import CALLS_ONLY, RENDERERS
from tests import builders
from tests.docs import pages
from tests.support import feeds
from tests.support.client import Browser

PAGE = "docs/feeds.md"
FILTERS = {pages.codes(name)[0]: value for name, value, _ in pages.table(PAGE, "Name", "Value")}
ELEMENTS = {
    element: row[1] for row in pages.table(PAGE, "Element") for element in pages.codes(row[0])
}
SAMPLES = {"cluster": "cleantech", "funder": "example-fund", "programme": "example-programme",
           "closes_within": "30", "cofinancing_from": "50", "published_within": "7", "q": "heat",
           "my_cluster": "cleantech", "my_theme": "heat", "my_share": "40", "my_days": "20"}  # fmt: skip
DATE = {"at", "date", "tz", "precision", "certainty"}


def asked(name: str) -> list[str]:
    """A query for each documented value of a filter."""
    return [f"{name}={value}" for value in pages.codes(FILTERS[name]) or [SAMPLES[name]]]


@pytest.fixture
def site(db: Database, client: Browser) -> Browser:
    with db.begin() as session:
        builders.make_cluster(session)
        builders.make_organisation(session)
        builders.make_programme(session)
        builders.make_call(session, funders=("example-fund",), clusters=("cleantech",))
    return client


def test_every_format_is_documented_with_its_media_type() -> None:
    rows = pages.table(PAGE, "Format", "For")
    held = {pages.codes(row[0])[0]: pages.codes(row[3])[0] for row in rows}
    assert held == {name: renderer.MEDIA_TYPE for name, renderer in RENDERERS.items()}


def test_every_list_is_answered_in_the_formats_that_it_is_said_to_have(site: Browser) -> None:
    for _, page, feed, formats in pages.table(PAGE, "List", "Page", "Feed"):
        address = pages.codes(feed)[0].replace("<slug>", "reuse-of-process-heat")
        stem, dot, rest = address.partition(".")
        extension, mark, query = rest.partition("?")
        said = RENDERERS if formats == "all" else [name.strip() for name in formats.split(",")]
        assert extension in said
        for name in said:
            assert site.get(f"{stem}{dot}{name}{mark}{query}").status_code == 200
        asked = pages.codes(page)[0].replace("<slug>", "reuse-of-process-heat")
        assert site.get(asked).status_code == 200


def test_every_filter_is_documented_with_its_values() -> None:
    assert tuple(FILTERS) == filters.NAMES
    named = (("kind", filters.KINDS), ("my_kind", filters.APPLICANTS), ("my_trl", LEVELS))
    for name, values in (*filters.CHOICES.items(), *named):
        assert tuple(pages.codes(FILTERS[name])) == values
    several = {name for name, cell in FILTERS.items() if cell.endswith("several")}
    assert several == {*filters.FACETS, "my_kind", "my_cluster", "my_trl"}


def test_every_documented_value_of_a_filter_is_answered_as_page_and_as_feed(site: Browser) -> None:
    for query in (query for name in FILTERS for query in asked(name)):
        page = "/news/" if query == "kind=news" else "/calls/"
        assert site.get(f"{page}?{query}").status_code == 200, query
        assert site.get(f"/feed.atom?{query}").status_code == 200, query


@pytest.mark.parametrize("format", RENDERERS)
def test_every_documented_filter_is_answered_in_every_format(site: Browser, format: str) -> None:
    for query in (asked(name)[-1] for name in FILTERS):
        assert site.get(f"/feed.{format}?{query}").status_code == 200, query
    refused = site.get(f"/feed.{format}?kind=news").status_code == 400
    assert refused is (format in CALLS_ONLY)


def test_every_column_of_a_table_is_documented() -> None:
    section = pages.text(PAGE).partition("## Tables")[2]
    assert tuple(pages.codes(section)[: len(csv.COLUMNS)]) == csv.COLUMNS


def block(xml: str) -> etree._Element:
    """The block of a call, from a piece of a feed."""
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    parser = etree.XMLParser(remove_blank_text=True)
    found = etree.fromstring(f"<r {spaces}>{xml}</r>", parser).find(f".//{{{CALL}}}call")
    assert found is not None
    return found


def rendered(**more: Any) -> etree._Element:
    """The block that feeds hold of a call."""
    assert feeds.CALL.call is not None
    entry = replace(feeds.CALL, call=replace(feeds.CALL.call, **more))
    return block(atom.fragment(entry).data.decode())


def canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True)


def test_the_example_is_what_feeds_hold() -> None:
    example = block(pages.fences(PAGE, "xml")[0])
    assert canonical(example) == canonical(rendered(apply_url="https://bpf.example/apply"))
    assert f"`{CALL}`" in pages.text(PAGE)


def test_every_element_is_documented_with_its_attributes() -> None:
    """Seen in a call that says all that a call can say."""
    amounts = dict.fromkeys(("award_min", "total_budget", "cofinancing_min"), Decimal(1))
    found = {etree.QName(e).localname: e for e in rendered(series="BPF", **amounts).iter()}
    assert set(found) == set(ELEMENTS)
    for name, element in found.items():
        own, date = set(element.keys()) - DATE, set(element.keys()) & DATE
        assert own <= set(pages.codes(ELEMENTS[name])), name
        assert not date or "a date" in ELEMENTS[name]
    assert set(DEADLINE_TYPES) <= set(pages.codes(ELEMENTS["deadline"]))
