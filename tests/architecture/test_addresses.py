"""Addresses are spelled in `feedsvc.urls`; each one leads to a route, and so does every link
that templates and code spell out."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

import feedsvc
from feedsvc import urls
from feedsvc.web import assets

PACKAGE = Path(feedsvc.__file__).parent
EXAMPLES = {
    "slug": "heat", "token": "a.b", "name": "ab12.jpg", "kind": "call", "extension": "atom",
    "entry_id": 1,
}  # fmt: skip
# The first two change an address that they are given; the hub may be on another site; then come a
# place on a page, a question about an address, and the logo, whose address is of a site that has one.
NOT_A_PLACE = ("feed", "with_query", "hub", "change_anchor", "is_own_machine", "logo")
LINK = re.compile(r"""\bpath\(\s*["'](/[^"'{}]*)["']\s*\)""")
ASSET = re.compile(r"""\basset\(\s*["']([^"']+)["']\s*\)""")


def places() -> Iterator[str]:
    for name, function in inspect.getmembers(urls, inspect.isfunction):
        parameters = inspect.signature(function).parameters
        if function.__module__ == urls.__name__ and name not in NOT_A_PLACE:
            yield function(*(EXAMPLES[parameter] for parameter in parameters))


def speaks(place: str) -> bool:
    """A page is there once for each language; a file, or a page of the admin, only once."""
    return not place.startswith(("/media/", "/documents/", "/admin/"))


def spelled(pattern: re.Pattern[str]) -> set[str]:
    sources = [path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".html", ".txt")]
    return {found for path in sources for found in pattern.findall(path.read_text())}


def leads_somewhere(app: Flask, path: str) -> bool:
    try:
        app.url_map.bind("agency.example").match(path.partition("?")[0].partition("#")[0])
    except (MethodNotAllowed, RequestRedirect):
        return True
    except NotFound:
        return False
    return True


@pytest.mark.parametrize("prefix", ["", "/fr", "/de"])
def test_every_address_leads_to_a_route(bare_app: Flask, prefix: str) -> None:
    asked = {prefix + place if speaks(place) else place for place in places()}
    assert [path for path in sorted(asked) if not leads_somewhere(bare_app, path)] == []


def test_every_link_that_is_spelled_out_leads_to_a_route(bare_app: Flask) -> None:
    lost = [path for path in sorted(spelled(LINK)) if not leads_somewhere(bare_app, path)]
    assert lost == []


def test_every_asset_that_is_named_exists() -> None:
    lost = [name for name in sorted(spelled(ASSET)) if not (assets.STATIC / name).is_file()]
    assert lost == []
