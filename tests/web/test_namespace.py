"""The namespace of deadlines leads somewhere: a page in each language, and the schema."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from lxml import etree, html

from feedsvc.db import Database
from feedsvc.demo.load import FOLDER, load
from feedsvc.feeds import vocabulary
from feedsvc.feeds.extension import CALL
from feedsvc.settings import Settings
from tests.support.client import Browser
from tests.support.clock import FixedClock

AFTER_THE_LAST = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)  # when all of the demo is public
SITE = "https://agency.example"


@pytest.mark.parametrize("prefix", ["", "/fr", "/de"])
def test_the_page_explains_every_element_and_attribute(client: Browser, prefix: str) -> None:
    answer = client.get(f"{prefix}/ns/call/1.0")
    assert answer.status_code == 200
    tree = html.fromstring(answer.text)
    assert tree.get("lang") == (prefix.strip("/") or "en")
    titles = tree.xpath("//section[@class='element']/h3/@id")
    assert titles == [element.name for element in vocabulary.ELEMENTS]
    rows = set(tree.xpath("//table[contains(@class, 'attributes')]/tbody/tr/@id"))
    assert rows == {f"{e.name}-{a.name}" for e in vocabulary.ELEMENTS for a in e.attributes}
    assert CALL in tree.text_content()
    assert tree.xpath(f"//a[@href='{SITE}/ns/call/1.0.xsd']")


def test_the_schema_is_served_as_xml_and_may_be_kept(client: Browser) -> None:
    answer = client.get("/ns/call/1.0.xsd")
    assert (answer.status_code, answer.mimetype) == (200, "application/xml")
    etree.XMLSchema(etree.fromstring(answer.data))
    assert "max-age=86400" in answer.headers["Cache-Control"]
    again = client.get("/ns/call/1.0.xsd", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", ["/feed.atom", "/fr/calls.rss", "/de/feed.json"])
def test_feeds_lead_to_the_page_and_the_schema(db: Database, client: Browser, path: str) -> None:
    """In the language of the feed; the name of the namespace is the same everywhere."""
    text = client.get(path).text
    found = set(re.findall(rf"{SITE}[/\w]*(/ns/call/1\.0(?:\.xsd)?)\"", text))
    assert found == (set() if path.endswith("json") else {"/ns/call/1.0", "/ns/call/1.0.xsd"})
    for address in re.findall(rf"{SITE}([/\w]*/ns/call/1\.0(?:\.xsd)?)\"", text):
        assert client.get(address).status_code == 200


def test_the_schema_takes_every_call_of_the_demo(
    db: Database, client: Browser, settings: Settings, clock: FixedClock
) -> None:
    clock.at = AFTER_THE_LAST
    with db.begin() as session:
        load(session, settings=settings, now=clock.at)
    schema = etree.XMLSchema(etree.parse(vocabulary.SCHEMA))
    for path in ("/calls.atom", "/fr/calls.rss"):
        blocks = list(etree.fromstring(client.get(path).data).iter(f"{{{CALL}}}call"))
        assert len(blocks) == len(list((FOLDER / "calls").glob("*.toml")))
        for block in blocks:
            schema.assertValid(block)
