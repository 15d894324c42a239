"""What stands beside the form while it is written."""

from __future__ import annotations

from lxml import html
from werkzeug.test import TestResponse

from feedsvc.content.edits import TextEdit
from feedsvc.db import Database
from feedsvc.settings import Settings
from tests.builders import deadline, make_call, make_news, opening
from tests.support.client import Browser
from tests.support.readers import follow
from tests.web.admin_forms import send, shown

CLOSES = {
    "key_dates__0__type": "submission", "key_dates__0__date": "2026-05-02",
    "key_dates__0__time": "17:00", "key_dates__0__zone": "Europe/Luxembourg",
}  # fmt: skip


def remarks(answer: TestResponse) -> dict[str, str]:
    """The findings by the field that they lead to, which the page must have."""
    links = html.fromstring(answer.text).xpath("//*[@class='findings']//a")
    return {link.get("href").removeprefix("#"): link.text_content() for link in links}


def live(client: Browser, address: str, **typed: str) -> TestResponse:
    """What the script would fetch after that was typed into the page of the entry."""
    answer = send(client, f"{address}/beside", client.get(address), **typed)
    assert answer.status_code == 200
    return answer


def test_what_is_typed_is_looked_at_and_nothing_is_written(
    db: Database, editor_client: Browser
) -> None:
    answer = live(
        editor_client, "/admin/calls/new", **CLOSES, texts__en__title="Heat",
        texts__en__body="We give up to EUR 250,000.", award_max="200 000",
    )  # fmt: skip
    found = remarks(answer)
    assert "falls on a weekend" in found["key_dates-0-date"]
    assert "the funding cap is €200,000" in found["texts-en-body"]
    assert "not written in Français and Deutsch" in found["texts-fr"]
    assert "= 2 May 2026, 15:00 UTC" in answer.text
    assert editor_client.get("/admin/calls/1").status_code == 404


def test_saved_call_says_without_a_script_who_is_reminded_when(
    db: Database, settings: Settings, editor_client: Browser
) -> None:
    with db.begin() as session:
        dates = (opening("2026-03-10"), deadline("2026-04-30"))
        call = make_call(session, publish_at=None, key_dates=dates)
        follow(session, settings, entry_id=call.id, offsets=(7,))
        follow(session, settings, email="b@example.org")
    page = editor_client.get("/admin/calls/1")
    tree = html.fromstring(page.text)
    ids = set(tree.xpath("//@id"))
    assert set(remarks(page)) <= ids
    told = " ".join(tree.xpath("//*[@id='timeline']/..")[0].text_content().split())
    assert "2 readers would follow this call as it stands." in told
    assert "1 day before, 9 March 2026, 08:00 to 09:00 (Luxembourg time): 2 readers" in told
    assert "7 days before, 23 April 2026, 08:00 to 09:00 (Luxembourg time): 2 readers" in told
    assert "1 day before, 29 April 2026, 08:00 to 09:00 (Luxembourg time): 1 reader" in told
    assert "falls on" not in editor_client.get("/admin/calls/1/publish").text
    assert "It names no contact." in editor_client.get("/admin/calls/1/publish").text


NONSENSE: tuple[dict[str, str], ...] = (
    {"key_dates__0__date": "9999-12-31"},
    {"key_dates__0__date": "0001-01-01", "award_max": "much", "currency": "money"},
    {"key_dates__0__zone": "Mars/Olympus", "texts__en__body": "up to EUR 9" + "9" * 400},
    {"key_dates__0__type": "nothing", "texts__en__body": "deadline 31 February 2026 at 99:99"},
    {"key_dates__0__date": "2026-03-29", "key_dates__0__time": "02:30"},
)


def test_nonsense_is_looked_at_without_a_fault(editor_client: Browser) -> None:
    page = editor_client.get("/admin/calls/new")
    for typed in NONSENSE:
        fields = {**CLOSES, "texts__en__title": "Heat", **typed}
        assert send(editor_client, "/admin/calls/new/beside", page, **fields).status_code == 200


def test_news_is_looked_at_as_well(db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        make_news(session, texts={"en": TextEdit(title="Heat " * 30)})
    found = remarks(live(editor_client, "/admin/news/1"))
    assert "characters long" in found["texts-en-title"]
    assert "no summary" in found["texts-en-summary"]
    page = send(editor_client, "/admin/news/new/beside", editor_client.get("/admin/news/new"))
    assert "Nothing is missing" not in page.text
    assert "stands" not in shown(editor_client.get("/admin/news/1"))
