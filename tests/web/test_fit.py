"""What fits a reader: the page with its reasons, the same as feeds, and by mail."""

from __future__ import annotations

import csv
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest
from lxml import html

from feedsvc import urls
from feedsvc.content.edits import TextEdit
from feedsvc.content.filters import parse
from feedsvc.db import Database
from feedsvc.settings import Settings
from feedsvc.subscriptions import links, queries
from tests.builders import deadline, make_call, make_cluster
from tests.support.client import Browser
from tests.support.readers import Service, follow

WE = "my_kind=sme&my_country=LU&my_theme=heat&my_amount=150000&my_share=40&my_days=20"


@pytest.fixture
def calls(db: Database) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
        make_call(
            session,
            "Reuse of process heat",
            key_dates=(deadline("2026-03-26"),),
            applicants=("company", "sme"),
            geographies=("EU",),
            award_max=Decimal(200_000),
            cofinancing_max=Decimal(70),
        )
        make_call(session, "Heat for schools", applicants=("school",))
        make_call(
            session, "Big heat", award_min=Decimal(10**6), key_dates=(deadline("2026-06-01"),)
        )
        make_call(session, texts={"en": TextEdit(title="Timber", body="Wood.")}, clusters=("wood",))


def page(client: Browser, path: str, status: int = 200) -> html.HtmlElement:
    answer = client.get(path)
    assert answer.status_code == status, answer.text[:2000]
    return html.fromstring(answer.text)


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def titles(tree: html.HtmlElement) -> list[str]:
    return [words(title) for title in tree.xpath("//ul[@class='rows']/li//h3")]


def test_calls_come_by_fit_under_the_name_of_their_shelf_with_the_reasons(
    calls: None, client: Browser
) -> None:
    tree = page(client, f"/fit?{WE}")
    assert titles(tree) == ["Reuse of process heat", "Big heat"]
    shelves = [words(it) for it in tree.xpath("//section[@class='shelf']/h2")]
    assert shelves == ["What fits you 1", "What fits, with an obstacle 1"]
    first, second = tree.xpath("//ul[@class='reasons']")
    assert [words(reason) for reason in first] == [
        "Who can apply: yes. Open to: Companies · Small and medium-sized companies.",
        "Country: yes. Open to applicants from: European Union.",
        "Field: yes. It mentions “heat”.",
        "Amount: yes. It pays up to €200,000; you seek €150,000.",
        "Own share: yes. Your 40% own share is above the 30% asked.",
        "Time left: yes. It closes in 24 days. You need 20 days.",
    ]
    assert [reason.get("class") for reason in second] == [
        "unsaid", "unsaid", "yes", "no", "unsaid", "yes",
    ]  # fmt: skip
    assert not tree.xpath("//*[contains(text(), '%') and contains(@class, 'score')]")


def test_what_does_not_fit_is_shown_on_request_and_says_why(calls: None, client: Browser) -> None:
    tree = page(client, f"/fit?{WE}")
    [link] = tree.xpath("//a[contains(., 'that do not fit, and why')]/@href")
    assert "Show the 2 calls" in words(tree)
    refused = page(client, link)
    assert titles(refused) == ["Heat for schools", "Timber"]
    assert "Open to these only: Schools." in words(refused)
    assert "In another field: Wood." not in words(refused)  # only a theme was named
    assert "It mentions none of your themes." in words(refused)


def test_the_description_stays_in_the_form_and_goes_along_to_the_call(
    calls: None, client: Browser
) -> None:
    tree = page(client, f"/fit?{WE}&status=open")
    form = next(it for it in tree.forms if "my_theme" in it.fields)
    typed = {name: value for name, value in form.form_values() if value}
    assert typed == dict(parse_qsl(f"{WE}&my_currency=EUR&status=open"))
    [address] = tree.xpath("//h3/a[contains(., 'Reuse')]/@href")
    shown = page(client, address)
    assert "Your 40% own share is above the 30% asked." in words(shown)
    [canonical] = shown.xpath("//link[@rel='canonical']/@href")
    assert urlsplit(canonical).query == ""
    [back] = shown.xpath("//a[contains(., 'Everything that fits you')]/@href")
    assert titles(page(client, back)) == ["Reuse of process heat", "Big heat"]


def test_the_description_stays_when_days_are_counted_and_the_language_is_switched(
    calls: None, client: Browser
) -> None:
    tree = page(client, f"/calls/reuse-of-process-heat?{WE}&workdays=3&zone=Asia/Tokyo")
    [french] = tree.xpath("//nav[@class='languages']/a[@hreflang='fr']/@href")
    asked = dict(parse_qsl(urlsplit(french).query))
    assert asked["workdays"] == "3"
    assert asked["zone"] == "Asia/Tokyo"
    assert "Votre part propre" in words(page(client, french))
    form = next(it for it in tree.forms if "workdays" in it.fields)
    counted = dict(form.form_values())
    assert counted.items() >= dict(parse_qsl(f"{WE}&my_currency=EUR&workdays=3")).items()


def test_a_call_that_nobody_was_described_to_asks_for_a_description(
    calls: None, client: Browser
) -> None:
    tree = page(client, "/calls/reuse-of-process-heat")
    assert tree.xpath("//a[@href='/fit' and contains(., 'Does it fit you?')]")
    assert not tree.xpath("//ul[@class='reasons']")


def test_page_without_a_description_asks_for_one_in_every_language(client: Browser) -> None:
    for prefix, title in (("", "Find what fits you"), ("/fr", "Trouver ce qui vous convient"),
                          ("/de", "Finden, was zu Ihnen passt")):  # fmt: skip
        tree = page(client, f"{prefix}/fit")
        assert words(tree.xpath("//h1")[0]) == title
        assert tree.xpath("//select[@name='my_country']//option[@value='LU']")
        assert not tree.xpath("//ul[@class='rows']")


def test_no_call_that_fits_is_an_offer_to_be_told_by_mail(client: Browser) -> None:
    tree = page(client, f"/fit?{WE}")
    assert "No call fits at the moment" in words(tree)
    assert tree.xpath("//a[starts-with(@href, '/subscribe?') and contains(., 'Tell me')]")


def test_what_means_nothing_is_named(client: Browser) -> None:
    wrong = {
        "my_kind=hero": "hero",
        "my_share=120": "my_share",
        "my_days=0&my_kind=sme": "my_days",
        "my_cluster=nowhere": "nowhere",
        "my_country=1": "my_country",
    }
    for query, named in wrong.items():
        assert named in words(page(client, f"/fit?{query}", 400))
        assert named in client.get(f"/fit.atom?{query}").text
    assert "all" in words(page(client, "/fit?show=all&my_kind=sme", 400))
    assert "not complete" in words(page(client, "/fit?my_kind=sme&after=x", 400))
    assert "order" in words(page(client, "/fit?order=newest", 400))


def test_feed_calendar_and_table_hold_what_fits(calls: None, client: Browser) -> None:
    atom = client.get(f"/fit.atom?{WE}").text
    assert atom.count("<entry") == 2
    assert "fit for Small and medium-sized companies · Luxembourg · “heat” · €150,000" in atom
    assert "Own share: yes. Your 40% own share is above the 30% asked." in atom
    assert "It closes in" not in atom  # it would change from day to day
    assert "Heat for schools" not in client.get(f"/fit.csv?{WE}").text
    [table] = [row for row in csv.DictReader(client.get(f"/fit.csv?{WE}").text.splitlines())
               if row["title"] == "Reuse of process heat"]  # fmt: skip
    assert "Your 40% own share is above the 30% asked." in table["fit"]
    calendar = client.get(f"/fit.ics?{WE}").text.replace("\r\n ", "")
    assert calendar.count("BEGIN:VEVENT") == 2
    assert "Your 40% own share is above the 30% asked." in calendar
    assert "It closes in" not in calendar + table["fit"]
    assert "Part propre" in client.get(f"/fr/fit.json?{WE}").text
    refused = client.get("/fit.atom")
    assert (refused.status_code, "my_kind=sme" in refused.text) == (400, True)


def test_any_list_takes_a_description_beside_its_filters(calls: None, client: Browser) -> None:
    tree = page(client, f"/calls/?{WE}&status=open")
    assert "fit for you" in words(tree)
    assert len(tree.xpath("//ul[@class='rows']/li")) == 2
    kept = tree.xpath("//form[contains(@action, 'calls')]//input[@name='my_kind']/@value")
    assert kept == ["sme"]


def test_a_reminder_says_why_the_call_fits_in_the_readers_language(
    calls: None, db: Database, settings: Settings
) -> None:
    service = Service(db, settings)
    with db.begin() as session:
        follow(
            session, settings, filter=parse(parse_qsl(WE)), offsets=(14,), language="de"
        )  # fmt: skip
    service.turn("2026-03-12 08:00")
    [reminder] = service.letters
    flat = " ".join(reminder.text.split())
    assert "Eigenanteil: ja. Ihr Eigenanteil von 40 % liegt über den verlangten 30 %." in flat
    assert "Schule" not in flat
    assert "Betrag: ja." in reminder.html


def test_the_manage_page_says_the_description_and_lets_it_be_changed(
    calls: None, db: Database, client: Browser, settings: Settings
) -> None:
    with db.begin() as session:
        row = follow(session, settings, filter=parse(parse_qsl(WE)), offsets=(7,), digest="weekly")
        uid, path = row.subscriptions[0].uid, urls.manage(links.manage_token(settings, row.uid))
    tree = page(client, path)
    assert "fit for Small and medium-sized companies · Luxembourg" in words(tree)
    form = next(it for it in tree.forms if "my_theme" in it.fields)
    typed = {**dict(form.form_values()), "my_kind": "university", "act": f"describe:{uid}"}
    assert client.post(path, data=typed).status_code == 303
    with db.read() as session:
        [now] = queries.by_address(session, "reader@example.org").subscriptions
        said = queries.stored_filter(now.filter.query).profile
        assert (said.kinds, said.country, said.share) == (("university",), "LU", 40)
        assert (now.digest, [it.days for it in now.offsets]) == ("weekly", [7])
        assert now.confirmed_at is not None
    empty = client.post(path, data={"act": f"describe:{now.uid}"})
    assert (empty.status_code, "Say something of yourself" in empty.text) == (422, True)
