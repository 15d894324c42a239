"""Lists of calls on other people's sites: the frame, and the page that makes the line for it."""

from __future__ import annotations

from decimal import Decimal
from html import unescape

import pytest
from lxml import html

from feedsvc.db import Database
from tests.builders import deadline, make_call, make_cluster, opening
from tests.support.client import Browser


@pytest.fixture
def filled(db: Database) -> None:
    with db.begin() as session:
        for name in ("CleanTech", "Wood"):
            make_cluster(session, name)
        make_call(session, "Heat", clusters=("cleantech",), award_max=Decimal(200000))
        make_call(session, "Timber", clusters=("wood",), key_dates=(deadline("2026-03-10"),))
        make_call(session, "Over", key_dates=(deadline("2026-02-01"),))
        make_call(session, "Later", key_dates=(opening("2026-05-01"), deadline("2026-06-30")))


def tree(client: Browser, path: str) -> html.HtmlElement:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text[:2000]
    return html.fromstring(answer.text)


def titles(client: Browser, path: str) -> list[str]:
    return [link.text_content() for link in tree(client, path).xpath("//h2/a")]


@pytest.mark.usefixtures("filled")
def test_frame_shows_the_open_calls_of_any_filter(client: Browser) -> None:
    assert titles(client, "/embed/calls") == ["Timber", "Heat"]
    assert titles(client, "/embed/calls?cluster=cleantech") == ["Heat"]
    assert titles(client, "/embed/calls?status=forecast") == ["Later"]
    assert titles(client, "/embed/calls?number=1") == ["Timber"]
    assert titles(client, "/embed/calls?award_max_from=100000") == ["Heat"]


@pytest.mark.usefixtures("filled")
def test_links_of_the_frame_open_the_site_in_a_page_of_their_own(client: Browser) -> None:
    links = tree(client, "/fr/embed/calls?cluster=wood").xpath("//a")
    assert [(link.get("href"), link.get("target")) for link in links] == [
        ("https://agency.example/fr/calls/timber", "_blank"),
        ("https://agency.example/fr/calls/?cluster=wood&status=open", "_blank"),
    ]


@pytest.mark.usefixtures("filled")
def test_frame_and_nothing_else_may_stand_on_other_sites(client: Browser) -> None:
    policies = {
        path: client.get(path).headers["Content-Security-Policy"]
        for path in ("/embed/calls", "/embed", "/calls/", "/calls/heat")
    }
    framed = {path for path, policy in policies.items() if "frame-ancestors *" in policy}
    assert framed == {"/embed/calls"}
    assert all(policy.startswith("default-src 'none'") for policy in policies.values())
    assert "'unsafe" not in policies["/embed/calls"]
    assert "X-Frame-Options" not in client.get("/embed/calls").headers


@pytest.mark.usefixtures("filled")
def test_frame_is_kept_by_caches_and_checked_by_its_tag(client: Browser) -> None:
    answer = client.get("/embed/calls")
    assert answer.headers["Cache-Control"].startswith("public, max-age=300")
    assert "Set-Cookie" not in answer.headers
    again = client.get("/embed/calls", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_look_follows_the_address(client: Browser) -> None:
    page = tree(client, "/embed/calls?theme=dark&accent=ffe100")
    assert page.get("class") == "embedded dark"
    [address] = [link for link in page.xpath("//link/@href") if link.startswith("/theme.css")]
    colours = client.get(address)
    assert "immutable" in colours.headers["Cache-Control"]
    assert colours.text != client.get("/theme.css").text
    assert client.get("/theme.css?accent=nothing").text == client.get("/theme.css").text


def test_what_means_nothing_is_named(client: Browser) -> None:
    wrong = {
        "theme=loud": "theme", "accent=red": "accent", "accent=12345": "accent",
        "number=0": "number", "number=21": "number", "number=\u0663": "number",
        "colour=1": "colour", "cluster=nowhere": "nowhere",
    }  # fmt: skip
    for path in ("/embed", "/embed/calls"):
        for query, named in wrong.items():
            answer = client.get(f"{path}?{query}")
            assert answer.status_code == 400, query
            assert named in answer.text, query


@pytest.mark.usefixtures("filled")
def test_page_makes_a_line_that_shows_what_was_chosen(client: Browser) -> None:
    page = tree(
        client,
        "/de/embed?cluster=wood&status=open&applicant=&theme=light&accent=%238A5A3C&number=3",
    )
    line = page.get_element_by_id("line").text_content()
    frame = html.fromstring(line)
    assert frame.get("src") == (
        "https://agency.example/de/embed/calls"
        "?cluster=wood&status=open&theme=light&accent=8a5a3c&number=3"
    )
    assert frame.get("title") == "Ausschreibungen: Wood · Offen"
    assert unescape(line).count("<") == 2  # one element, and nothing that a name could add
    [preview] = page.xpath("//iframe/@src")
    assert preview == frame.get("src").removeprefix("https://agency.example")
    assert titles(client, preview) == ["Timber"]


@pytest.mark.usefixtures("filled")
def test_conditions_that_have_no_field_stay_when_the_line_is_made_anew(client: Browser) -> None:
    page = tree(client, "/embed?applicant=sme&q=heat")
    hidden = {
        field.get("name"): field.get("value")
        for field in page.xpath("//main//input[@type='hidden']")
    }
    assert hidden == {"applicant": "sme", "q": "heat"}
