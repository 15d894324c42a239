"""From rows to bytes: the same rows are the same feed on either database, in each language."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from feedsvc.calls.edits import Document
from feedsvc.calls.models import Call
from feedsvc.content.edits import Quote, TextEdit
from feedsvc.content.models import Entry
from feedsvc.db import Database
from tests import builders
from tests.support import golden
from tests.support.client import Browser

PATHS = (
    "/feed.atom", "/fr/feed.atom", "/de/feed.rss", "/fr/feed.json", "/de/calls.ics",
    "/calls.csv", "/fr/feeds.opml",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _content(db: Database) -> None:
    with db.begin() as session:
        for entry in (_call(session), _news(session)):
            _fix(entry)


def _call(session: Session) -> Call:
    builders.make_cluster(session, "CleanTech")
    builders.make_organisation(session, names={"en": "Example Fund", "fr": "Fonds modèle"})
    builders.make_programme(session, "Heat Programme")
    return builders.make_call(
        session,
        texts={
            "en": TextEdit(
                title="Reuse of heat & <steam>",
                summary="Use it twice.",
                body="A [page](/calls/) and a [site](https://example.org/?a=1&b=2).",
                sections={"eligibility": "Companies *only*.", "how_to_apply": "Online."},
            ),
            "de": TextEdit(title="Wärme zweimal nutzen", body="Zwei Mal."),
        },
        clusters=("cleantech",),
        funders=("example-fund",),
        programme="heat-programme",
        reference="HEAT/1",
        deadline_model="two_stage",
        applicants=("company", "sme"),
        award_min=Decimal(50_000),
        award_max=Decimal(200_000),
        cofinancing_max=Decimal(70),
        geographies=("LU",),
        apply_url="https://apply.example/?call=heat&lang=en",
        documents=(Document("Guide", "https://apply.example/guide.pdf"),),
        key_dates=(
            builders.opening("2026-03-01"),
            builders.deadline("2026-04-30", kind="stage_1"),
            builders.deadline("2026-09-30", None, kind="stage_2"),
            builders.deadline("2026-12-01", None, kind="decision", precision="month",
                              certainty="estimated"),
        ),
    )  # fmt: skip


def _news(session: Session) -> Entry:
    return builders.make_news(
        session,
        texts={
            "en": TextEdit(
                title="Time to act", body="Now.", quotes=(Quote("It pays.", "A plant"),)
            ),
            "fr": TextEdit(
                title="Il est temps d’agir", summary="Maintenant.", body="Tout de suite."
            ),
        },
    )


def _fix(entry: Entry) -> None:
    """Ids that are the same each time."""
    entry.uid = f"00000000-0000-4000-8000-00000000000{entry.id}"
    if isinstance(entry, Call):
        for place, date in enumerate(entry.key_dates):
            date.uid = f"00000000-0000-4000-8000-0000000001{place:02d}"


@pytest.mark.parametrize("path", PATHS)
def test_a_feed_from_rows_is_the_golden_one(client: Browser, path: str):
    name = path.strip("/").replace("/", "-")
    golden.check(Path("feeds") / f"rows-{name}", client.get(path).data)
