"""Going anywhere by a few words: only to what one may see."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask
from lxml import html

from feedsvc.auth.openid.provider import Provider
from feedsvc.auth.rules import ADMINISTRATOR, AUTHOR
from feedsvc.content.desk import views
from feedsvc.content.desk.asked import Asked
from feedsvc.db import Database
from feedsvc.demo.missing import SOURCE
from feedsvc.settings import Settings
from feedsvc.web.admin import menu, rights
from tests.builders import make_call, make_news
from tests.support import team
from tests.support.client import Browser
from tests.support.clock import NOW


def ways(browser: Browser, words: str) -> dict[str, str]:
    page = html.fromstring(browser.get("/admin/jump", query_string={"q": words}).text)
    return {str(a.text): str(a.get("href")) for a in page.xpath("//*[@data-found]//a")}


def test_a_few_words_lead_to_entries_views_and_pages_that_one_may_see(
    app: Flask, db: Database, editor_client: Browser
) -> None:
    ben = team.join(db, "Ben", AUTHOR, now=NOW)
    with db.begin() as session:
        make_news(session, "Heat of Ben", publish_at=None).created_by = ben.id
        make_call(session, "Reuse of heat")
        views.save(
            session, "call", "Heating", Asked(q="heat"), opens=False, shared=False, actor=ben
        )
    author = team.browser(app, db, ben, now=NOW)
    assert ways(editor_client, "hea") == {
        "Heat of Ben": "/admin/news/1", "Reuse of heat": "/admin/calls/2",
    }  # fmt: skip
    assert ways(author, "hea") == {
        "Heat of Ben": "/admin/news/1", "Heating": "/admin/calls/?q=heat",
    }  # fmt: skip
    assert ways(editor_client, "organ") == {
        "Organisations": "/admin/organisations/",
        "Add an organisation": "/admin/organisations/new",
    }
    assert ways(author, "organ") == {}
    assert "Write a call" in ways(author, "")


# What stands at an address of its own and is still no place to go to.
NO_PLACES = {
    "jump": "one is there",
    "confirm": "it is asked when it is needed",
    "bulk": "it is about what was ticked",
    "bulk_delete": "it is about what was ticked",
    "openid_link": "a step on the way to the provider",
    "openid_confirm": "a step on the way to the provider",
    "list_table": "a file",
    "list_workbook": "a file",
    "log_table": "a file",
}


def test_every_page_that_is_about_nothing_in_particular_is_a_place_to_go_to(app: Flask) -> None:
    """Or it is no place, and why stands above. Of lists of parts each is one."""
    wanted = set()
    for rule in app.url_map.iter_rules():
        endpoint = rule.endpoint.removeprefix("admin.")
        if rule.rule.startswith("/admin") and "GET" in (rule.methods or ()):
            about = rule.arguments - {"path"}
            if not about and not rights.is_open(endpoint):
                wanted.add(endpoint)
    places = {place.endpoint for place in (*menu.MENU, *menu.BEYOND)}
    assert wanted - places == NO_PLACES.keys()
    assert places <= wanted
    lists = {place.values["path"] for place in menu.MENU if place.endpoint == "parts"}
    assert lists == {"clusters", "organisations", "programmes", "pages"}


def test_a_page_about_what_the_site_has_not_is_no_place(
    app: Flask, db: Database, settings: Settings
) -> None:
    boss = team.browser(app, db, team.join(db, "Boss", ADMINISTRATOR, now=NOW), now=NOW)
    every = ways(boss, "")
    assert every["Settings: logo and colour"] == "/admin/settings/look"
    assert every["Passkeys"] == "/admin/passkeys"
    assert "Sign in with another account" not in every  # there is no provider
    assert "Take the demo content away" not in every
    with db.begin() as session:
        make_news(session, "Of the demo").source = SOURCE
    app.extensions["feedsvc"] = replace(app.extensions["feedsvc"], provider=Provider(settings))
    assert {"Sign in with another account", "Take the demo content away"} <= ways(boss, "").keys()
