"""The namespace of deadlines: its schema takes what feeds hold and nothing else, and its page agrees."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from feedsvc.content.words import STATUS_NAMES
from feedsvc.feeds import atom, jsonfeed, rss, vocabulary
from feedsvc.feeds.extension import CALL
from feedsvc.i18n import language
from feedsvc.web.assets import STATIC
from tests.support import feeds
from tests.support.golden import FOLDER

XSD = "{http://www.w3.org/2001/XMLSchema}"
GOLDEN = sorted(path for kind in ("rss", "atom") for path in FOLDER.glob(f"feeds/*.{kind}"))
FULL = replace(
    feeds.CALL,
    call=replace(
        feeds.CALL.call, series="BPF", total_budget=Decimal("1250000.50"), award_min=Decimal(1),
        cofinancing_min=Decimal(50),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(vocabulary.SCHEMA))


def blocks(root: etree._Element) -> list[etree._Element]:
    return list(root.iter(f"{{{CALL}}}call"))


def block() -> etree._Element:
    """The block of a call that says all that a call can say."""
    spaces = " ".join(
        f'xmlns:{prefix}="{uri}"' for prefix, uri in atom.CallFeedExtension().extend_ns().items()
    )
    [found] = blocks(etree.fromstring(f"<r {spaces}>{atom.fragment(FULL).data.decode()}</r>"))
    return found  # fmt: skip


def written() -> dict[str, set[str]]:
    """What the renderer writes: the attributes of each element."""
    found: dict[str, set[str]] = {}
    for element in block().iter():
        found.setdefault(etree.QName(element).localname, set()).update(element.keys())
    return found


def declared() -> dict[str, dict[str, bool]]:
    """What the schema allows: the attributes of each element, and whether they must be there."""
    tree = etree.parse(vocabulary.SCHEMA)
    types = {kind.get("name"): kind for kind in tree.iter(f"{XSD}complexType")}

    def attributes(name: str) -> dict[str, bool]:
        own = {
            a.get("name"): a.get("use") == "required"
            for a in types[name].iter(f"{XSD}attribute")
        }  # fmt: skip
        base = types[name].find(f".//{XSD}extension")
        return own | (attributes(base.get("base").partition(":")[2]) if base is not None else {})

    return {
        element.get("name"): attributes(element.get("type").partition(":")[2])
        for element in tree.iter(f"{XSD}element")
    }


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_the_schema_takes_every_golden_feed(schema: etree.XMLSchema, path: Path):
    found = blocks(etree.parse(path).getroot())
    assert found
    for element in found:
        schema.assertValid(element)


@pytest.mark.parametrize("renderer", [atom, rss])
@pytest.mark.parametrize("entry", [FULL, feeds.CALL, feeds.PLAIN])
def test_the_schema_takes_calls_that_say_much_or_little(schema, renderer, entry):
    fragments = [renderer.fragment(entry)]
    [element] = blocks(etree.fromstring(renderer.frame(feeds.HEAD, fragments).around(fragments)))
    schema.assertValid(element)


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        (".", "status", "closing_soon"),
        (".", "status", None),
        (".", "id", "https://agency.example/calls/1"),
        (".", "model", "whenever"),
        (".", "colour", "green"),
        ("*[@stage='submission']", "at", "2024-04-30T17:00:00"),
        ("*[@stage='submission']", "at", None),
        ("*[@stage='submission']", "date", "2024-04-30"),
        ("*[@stage='submission']", "stage", "decision"),
        ("*[@stage='stage_1']", "date", "2024-13"),
        ("*[@stage='stage_1']", "precision", "day"),
        ("*[@stage='stage_1']", "certainty", "confirmed"),
        ("{*}opens", "tz", None),
        ("{*}fundingCap", "amount", "-1"),
        ("{*}fundingCap", "amount", "200,000"),
        ("{*}fundingCap", "currency", "euro"),
        ("{*}cofinancingRate", "maxPercent", "101"),
        ("{*}applyLink", "href", "javascript:alert(1)"),
        ("{*}funder", "name", ""),
    ],
)
def test_the_schema_refuses_what_a_call_never_says(schema, path, name, value):
    found = block()
    element = found if path == "." else found.find(path)
    if value is None:
        del element.attrib[name]
    else:
        element.set(name, value)
    assert not schema.validate(found)


def test_the_schema_refuses_text_in_an_element(schema: etree.XMLSchema):
    found = block()
    found.find("{*}deadline").text = "30 April"
    assert not schema.validate(found)


def test_renderer_schema_and_page_know_the_same_elements_and_attributes():
    explained = {e.name: {a.name for a in e.attributes} for e in vocabulary.ELEMENTS}
    allowed = {name: set(attributes) for name, attributes in declared().items()}
    assert allowed == explained
    moments = {"at", "date", "tz", "precision", "certainty"}
    for name, attributes in written().items():
        # One date cannot be of every kind at once.
        optional = moments if name == "opens" else set()
        assert attributes | optional == allowed[name] | optional, name


def test_the_page_says_what_is_always_there_and_which_values_there_are():
    must = {e.name: {a.name for a in e.attributes if a.required} for e in vocabulary.ELEMENTS}
    assert must == {
        name: {attribute for attribute, required in attributes.items() if required}
        for name, attributes in declared().items()
    }
    tree = etree.parse(vocabulary.SCHEMA)
    lists = {
        tuple(value.get("value") for value in kind.iter(f"{XSD}enumeration"))
        for kind in tree.iter(f"{XSD}simpleType")
    }
    said = {a.choices for e in vocabulary.ELEMENTS for a in e.attributes if a.choices}
    assert said == lists - {()}


def test_the_examples_of_the_page_are_valid_and_say_the_same(schema: etree.XMLSchema):
    example = etree.fromstring(vocabulary.EXAMPLE)
    schema.assertValid(example)
    said = json.loads("{" + vocabulary.JSON_EXAMPLE % {"about": "https://agency.example/"} + "}")
    as_json = said["_call"]
    assert as_json["namespace"] == CALL
    assert as_json["deadlines"] == [dict(d.attrib) for d in example.findall("{*}deadline")]
    for name in ("opens", "fundingCap", "cofinancingRate"):
        assert as_json[name] == dict(example.find(f"{{*}}{name}").attrib)


def test_json_feed_says_all_that_the_block_says_by_the_names_on_the_page():
    call = json.loads(jsonfeed.fragment(FULL).data)["_call"]
    names = {name for e in vocabulary.ELEMENTS for name in re.findall(r"\w+", e.json)}
    assert set(call) == names | {"about", "namespace"}
    assert call["deadlines"] == [dict(d.attrib) for d in block().findall("{*}deadline")]
    for name in ("opens", "fundingCap", "fundingMinimum", "totalBudget", "cofinancingRate"):
        assert call[name] == dict(block().find(f"{{*}}{name}").attrib)


@pytest.mark.parametrize("code", ["en", "fr", "de"])
def test_the_stylesheet_of_feeds_says_each_status_as_the_pages_do(code: str):
    css = STATIC.joinpath("feed.css").read_text()
    mark = "" if code == "en" else f":lang({code})"
    for status in vocabulary.STATUSES:
        word = language(code).gettext(STATUS_NAMES[status])
        assert f'call|call[status={status}]{mark}::before {{ content: "{word}" }}' in css
