"""What readers see of calls: the list with its filters, and the page of a call."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from lxml import html

from feedsvc.calls import changes
from feedsvc.calls.edits import Document
from feedsvc.content.clusters import FormerNameEdit
from feedsvc.content.edits import TextEdit
from feedsvc.db import Database
from tests.builders import (
    ANA,
    call_edit,
    deadline,
    make_call,
    make_cluster,
    make_organisation,
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
