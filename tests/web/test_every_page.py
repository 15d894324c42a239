"""What holds for every page there is, taken from the map of routes: for one that is added tomorrow too.

A look changes nothing; whatever people wrote does nothing in a reader's browser; what is no reader's
to know stands nowhere in public; and every form that sends something carries its token.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from jinja2 import BytecodeCache
from lxml import etree, html
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from tests.support.databases import Backends
from tests.support.statements import recorded
from tests.web import hostile_site
from tests.web.hostile_site import SECRET, Site

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "DROP")
# Where an address leads to; the other attributes hold words.
ADDRESSES = ("href", "src", "srcset", "action", "formaction", "data", "poster", "cite", "ping")
SCHEMES = ("", "http", "https", "mailto", "webcal", "feed")
# What stands within a page runs nothing, and is no part of the site; what is in there is looked at too.
BOX = "self::iframe and @sandbox='allow-popups allow-popups-to-escape-sandbox'"
NEVER = f"//object | //embed | //meta[@http-equiv='refresh'] | //*[@srcdoc and not({BOX})]"
NOT_IN_PAGES = "//base | //style | //*[@style]"
FILES = ("media.media", "media.document")  # the draft has them, and nothing else
REFERENCES = (
    "//@for | //@form | //@list | //@aria-labelledby | //@aria-describedby | //@aria-controls"
)
# The HTML of a mail, whose readers know no stylesheets: it stands in a box where nothing runs.
BOXED = "a mail in its box"
MAILS = (BOXED, "admin.mail_html")


@dataclass
class Walk:
    """What was seen: every page, and what looking at it wrote."""

    pages: list[tuple[str, str, TestResponse]] = field(default_factory=list)
    written: list[tuple[str, str]] = field(default_factory=list)

    def trees(self) -> Iterator[tuple[str, str, html.HtmlElement]]:
        for endpoint, address, answer in self.pages:
            if answer.mimetype == "text/html":
                page = html.document_fromstring(answer.text)
                yield endpoint, address, page
                for inside in page.xpath("//@srcdoc"):
                    yield BOXED, address, html.document_fromstring(inside)


@pytest.fixture(scope="module")
def site(
    _backends: Backends, tmp_path_factory: pytest.TempPathFactory, _compiled: BytecodeCache
) -> Iterator[Site]:
    """SQLite is enough: it is pages that are looked at."""
    for url in _backends["sqlite"].fresh():
        made = hostile_site.built(url, tmp_path_factory.mktemp("hostile"), _compiled)
        yield made
        made.db.close()


@pytest.fixture(scope="module")
def inside(site: Site) -> Walk:
    return walked(site, admin=True)


@pytest.fixture(scope="module")
def outside(site: Site) -> Walk:
    return walked(site, admin=False)


def walked(site: Site, *, admin: bool) -> Walk:
    walk, browser = Walk(), site.boss if admin else site.reader
    for endpoint, address in site.addresses(admin=admin):
        with recorded(site.db) as statements:
            walk.pages.append((endpoint, address, browser.get(address, buffered=True)))
        walk.written += [(address, one) for one in statements if one.lstrip().startswith(WRITES)]
    return walk


def test_nearly_every_page_of_the_admin_is_one_with_something_on_it(inside: Walk) -> None:
    """What has nothing here (no link by mail, no provider, nothing to review) says so."""
    assert len(inside.pages) > 140
    assert {answer.status_code for _, _, answer in inside.pages} <= {200, 303, 400, 404, 409, 422}
    empty = {endpoint for endpoint, _, _ in inside.pages} - {
        endpoint for endpoint, _, answer in inside.pages if answer.status_code == 200
    }
    assert empty == {
        "admin.sign_in", "admin.setup", "admin.invitation", "admin.reset", "admin.bulk",
        "admin.bulk_delete", "admin.bulk_done", "admin.openid_start", "admin.openid_back",
        "admin.openid_link", "admin.openid_confirm",
    }  # fmt: skip


def test_looking_at_a_page_writes_nothing(inside: Walk, outside: Walk) -> None:
    """But that a session keeps the token that its forms carry."""
    written = {address: one for address, one in inside.written if "UPDATE web_session" not in one}
    assert written == {}
    assert outside.written == []


def test_every_page_of_who_is_signed_in_names_the_zone_of_its_times(inside: Walk) -> None:
    named = 0
    for _, address, tree in inside.trees():
        if tree.xpath("//body[contains(@class, 'admin')]//details[@class='me']"):
            assert "Luxembourg time (Europe/Luxembourg)" in tree.xpath("string(//footer)"), address
            named += 1
    assert named > 100


def test_what_people_wrote_does_nothing_in_a_browser(inside: Walk, outside: Walk) -> None:
    pages = [*inside.trees(), *outside.trees()]
    assert len(pages) > 140
    assert BOXED in {place for place, _, _ in pages}
    wrong = [(address, what) for place, address, tree in pages for what in active(place, tree)]
    assert wrong == []


def test_every_id_is_there_once_and_what_is_named_is_there(inside: Walk, outside: Walk) -> None:
    for _, address, tree in (*inside.trees(), *outside.trees()):
        ids = tree.xpath("//@id")
        assert len(ids) == len(set(ids)), address
        named = {one for names in tree.xpath(REFERENCES) for one in names.split()}
        assert named <= set(ids), (address, named - set(ids))


def test_what_is_no_reader_s_to_know_stands_nowhere_in_public(inside: Walk, outside: Walk) -> None:
    assert any(
        SECRET.encode() in answer.data
        for _, address, answer in inside.pages
        if "/calls/" in address
    )
    for _, address, answer in outside.pages:
        assert SECRET.encode() not in answer.data, address
        assert answer.status_code < 400 or not answer.mimetype.startswith("image"), address
    files = [answer.status_code for place, _, answer in outside.pages if place in FILES]
    assert files == [404, 404]


def test_every_form_of_the_admin_that_sends_carries_a_token_and_leads_to_a_route(
    site: Site, inside: Walk
) -> None:
    routes, sending = site.app.url_map.bind("agency.example"), 0
    for _, address, tree in inside.trees():
        for form in tree.xpath("//form[@method='post']"):
            sending += 1
            assert form.xpath(".//input[@name='csrf_token']/@value"), address
            for action in [form.get("action"), *form.xpath(".//@formaction")]:
                assert leads(routes, action or address), (address, action)
    assert sending > 150


def leads(routes: object, address: str) -> bool:
    parts = urlsplit(address)
    try:
        routes.match(parts.path, "POST")  # type: ignore[attr-defined]
    except HTTPException:
        return False
    return not parts.netloc


def active(endpoint: str, tree: html.HtmlElement) -> Iterator[str]:
    """Whatever would do something, and is not ours."""
    for element in tree.xpath(NEVER if endpoint in MAILS else f"{NEVER} | {NOT_IN_PAGES}"):
        yield etree.tostring(element, encoding="unicode")[:80]
    for element in tree.iter(etree.Element):
        for name, value in element.attrib.items():
            if name.startswith("on") or (name in ADDRESSES and not is_harmless(element.tag, value)):
                yield f"{element.tag} {name}={value[:60]}"
        if element.tag == "script" and not element.get("src"):
            json.loads(element.text or "")
            if element.get("type") != "application/ld+json":
                yield "a script in the page"


def is_harmless(tag: str, address: str) -> bool:
    parts = urlsplit(address.strip())
    own = parts.netloc in ("", "agency.example")
    drawn = tag == "img" and address.startswith("data:image/png;base64,")
    return drawn or (parts.scheme in SCHEMES and (own or tag in ("a", "link")))
