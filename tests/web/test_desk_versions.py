"""Earlier versions of an entry: listed, compared word by word, and brought back as an edit."""

from __future__ import annotations

import datetime as dt

import pytest
from lxml import html
from sqlalchemy import select

from feedsvc.calls.models import Call, CallEvent
from feedsvc.content import clusters
from feedsvc.content.clusters import ClusterEdit, NameEdit
from feedsvc.db import Database
from tests.builders import ANA, make_call, make_cluster
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.web.admin_forms import send

PLACE, VERSIONS = "/admin/calls/1", "/admin/calls/1/versions"
EVIL = "<img src=x onerror=alert(1)>"


def call(db: Database) -> Call:
    with db.read() as session:
        return session.get_one(Call, 1)


@pytest.fixture
def numbers(db: Database, editor_client: Browser, clock: FixedClock) -> list[str]:
    """The versions of a public call, the newest first; its clusters have been renamed and deleted."""
    with db.begin() as session:
        wood, gone = make_cluster(session, "Wood").id, make_cluster(session, "Gone").id
        make_call(session, "Heat", clusters=("wood", "gone"))
    clock.advance(hours=1)
    send(editor_client, PLACE, texts__en__body=f"Use the heat {EVIL} thrice.", clusters=None,
         key_dates__0__date="2026-05-30", award_max="200 000",
         reasons__en__line="More time", moves_seen="y")  # fmt: skip
    send(editor_client, PLACE, texts__fr__title="Chaleur")
    with db.begin() as session:
        clusters.delete_cluster(session, gone, actor=ANA, now=clock())
        timber = ClusterEdit(slug="timber", texts={"en": NameEdit("Timber")})
        clusters.edit_cluster(session, wood, timber, actor=ANA, now=clock())
    page = html.fromstring(editor_client.get(VERSIONS).text)
    return [str(number) for number in page.xpath("//input[@name='old']/@value")]


def test_two_versions_are_compared_word_by_word(editor_client: Browser, numbers: list[str]) -> None:
    assert len(numbers) == 3
    page = editor_client.get(f"{VERSIONS}?old={numbers[2]}&new={numbers[1]}")
    assert "<del>*heat*</del>" in page.text
    assert "2026-05-30" in page.text
    assert EVIL not in page.text
    assert editor_client.get(f"{VERSIONS}/99999").status_code == 404


def test_a_version_comes_back_as_an_edit_like_any_other(
    db: Database, editor_client: Browser, numbers: list[str]
) -> None:
    first = f"{VERSIONS}/{numbers[2]}"
    assert "those who follow are told" in editor_client.get(first).text
    assert editor_client.submit(first, {}).status_code == 303
    back = call(db)
    [text] = back.translations
    assert (text.language, text.body) == ("en", "Use the *heat* twice.")
    assert back.key_dates[0].local_date == dt.date(2026, 4, 30)
    assert [cluster.slug for cluster in back.clusters] == ["timber"]
    assert back.award_max is None
    with db.read() as session:
        kinds = set(session.scalars(select(CallEvent.type)))
    assert {"date_extended", "date_brought_forward"} <= kinds


def test_a_version_is_brought_back_over_what_was_read_only(
    db: Database, editor_client: Browser
) -> None:
    with db.begin() as session:
        make_call(session, "Heat", publish_at=None)
    send(editor_client, PLACE, texts__en__title="Heat twice")
    oldest = html.fromstring(editor_client.get(VERSIONS).text).xpath("//input[@name='old']/@value")
    answer = editor_client.submit(f"{VERSIONS}/{oldest[-1]}", {"version": "1"})
    assert answer.status_code == 409
    assert call(db).translations[0].title == "Heat twice"
