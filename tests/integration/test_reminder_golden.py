"""The mails as readers get them, in each language: compared with what a person has looked at.

`GOLDEN=write pytest tests/integration/test_reminder_golden.py` writes them anew.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from feedsvc.calls.models import Call
from feedsvc.content.edits import TextEdit
from feedsvc.content.filters import Filter
from feedsvc.db import Database
from feedsvc.mail import message
from feedsvc.mail import queries as mails
from feedsvc.settings import Settings
from feedsvc.subscriptions import queries
from tests.builders import deadline, make_call, make_cluster
from tests.support import golden
from tests.support.readers import READER, Service, follow, utc

LANGUAGES = ("en", "fr", "de")
TITLES = {
    "heat": {
        "en": "Circular use of recovered process heat",
        "fr": "Réutilisation circulaire de la chaleur industrielle",
        "de": "Zweite Nutzung von Prozesswärme",
    },
    "timber": {"en": "Timber hybrids for multi-storey buildings"},
}


def texts(name: str) -> dict[str, TextEdit]:
    return {code: TextEdit(title=title) for code, title in TITLES[name].items()}


def fixed(call: Call, number: int) -> Call:
    """The call with ids that are the same each time."""
    call.uid = f"00000000-0000-4000-8000-00000000000{number}"
    for place, key_date in enumerate(call.key_dates):
        key_date.uid = f"00000000-0000-4000-8000-0000000001{number}{place}"
    return call


def calls(session: Session) -> None:
    """Two calls that close on one day: one in three languages, one in English and far away."""
    make_cluster(session, "CleanTech")
    heat = make_call(
        session,
        texts=texts("heat"),
        clusters=("cleantech",),
        award_max=Decimal(1_200_000),
        deadline_model="two_stage",
        key_dates=(deadline("2026-04-30", kind="stage_1"), deadline("2026-09-30", kind="stage_2")),
    )
    timber = make_call(
        session,
        texts=texts("timber"),
        clusters=("cleantech",),
        key_dates=(deadline("2026-04-30", "12:00", zone="America/New_York"),),
    )
    fixed(heat, 1)
    fixed(timber, 2)


@pytest.fixture
def sent(db: Database, settings: Settings) -> dict[str, message.Reading]:
    """The reminder of one reader in each language, by that language."""
    service = Service(db, settings)
    with db.begin() as session:
        calls(session)
        for number, code in enumerate(LANGUAGES):
            email = f"{code}.{READER}"
            follow(
                session,
                settings,
                email=email,
                language=code,
                filter=Filter(cluster=("cleantech",)),
            )
            reader = queries.by_address(session, email)
            assert reader is not None
            reader.uid = f"00000000-0000-4000-8000-00000000020{number}"
            reader.subscriptions[0].uid = f"00000000-0000-4000-8000-00000000030{number}"
    service.turn("2026-04-22 18:00")
    service.turn("2026-04-23 06:00")
    service.turn(utc("2026-04-23 06:00") + timedelta(hours=1))
    found: dict[str, message.Reading] = {}
    with db.read() as session:
        for row in mails.recent(session):
            mail = mails.get(session, row.id)
            assert mail is not None
            if mail.kind == "reminder":
                seen = message.read(mail.content)
                found[dict(seen.headers)["Content-Language"]] = seen
    return found


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_reminder_reads_as_it_should(sent: dict[str, message.Reading], code: str) -> None:
    mail = sent[code]
    subject = dict(mail.headers)["Subject"]
    golden.check(Path(f"mail/reminder.{code}.txt"), f"{subject}\n\n{mail.text}".encode())
    golden.check(Path(f"mail/reminder.{code}.html"), mail.html.encode())
    golden.check(Path(f"mail/reminder.{code}.ics"), mail.attachments[0].content)
