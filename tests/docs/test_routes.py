"""docs/routes.md holds every public address, and each address in it leads somewhere."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.exceptions import NotFound
from werkzeug.routing import RequestRedirect

from feedsvc.settings import KNOWN_LANGUAGES
from tests.architecture.conftest import bare_app as bare_app
from tests.docs import pages

PAGE = "docs/routes.md"
PREFIXES = tuple(f"/{language}/" for language in KNOWN_LANGUAGES)
OTHERS = PREFIXES[1:]
CONVERTER = re.compile(r"<[^:<>]+:(\w+)>")
DOCUMENTED = {
    pages.codes(row[0])[0] for table in pages.tables(PAGE) for row in table if row[0] != "Address"
}
ADMIN = [code for code in pages.codes(pages.text(PAGE)) if code.startswith("/admin/")]
SAMPLES = {
    "<slug>": "heat", "<extension>": "atom", "<token>": "a.b", "<name>": "ab12.webp",
    "<part>": "1", "<check>": "mail", "<colour>": "0b5d4e", "<seed>": "0011aabb",
}  # fmt: skip


def rules(app: Flask) -> set[str]:
    """The rules of the public site in the default language, as the page writes them."""
    found = {CONVERTER.sub(r"<\1>", rule.rule) for rule in app.url_map.iter_rules()}
    return {rule for rule in found if not rule.startswith(("/admin/", "/all/", *PREFIXES))}


def leads_somewhere(app: Flask, address: str) -> bool:
    for name, sample in SAMPLES.items():
        address = address.replace(name, sample)
    try:
        app.url_map.bind("agency.example").match(address)
    except RequestRedirect:
        return True
    except NotFound:
        return False
    return True


def test_every_public_address_is_documented_and_no_other(bare_app: Flask) -> None:
    assert rules(bare_app) - DOCUMENTED == set()
    assert DOCUMENTED - rules(bare_app) == set()


@pytest.mark.parametrize("address", sorted({*DOCUMENTED, *ADMIN}))
def test_every_documented_address_leads_somewhere(bare_app: Flask, address: str) -> None:
    assert leads_somewhere(bare_app, address)


def test_feeds_and_nothing_else_have_every_language(bare_app: Flask) -> None:
    feeds = pages.text(PAGE).partition("## Feeds")[2].partition("\n## ")[0]
    for address in DOCUMENTED:
        here = leads_somewhere(bare_app, "/all/" + address.removeprefix("/"))
        assert here is (f"`{address}`" in feeds), address


def test_only_what_is_said_to_be_there_once_has_no_language(bare_app: Flask) -> None:
    once = pages.text(PAGE).partition("## For machines, once")[2]
    for address in DOCUMENTED:
        for prefix in OTHERS:
            here = leads_somewhere(bare_app, prefix + address.removeprefix("/"))
            assert here is (f"`{address}`" not in once), prefix + address
