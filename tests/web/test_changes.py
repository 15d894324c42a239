"""Changes are news: a page and feeds of what happened to calls, each with the old and the new."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import feedparser
import pytest
from lxml import html

from feedsvc.calls import changes
from feedsvc.calls.models import Call
from feedsvc.content.edits import TextEdit
from feedsvc.db import Database
from tests import builders
from tests.builders import ANA
from tests.support.client import Browser
from tests.support.clock import FixedClock

EXTENDED = (
    "Deadline extended: Reuse of process heat – "
    "now 15 May 2026, 17:00 (Luxembourg time); before: 30 April 2026"
)
TEXTS = {
    "en": TextEdit(title="Reuse of process heat", body="Use it *twice*."),
    "fr": TextEdit(title="Chaleur industrielle", body="Deux *fois*."),
}


@pytest.fixture
def call(db: Database) -> Call:
    """A call of CleanTech, beside one of HealthTech to which nothing happens."""
    with db.begin() as session:
        builders.make_cluster(session, "CleanTech")
        builders.make_cluster(session, "HealthTech")
        builders.make_call(session, "Wood", clusters=("healthtech",))
        return builders.make_call(session, texts=TEXTS, clusters=("cleantech",))


def edit(db: Database, call: Call, clock: FixedClock, **more: object) -> None:
    """An hour later an editor changes the call."""
    clock.advance(hours=1)
    wanted = {"texts": TEXTS, "clusters": ("cleantech",), "key_dates": dates(db, call)} | more
    with db.begin() as session:
        changes.edit_call(session, call.id, builders.call_edit(**wanted), actor=ANA, now=clock())


def dates(db: Database, call: Call, day: str = "") -> tuple[object, ...]:
    with db.read() as session:
        (date,) = session.get_one(Call, call.id).key_dates
        return (builders.deadline(day or str(date.local_date), uid=date.uid),)


def extend(db: Database, call: Call, clock: FixedClock, day: str = "2026-05-15") -> None:
    reasons = {"en": "More time was asked for.", "fr": "Plus de temps."}
    edit(db, call, clock, key_dates=dates(db, call, day), reasons=reasons)


def entries(client: Browser, path: str) -> list[feedparser.FeedParserDict]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    found = feedparser.parse(answer.data)
    assert not found.bozo
    return list(found.entries)


def titles(client: Browser, path: str) -> list[str]:
    return [entry.title for entry in entries(client, path)]


def test_a_moved_deadline_is_an_entry_of_its_own(
    client: Browser, db: Database, clock: FixedClock, call: Call
):
    assert titles(client, "/changes.atom") == []
    extend(db, call, clock)
    (entry,) = entries(client, "/changes.atom")
    assert entry.title == EXTENDED
    assert entry.link.startswith("https://agency.example/calls/reuse-of-process-heat#change-")
    assert entry.published == "2026-03-02T10:00:00+00:00"
    assert [tag.label for tag in entry.tags] == ["CleanTech"]
    assert "More time was asked for." in entry.content[0].value
    assert "Friday 15 May 2026" in entry.content[0].value
    assert entry.id not in {other.id for other in entries(client, "/feed.atom")}


def test_the_link_of_a_change_leads_to_its_place_on_the_page_of_the_call(
    client: Browser, db: Database, clock: FixedClock, call: Call
):
    extend(db, call, clock)
    (entry,) = entries(client, "/changes.rss")
    page, _, anchor = entry.link.removeprefix("https://agency.example").partition("#")
    (place,) = html.fromstring(client.get(page).data).xpath(f"//li[@id='{anchor}']")
    assert "extended from 30 April 2026 to 15 May 2026" in place.text_content()


def test_a_change_has_one_id_in_every_format_and_language(
    client: Browser, db: Database, clock: FixedClock, call: Call
):
    extend(db, call, clock)
    paths = ("/changes.atom", "/fr/changes.rss", "/calls/reuse-of-process-heat/changes.rss",
             "/fr/calls/chaleur-industrielle/changes.atom")  # fmt: skip
    ids = {entry.id for path in paths for entry in entries(client, path)}
    items = json.loads(client.get("/de/changes.json").text)["items"]
    assert {item["id"] for item in items} == ids
    assert len(ids) == 1


def test_a_change_is_told_in_the_language_of_the_feed(
    client: Browser, db: Database, clock: FixedClock, call: Call
):
    extend(db, call, clock)
    (french,) = entries(client, "/fr/changes.atom")
    assert french.title.startswith("Date limite prolongée\xa0: Chaleur industrielle – désormais")
    assert "<p>Plus de temps.</p>" in french.content[0].value
    (german,) = entries(client, "/de/changes.atom")
    assert german.title.startswith("Frist verlängert: Reuse of process heat – jetzt")
    assert '<p lang="en">More time was asked for. (English)</p>' in german.content[0].value
    (every,) = entries(client, "/all/changes.atom")
    assert "Deadline extended" in every.title
    assert "Date limite prolongée" in every.title


def test_every_change_that_readers_need_to_know_is_there_once(
    client: Browser, db: Database, clock: FixedClock, call: Call
):
    extend(db, call, clock)
    edit(db, call, clock, award_max=Decimal(200_000), material=False)  # a slip of the pen
    edit(db, call, clock, award_max=Decimal(300_000), applicants=("sme",))
    edit(db, call, clock, award_max=Decimal(300_000), applicants=("sme",), reference="HEAT/1")
    extend(db, call, clock, "2026-05-01")
    clock.advance(hours=1)
    with db.begin() as session:
        changes.cancel_call(session, call.id, {"en": "No budget."}, actor=ANA, now=clock())
    assert [title.partition(":")[0] for title in titles(client, "/changes.atom")] == [
        "Call cancelled", "Who can apply has changed", "Funding changed",
        "Deadline brought forward", "Who can apply has changed", "Funding changed",
        "Deadline extended",
    ]  # fmt: skip


def test_changes_are_filtered_by_what_their_calls_are(
    client: Browser, db: Database, clock: FixedClock, call: Call
):
    extend(db, call, clock)
    edit(db, call, clock, award_max=Decimal(300_000))
    assert len(titles(client, "/changes.atom?cluster=cleantech&award_max_from=200000")) == 2
    assert titles(client, "/changes.atom?cluster=healthtech") == []
    assert titles(client, "/changes.atom?award_max_from=400000") == []
    assert len(titles(client, "/changes.atom?q=heat")) == 2
    assert titles(client, "/calls/wood/changes.atom") == []
    feed = feedparser.parse(client.get("/changes.atom?cluster=cleantech").data).feed
    assert feed.title == "Innovation Agency – Changes to calls – CleanTech"
    feed = feedparser.parse(client.get("/calls/wood/changes.atom").data).feed
    assert feed.title == "Innovation Agency – Changes – Wood"
    assert feed.link == "https://agency.example/calls/wood"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/changes.atom?status=open", 400, "status"),
        ("/changes.atom?closes_within=30", 400, "closes_within"),
        ("/changes.atom?published=2026-03", 400, "published"),
        ("/changes.rss?kind=news", 400, "kind=news"),
        ("/changes.ics", 404, "rss, atom or json"),
        ("/changes.csv", 404, "rss, atom or json"),
        ("/calls/wood/changes.ics", 404, "rss, atom or json"),
        ("/calls/wood/changes.atom?cluster=cleantech", 400, "cluster"),
        ("/calls/nowhere/changes.atom", 404, "address"),
        ("/changes.atom?alarm=P1D", 400, "alarm"),
        ("/changes.atom?before=x", 400, "address"),
    ],
)
def test_what_has_no_meaning_is_refused_in_words(
    client: Browser, call: Call, path: str, status: int, words: str
):
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (status, "text/plain")
    assert words in answer.text


def test_a_new_title_of_the_call_updates_its_changes_and_publishes_none(
    client: Browser, db: Database, clock: FixedClock, call: Call
):
    extend(db, call, clock)
    texts = TEXTS | {"en": TextEdit(title="Process heat, again", body="Use it *twice*.")}
    edit(db, call, clock, texts=texts)
    (entry,) = entries(client, "/changes.atom")
    assert entry.title == EXTENDED.replace("Reuse of process heat", "Process heat, again")
    assert entry.published == "2026-03-02T10:00:00+00:00"
    assert entry.updated.startswith("2026-03-02T11:00:00")
    edit(db, call, clock, texts=texts, reference="HEAT/2")
    assert entries(client, "/changes.atom")[0].updated == entry.updated


def test_a_change_says_how_the_call_stands_when_its_deadline_has_passed(
    client: Browser, db: Database, clock: FixedClock, call: Call
):
    extend(db, call, clock)
    first = client.get("/changes.atom")
    assert 'status="open"' in first.text
    assert f'id="urn:uuid:{call.uid}"' in first.text
    clock.advance(days=90)
    again = client.get("/changes.atom", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    assert 'status="closed"' in again.text


def test_the_changes_of_a_call_that_was_withdrawn_leave_and_come_back_with_it(
    client: Browser, db: Database, clock: FixedClock, call: Call
):
    extend(db, call, clock)
    path = "/calls/reuse-of-process-heat/changes.atom"
    assert len(titles(client, path)) == 1
    clock.advance(hours=1)
    with db.begin() as session:
        changes.withdraw_call(session, call.id, actor=ANA, now=clock())
    assert titles(client, "/changes.atom") == []
    assert client.get(path).status_code == 410
    clock.advance(hours=1)
    with db.begin() as session:
        changes.publish_call(session, call.id, at=clock(), actor=ANA, now=clock())
    assert titles(client, "/changes.atom") == titles(client, path) == [EXTENDED]


def test_a_former_address_of_a_call_leads_to_its_changes(
    client: Browser, db: Database, clock: FixedClock, call: Call
):
    edit(db, call, clock, texts=TEXTS | {"en": TextEdit(title="Heat", slug="heat")})
    answer = client.get("/calls/reuse-of-process-heat/changes.rss?before=1772442000-1")
    assert (answer.status_code, answer.headers["Location"]) == (
        301, "/calls/heat/changes.rss?before=1772442000-1",
    )  # fmt: skip
    answer = client.get("/calls/heat/changes")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/calls/heat#changes")


def test_the_feed_of_a_call_s_changes_keeps_its_id_when_the_call_moves(
    client: Browser, db: Database, clock: FixedClock, call: Call
):
    first = feedparser.parse(client.get("/calls/reuse-of-process-heat/changes.atom").data).feed.id
    edit(db, call, clock, texts=TEXTS | {"en": TextEdit(title="Heat", slug="heat")})
    assert feedparser.parse(client.get("/calls/heat/changes.atom").data).feed.id == first


def test_the_page_shows_what_the_feed_tells(
    client: Browser, db: Database, clock: FixedClock, call: Call
):
    assert "Nothing has changed here" in client.get("/changes/").text
    extend(db, call, clock)
    page = html.fromstring(client.get("/changes/?cluster=cleantech").data)
    (row,) = page.xpath("//ul[@class='rows']/li")
    said = " ".join(row.text_content().split())
    assert "Closes: extended from 30 April 2026 to 15 May 2026, 17:00 (Luxembourg time)." in said
    assert "More time was asked for." in said
    offered = page.xpath("//link[@rel='alternate']/@href")
    assert "/changes.atom?cluster=cleantech" in offered
    assert "Nothing has changed here" in client.get("/changes/?cluster=healthtech").text
    assert client.get("/changes/?status=open").status_code == 400
    assert client.get("/changes/?after=x").status_code == 400
    assert "Plus de temps." in client.get("/fr/changes/").text


def test_the_page_goes_on_where_it_ended(
    client: Browser, db: Database, clock: FixedClock, call: Call
):
    for number in range(23):
        extend(db, call, clock, str(builders.BEGINNING.date() + timedelta(days=80 + number)))
    seen, path = [], "/changes/"
    while path:
        page = html.fromstring(client.get(path).data)
        seen += page.xpath("//ul[@class='rows']/li//h3/a/@href")
        (path,) = page.xpath("//a[@rel='next']/@href") or [""]
    assert len(seen) == len(set(seen)) == 23
    assert client.get("/calls/").text.count("/changes/")
