"""What readers see of calls: the list with its filters, and the page of a call."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from lxml import html

from feedsvc.calls import changes
from feedsvc.calls.edits import Document
from feedsvc.content.clusters import FormerNameEdit, NameEdit
from feedsvc.content.edits import TextEdit
from feedsvc.db import Database
from feedsvc.web.views import qr
from tests.builders import (
    ANA,
    call_edit,
    deadline,
    make_call,
    make_cluster,
    make_news,
    make_organisation,
    make_programme,
    opening,
)
from tests.support.client import Browser
from tests.support.clock import FixedClock


def page(client: Browser, path: str, status: int = 200) -> html.HtmlElement:
    answer = client.get(path)
    assert answer.status_code == status, answer.text[:2000]
    return html.fromstring(answer.text)


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def titles(tree: html.HtmlElement) -> list[str]:
    return [words(title) for title in tree.xpath("//ul[@class='rows']/li//h2")]


def test_list_begins_with_the_nearest_deadline_and_ends_with_what_is_over(
    db: Database, client: Browser
) -> None:
    with db.begin() as session:
        make_call(session, "Later", key_dates=(deadline("2026-06-01"),))
        make_call(session, "Over", key_dates=(deadline("2026-02-01"),))
        make_call(session, "Sooner", key_dates=(deadline("2026-03-10"),))
        make_call(session, "Any time", key_dates=(), deadline_model="rolling")
    assert titles(page(client, "/calls/")) == ["Sooner", "Later", "Any time", "Over"]


def test_call_in_the_list_says_date_distance_funder_and_money(
    db: Database, client: Browser
) -> None:
    with db.begin() as session:
        make_organisation(session, "Example Fund")
        make_call(
            session,
            key_dates=(deadline("2026-03-14"),),
            funders=("example-fund",),
            award_max=Decimal(200000),
        )
    row = words(page(client, "/calls/").xpath("//ul[@class='rows']/li")[0])
    assert "Closes in 12 days" in row
    assert "Saturday 14 March 2026, 17:00 (Luxembourg time)" in row
    assert "Example Fund" in row
    assert "€200,000 at most per project" in row


def test_facets_count_what_each_value_would_leave(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_cluster(session, "CleanTech")
        make_cluster(session, "Wood")
        make_call(session, "One", clusters=("cleantech",))
        make_call(session, "Two", clusters=("cleantech", "wood"))
    tree = page(client, "/calls/?cluster=wood")
    counts = {
        box.get("value"): words(box.getparent().find("span[@class='num']"))
        for box in tree.xpath("//input[@name='cluster']")
    }
    assert titles(tree) == ["Two"]
    assert counts == {"cleantech": "2", "wood": "1"}
    assert [box.get("value") for box in tree.xpath("//input[@name='cluster'][@checked]")] == [
        "wood"
    ]


def test_each_chip_takes_one_condition_away(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
        make_call(session, clusters=("wood",))
    tree = page(client, "/calls/?cluster=wood&status=open&closes_within=90")
    chips = {words(chip): chip.get("href") for chip in tree.xpath("//a[@class='chip']")}
    assert chips == {
        "Remove: Wood ×": "/calls/?status=open&closes_within=90",
        "Remove: Open ×": "/calls/?cluster=wood&closes_within=90",
        "Remove: closes in 90 days ×": "/calls/?cluster=wood&status=open",
    }


def test_list_is_followed_by_the_same_query_in_every_form(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
    tree = page(client, "/fr/calls/?cluster=wood&status=open")
    links = {link.get("href") for link in tree.xpath("//p[contains(@class, 'follow')]/a")}
    assert links == {
        "/fr/calls.atom?cluster=wood&status=open",
        "/fr/calls.ics?cluster=wood&status=open",
        "/fr/calls.csv?cluster=wood&status=open",
        "/fr/subscribe?kind=call&cluster=wood",
        "/fr/changes/?cluster=wood",  # a change is told wherever its call stands
    }


def test_empty_list_offers_to_drop_the_last_condition(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_call(session)
    tree = page(client, "/calls/?q=nowhere")
    [act] = tree.xpath("//div[@class='empty']//a[@class='btn']")
    assert act.get("href") == "/calls/"
    assert words(tree.get_element_by_id("count")) == "0 calls"


def test_pages_of_a_long_list_follow_one_another_without_gap(db: Database, client: Browser) -> None:
    with db.begin() as session:
        for number in range(25):
            make_call(
                session, f"Call {number:02}", key_dates=(deadline(f"2026-05-{number + 1:02}"),)
            )
    first = page(client, "/calls/")
    [more] = first.xpath("//a[@rel='next']")
    second = page(client, more.get("href"))
    assert titles(first) + titles(second) == [f"Call {number:02}" for number in range(25)]
    assert not second.xpath("//a[@rel='next']")


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("colour=green", "colour"),
        ("status=ajar", "ajar"),
        ("cluster=nowhere", "nowhere"),
        ("funder=nobody", "nobody"),
        ("award_max_from=much", "much"),
        ("order=loudest", "loudest"),
    ],
)
def test_wrong_filter_is_named_on_a_page_of_status_400(
    db: Database, client: Browser, query: str, named: str
) -> None:
    assert named in words(page(client, f"/calls/?{query}", 400).find(".//main"))


def test_filter_by_a_former_cluster_name_leads_to_the_present_one(
    db: Database, client: Browser
) -> None:
    with db.begin() as session:
        make_cluster(session, "ICT", former_names=(FormerNameEdit("InfoComm", 2002, 2019),))
    answer = client.get("/de/calls/?cluster=infocomm&status=open")
    assert (answer.status_code, answer.location) == (301, "/de/calls/?cluster=ict&status=open")


def test_page_of_a_call_says_the_deadline_in_its_zone_and_in_utc(
    db: Database, client: Browser
) -> None:
    with db.begin() as session:
        make_call(session, key_dates=(deadline("2026-04-30"),), apply_url="https://example.org/in")
    panel = page(client, "/calls/reuse-of-process-heat").xpath("//aside")[0]
    assert "59 days left" in words(panel)
    assert "Thursday 30 April 2026, 17:00 (Luxembourg time)" in words(panel)
    assert "15:00 UTC" in words(panel)
    assert panel.xpath(".//a[@rel='external']/@href") == ["https://example.org/in"]


def test_apply_button_stands_only_while_the_call_is_open(
    db: Database, client: Browser, clock: FixedClock
) -> None:
    with db.begin() as session:
        make_call(
            session,
            key_dates=(opening("2026-03-10"), deadline("2026-04-30")),
            apply_url="https://example.org/in",
        )
    seen = []
    for days in (0, 20, 60):
        tree = page(client, "/calls/reuse-of-process-heat")
        seen.append(bool(tree.xpath("//a[@href='https://example.org/in']")))
        clock.advance(days=20 + days)
    assert seen == [False, True, False]


def test_page_of_a_call_shows_stages_money_documents_and_contact(
    db: Database, client: Browser
) -> None:
    with db.begin() as session:
        make_call(
            session,
            deadline_model="two_stage",
            key_dates=(
                opening("2026-02-01"),
                deadline("2026-04-30", kind="stage_1"),
                deadline("2026-09-30", kind="stage_2"),
            ),
            award_max=Decimal(1200000),
            cofinancing_max=Decimal(60),
            documents=(Document("Guide", "https://example.org/guide.pdf"),),
            contact_role="Desk officer",
            contact_email="desk@agency.example",
        )
    tree = page(client, "/calls/reuse-of-process-heat")
    stages = [(li.get("class"), words(li.find("b"))) for li in tree.xpath("//ol/li")]
    assert stages == [
        ("done", "Opens"),
        ("now", "First stage closes"),
        ("ahead", "Second stage closes"),
    ]
    facts = words(tree.xpath("//dl")[0])
    assert "up to €1,200,000" in facts
    assert "up to 60% of costs" in facts
    assert tree.xpath("//a[@href='https://example.org/guide.pdf']")
    assert tree.xpath("//a[@href='mailto:desk@agency.example']")


def test_moved_deadline_is_told_in_a_sentence_with_its_reason(
    db: Database, client: Browser, now: datetime
) -> None:
    with db.begin() as session:
        call = make_call(session)
        [date] = call.key_dates
        moved = call_edit(
            key_dates=(deadline("2026-05-15", uid=date.uid),),
            reasons={"en": "The form was corrected."},
        )
        changes.edit_call(session, call.id, moved, actor=ANA, now=now)
    note = words(page(client, "/calls/reuse-of-process-heat").xpath("//p[@class='note']")[0])
    assert note == (
        "Changed on 2 March 2026: Closes: extended from 30 April 2026 to 15 May 2026, 17:00 "
        "(Luxembourg time). The form was corrected."
    )


def test_cancelled_call_stays_and_says_so(db: Database, client: Browser, now: datetime) -> None:
    with db.begin() as session:
        call = make_call(session, apply_url="https://example.org/in")
        changes.cancel_call(session, call.id, {"en": "No budget."}, actor=ANA, now=now)
    tree = page(client, "/calls/reuse-of-process-heat")
    assert "This call was cancelled" in words(tree.xpath("//aside")[0])
    assert "No budget." in words(tree.find(".//main"))
    assert not tree.xpath("//a[@href='https://example.org/in']")
    assert not tree.xpath("//form[@method='post']")


def test_text_of_an_editor_stays_text(db: Database, client: Browser) -> None:
    hostile = "<script>alert(1)</script>"
    with db.begin() as session:
        texts = {"en": TextEdit(title=f"Heat {hostile}", summary=hostile, body=hostile)}
        make_call(session, texts=texts)
    for path in ("/", "/calls/", "/calls/heat-script-alert-1-script", "/search?q=heat"):
        assert hostile not in client.get(path).text


def test_status_changes_with_time_alone(db: Database, client: Browser, clock: FixedClock) -> None:
    with db.begin() as session:
        make_call(session, key_dates=(deadline("2026-03-02", "10:30"),))
    assert "Closes today" in client.get("/calls/").text
    clock.at += timedelta(minutes=30)  # 10:30 in Luxembourg: the deadline
    assert "Closes today" not in client.get("/calls/").text


def test_no_calendar_is_offered_for_months_alone(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_call(session, "A month", key_dates=(deadline("2026-06-01", None, precision="month"),))
        make_call(session, "A day", key_dates=(deadline("2026-06-01", None),))
    assert "Add to calendar" not in client.get("/calls/a-month").text
    assert "Add to calendar" in client.get("/calls/a-day").text


def test_page_says_the_dates_in_the_zone_that_the_address_asks_for(
    db: Database, client: Browser
) -> None:
    with db.begin() as session:
        make_call(session, key_dates=(deadline("2026-04-30", "03:00"), opening("2026-02-01")))
    path = "/calls/reuse-of-process-heat"
    plain, chosen = page(client, path), page(client, f"{path}?zone=America/New_York")
    places = ("//aside", "//ol[contains(@class, 'stages')]")
    for place in places:
        assert "01:00 UTC" in words(plain.xpath(place)[0])
        assert "29 April, 21:00 (New York time)" in words(chosen.xpath(place)[0])
    assert plain.xpath("//span/@data-at") == ["2026-04-30T01:00Z"] * 2  # for the browser's own zone
    assert not chosen.xpath("//span/@data-at")


def test_day_without_an_hour_is_said_elsewhere_by_its_end(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_call(session, key_dates=(deadline("2026-04-30", None, zone="AoE"),))
    panel = words(page(client, "/calls/reuse-of-process-heat").xpath("//aside")[0])
    assert "end of day (Anywhere on Earth (UTC-12))1 May, 12:00 UTC" in panel


def test_page_counts_working_days_back_from_each_coming_deadline(
    db: Database, client: Browser
) -> None:
    with db.begin() as session:
        make_call(session, key_dates=(deadline("2026-05-05"),))
    path = "/calls/reuse-of-process-heat"
    [usual] = page(client, path).xpath("//section[@id='plan']")
    assert "Monday 27 April 2026" in words(usual)
    assert "not counted: 1 May (Labour Day)" in words(usual)
    [own] = page(client, f"/fr{path}?workdays=2&holidays=BE&zone=").xpath("//section[@id='plan']")
    assert "jeudi 30 avril 2026" in words(own)
    assert own.xpath(".//option[@selected]/@value") == ["BE", ""]
    assert own.xpath(".//a/@href") == [f"/fr{path}.ics?workdays=2&holidays=BE"]


def test_nothing_is_counted_back_from_what_is_over_or_vague(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_call(session, "Over", key_dates=(deadline("2026-02-01"),))
        make_call(session, "Vague", key_dates=(deadline("2026-06-01", None, precision="month"),))
    for path in ("/calls/over", "/calls/vague"):
        assert not page(client, path).xpath("//section[@id='plan']")


def test_page_of_a_call_names_what_it_cannot_count_by(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_call(session)
    for query in ("zone=Mars/Base", "workdays=no", "holidays=X"):
        main = page(client, f"/calls/reuse-of-process-heat?{query}", 400).find(".//main")
        assert f"“{query.partition('=')[2]}”" in words(main)


def test_documents_say_what_they_are_and_how_large(db: Database, client: Browser) -> None:
    with db.begin() as session:
        documents = (
            Document("Guide", "https://example.org/guide.PDF?x=1", 1_240_000),
            Document("Portal", "https://example.org/portal"),
            Document("Model", "https://example.org/model.blend"),
        )
        make_call(session, documents=documents)
    rows = page(client, "/fr/calls/reuse-of-process-heat").xpath("//ul[@class='files']/li")
    assert [words(row) for row in rows] == [
        "Guide (PDF, 1,2\u00a0Mo)".replace("\u00a0", " "), "Portal (page web)", "Model",
    ]  # fmt: skip


def test_relationship_manager_of_each_cluster_can_be_asked(db: Database, client: Browser) -> None:
    with db.begin() as session:
        texts = {"en": NameEdit("Wood", manager_role="Relationship manager")}
        make_cluster(session, texts=texts, manager_email="wood@agency.example")
        make_cluster(session, "ICT")
        make_call(session, clusters=("wood", "ict"))
    [asked] = page(client, "/calls/reuse-of-process-heat").xpath("//ul[@class='contacts']")
    assert words(asked) == "WoodRelationship managerwood@agency.example"


def test_other_editions_stand_with_their_dates_the_latest_first(
    db: Database, client: Browser
) -> None:
    with db.begin() as session:
        for edition, day in (("1", "2024-04-30"), ("3", "2026-04-30"), ("2", "2025-04-30")):
            make_call(
                session, f"Heat {edition}", series="Heat", edition=edition,
                key_dates=(deadline(day),),
            )  # fmt: skip
        make_call(session, "Heat 4", series="Heat", publish_at=None)
        make_call(session, "Another", series="Wood")
    rows = page(client, "/calls/heat-3").xpath("//ul[@class='editions']/li")
    assert [words(row) for row in rows] == [
        "Heat 2 Edition 2Closed 30 April 2025",
        "Heat 1 Edition 1Closed 30 April 2024",
    ]
    assert not page(client, "/calls/another").xpath("//ul[@class='editions']")


def test_news_that_names_a_call_stands_on_its_page(db: Database, client: Browser) -> None:
    with db.begin() as session:
        call = make_call(session)
        make_news(session, "Told", related=(call.uid,))
        make_news(session, "A draft", related=(call.uid,), publish_at=None)
    tree = page(client, "/calls/reuse-of-process-heat")
    assert [words(title) for title in tree.xpath("//li[@class='card']//h3")] == ["Told"]


def test_one_act_stands_first_before_during_and_after_a_call(
    db: Database, client: Browser, clock: FixedClock
) -> None:
    with db.begin() as session:
        make_call(
            session,
            series="Heat",
            key_dates=(opening("2026-03-10"), deadline("2026-04-30")),
            apply_url="https://example.org/in",
        )
    seen = []
    for days in (0, 20, 60):
        clock.advance(days=days)
        panel = page(client, "/calls/reuse-of-process-heat").xpath("//aside")[0]
        seen.append([words(act) for act in panel.xpath(".//*[@class='btn']")])
    assert seen == [
        ["Remind me when it opens"], ["Apply on the funder’s site"], ["Tell me of the next edition"],
    ]  # fmt: skip


def test_open_call_without_a_form_leads_to_its_official_page(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_call(session, info_url="https://example.org/about")
    links = page(client, "/calls/reuse-of-process-heat").xpath("//a[@rel='external']")
    assert [(words(link), link.get("href")) for link in links] == [
        ("How to apply: the official page", "https://example.org/about")
    ]


def test_call_that_is_over_and_in_no_series_offers_what_is_like_it(
    db: Database, client: Browser
) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
        make_programme(session, "Horizon")
        over = (deadline("2026-02-01"),)
        make_call(session, "One", key_dates=over, programme="horizon", clusters=("wood",))
        make_call(session, "Two", key_dates=over, clusters=("wood",))
        make_call(session, "Three", key_dates=over)
    asked = [page(client, f"/calls/{s}").xpath("//aside//a[@class='btn']/@href") for s in
             ("one", "two", "three")]  # fmt: skip
    assert asked == [
        ["/subscribe?programme=horizon"], ["/subscribe?cluster=wood"], ["/subscribe"],
    ]  # fmt: skip


def test_page_prints_with_a_code_that_leads_back_to_it(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_call(session)
    tree = page(client, "/de/calls/reuse-of-process-heat")
    [code] = tree.xpath("//*[local-name()='svg'][@class='qr']")
    made = qr.code("https://agency.example/de/calls/reuse-of-process-heat")
    assert code.get("viewbox") == f"0 0 {made.side} {made.side}"
    assert code.xpath("./*/@d") == [made.path]


@pytest.mark.parametrize("kind", ["calls", "news"])
def test_link_that_is_shared_shows_a_picture_in_its_language(
    db: Database, client: Browser, kind: str
) -> None:
    with db.begin() as session:
        make_call(session, "Heat")
        make_news(session, "Heat")
    [image] = page(client, f"/fr/{kind}/heat").xpath("//meta[@property='og:image']/@content")
    assert image.startswith(f"https://agency.example/fr/{kind}/heat/card.png?v=")
    local = image.removeprefix("https://agency.example")
    answer, english = client.get(local), client.get(local.removeprefix("/fr"))
    assert (answer.mimetype, answer.data[:4]) == ("image/png", b"\x89PNG")
    assert answer.data != english.data
    again = client.get(local, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert client.get(f"/{kind}/nothing/card.png").status_code == 404


def test_picture_of_a_former_address_leads_to_the_present_one(
    db: Database, client: Browser
) -> None:
    with db.begin() as session:
        texts = {"en": TextEdit(title="Heat", slug="heat"), "fr": TextEdit(title="Chaleur")}
        make_call(session, texts=texts)
    answer = client.get("/fr/calls/heat/card.png")
    assert (answer.status_code, answer.location) == (301, "/fr/calls/chaleur/card.png")
