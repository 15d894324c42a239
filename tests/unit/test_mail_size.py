"""The largest mails that can be: Gmail cuts what is longer than 102 kB, and with it the links to stop."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from feedsvc.calls.models import Call, CallEvent, KeyDate
from feedsvc.content.models import Cluster, ClusterText, Translation
from feedsvc.content.workdays import Ahead
from feedsvc.news.models import NewsItem
from feedsvc.reminders import compose
from feedsvc.reminders.digests import compose as digests
from feedsvc.reminders.digests.compose import Issue
from feedsvc.reminders.models import Occasion
from feedsvc.settings import Settings
from feedsvc.subscriptions.queries import Followed

MOST = 100_000
LINK = 230  # characters of a signed link that a mark becomes
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
LONG = "Förderung außergewöhnlich weitreichender Zusammenarbeit "
TITLE = (LONG * 6)[:300]
SETTINGS = Settings(
    base_url="https://foerderaufrufe.innovationsagentur.example", secret_key="secret"
)
FOLLOWED = [Followed("uid", TITLE, "/calls/", False, (14, 7, 1), True, "daily")] * 5


def texts(number: int) -> list[Translation]:
    slug = f"{'foerderung-aussergewoehnlich-weitreichender-zusammenarbeit-mit-allen-partnern'}-{number}"
    return [Translation(language="de", slug=slug, title=TITLE, summary=LONG * 9, body="")]


def clusters() -> list[Cluster]:
    name = "Umwelttechnik und Kreislaufwirtschaft"
    return [Cluster(slug=slug, texts=[ClusterText(language="de", name=name)]) for slug in "abc"]


def key_date() -> KeyDate:
    return KeyDate(
        uid="date", type="stage_1", local_date=dt.date(2026, 9, 30), local_time=dt.time(17),
        zone="America/New_York", precision="minute", certainty="confirmed", is_deadline=True,
        mandatory=True, labels={}, sequence=0, updated_at=NOW,
        utc_at=dt.datetime(2026, 9, 30, 21, tzinfo=dt.UTC),
    )  # fmt: skip


def call(number: int) -> Call:
    return Call(
        id=number, uid=f"00000000-0000-4000-8000-{number:012}", publish_at=NOW, updated_at=NOW,
        translations=texts(number), clusters=clusters(), key_dates=[key_date()], currency="EUR",
        close_reason="", deadline_model="two_stage", award_min=Decimal(1_000_000),
        award_max=Decimal("123456789.50"),
    )  # fmt: skip


def news(number: int) -> NewsItem:
    return NewsItem(id=number, publish_at=NOW, translations=texts(number), clusters=clusters())


def changed(number: int) -> tuple[Call, tuple[CallEvent, ...]]:
    moved = {"type": "stage_1", "zone": "America/New_York", "precision": "minute"}
    event = CallEvent(
        type="date_extended", key_date_uid="date", reasons={"de": LONG},
        old={**moved, "date": "2026-08-31", "time": "12:00"},
        new={**moved, "date": "2026-09-30", "time": "17:00"},
    )  # fmt: skip
    return call(number), (event,)


@pytest.mark.parametrize(
    "told",
    [
        Issue(tuple(map(call, range(60))), (), ()),
        Issue((), tuple(map(changed, range(60))), ()),
        Issue((), (), tuple(map(news, range(60)))),
        Issue(
            tuple(map(call, range(60))), tuple(map(changed, range(60))), tuple(map(news, range(60)))
        ),
    ],
    ids=["new", "changed", "news", "all"],
)
def test_the_longest_digest_is_not_cut(told: Issue) -> None:
    made = digests.draft(
        told, FOLLOWED, code="de", reader_zone="Europe/Luxembourg", settings=SETTINGS, now=NOW
    )
    assert len(made.html.encode()) + 10 * LINK < MOST


def test_the_longest_reminder_is_not_cut() -> None:
    due = [Occasion(call=(one := call(n)), key_date=one.key_dates[0], days=7) for n in range(60)]
    at = dt.datetime(2026, 9, 23, 7, tzinfo=dt.UTC)
    made = compose.draft(
        due, FOLLOWED, code="de", reader_zone="Europe/Luxembourg", ahead=Ahead(10, "DE"),
        settings=SETTINGS, at=at,
    )  # fmt: skip
    assert len(made.html.encode()) + 60 * LINK < MOST
