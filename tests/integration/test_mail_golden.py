"""The mails as readers get them, in each language: compared with what a person has looked at.

`GOLDEN=write pytest tests/integration/test_mail_golden.py` writes them anew.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.calls import changes
from feedsvc.calls.models import Call
from feedsvc.content.clusters import NameEdit
from feedsvc.content.edits import TextEdit
from feedsvc.content.filters import Filter
from feedsvc.content.workdays import Ahead
from feedsvc.db import Database
from feedsvc.mail import message
from feedsvc.mail import queries as mails
from feedsvc.mail.message import Reading
from feedsvc.mail.texts import whole
from feedsvc.reminders import welcome
from feedsvc.reminders.digests import turn
from feedsvc.settings import Settings
from feedsvc.subscriptions import changes as subscription_changes
from tests.builders import ANA, BEGINNING, call_edit, deadline, make_call, make_cluster, make_news
from tests.support import golden, spoken
from tests.support.readers import READER, Service, follow, utc

LANGUAGES = ("en", "fr", "de")
TITLES = {
    "heat": {
        "en": "Circular use of recovered process heat",
        "fr": "Réutilisation circulaire de la chaleur industrielle",
        "de": "Zweite Nutzung von Prozesswärme",
    },
    "timber": {"en": "Timber hybrids for multi-storey buildings"},
    "water": {
        "en": "Less water in small breweries",
        "fr": "Moins d’eau dans les petites brasseries",
        "de": "Weniger Wasser in kleinen Brauereien",
    },
    "prize": {
        "en": "A heat pump from here wins the builders’ prize",
        "fr": "Une pompe à chaleur d’ici remporte le prix du bâtiment",
        "de": "Eine Wärmepumpe von hier gewinnt den Preis der Bauleute",
    },
}
SUMMARIES = {
    "en": "It heats a school for a third of the gas, and was built in eleven weeks.",
    "fr": "Elle chauffe une école avec un tiers du gaz et a été construite en onze semaines.",
    "de": "Sie heizt eine Schule mit einem Drittel des Gases und entstand in elf Wochen.",
}
WHY = {
    "en": "Many small firms asked for more time.",
    "fr": "Beaucoup de petites entreprises ont demandé plus de temps.",
    "de": "Viele kleine Betriebe baten um mehr Zeit.",
}
CLUSTER = {
    "en": NameEdit("CleanTech"),
    "fr": NameEdit("Écotechnologies"),
    "de": NameEdit("Umwelttechnik"),
}
TOKEN = re.compile(r"/(confirm|manage|unsubscribe|mute)/[^\s\"<>]+")
KINDS = ("confirmation", "welcome", "welcome-call", "digest", "reminder")


def texts(name: str, summary: bool = False) -> dict[str, TextEdit]:
    return {
        code: TextEdit(title=title, summary=SUMMARIES[code] if summary else "")
        for code, title in TITLES[name].items()
    }


def fixed(call: Call, number: int) -> Call:
    """The call with ids that are the same each time."""
    call.uid = f"00000000-0000-4000-8000-00000000000{number}"
    for place, key_date in enumerate(call.key_dates):
        key_date.uid = f"00000000-0000-4000-8000-0000000001{number}{place}"
    return call


def water(**more: object) -> dict[str, object]:
    return {
        "texts": texts("water"),
        "clusters": ("cleantech",),
        "award_max": Decimal(40_000),
        **more,
    }


def publish_calls(session: Session, at: datetime) -> None:
    """Two calls that close on one day: one in three languages, one in English and far away."""
    shared = {"clusters": ("cleantech",), "now": at, "publish_at": at}
    heat = make_call(
        session,
        texts=texts("heat"),
        award_max=Decimal(1_200_000),
        deadline_model="two_stage",
        key_dates=(deadline("2026-04-30", kind="stage_1"), deadline("2026-09-30", kind="stage_2")),
        **shared,
    )
    timber = make_call(
        session,
        texts=texts("timber"),
        key_dates=(deadline("2026-04-30", "12:00", zone="America/New_York"),),
        **shared,
    )
    make_news(session, texts=texts("prize", summary=True), **shared)
    fixed(heat, 1)
    fixed(timber, 2)


def subscribe(
    session: Session, settings: Settings, code: str, now: datetime, **more: object
) -> None:
    """Ask and say yes, as the pages do."""
    reader = follow(session, settings, email=f"{code}.{READER}", language=code, now=now, **more)  # type: ignore[arg-type]
    subscription_changes.change(session, reader, ahead=Ahead(5, "LU"), settings=settings, now=now)
    welcome.enqueue(session, reader, reader.subscriptions[-1:], settings=settings, now=now)


@pytest.fixture
def sent(db: Database, settings: Settings) -> dict[tuple[str, str], Reading]:
    """The mails of one reader in each language, by kind and language."""
    service, noon = Service(db, settings), utc("2026-03-02 12:00")
    with db.begin() as session:
        make_cluster(session, texts=CLUSTER)
        brewing = fixed(
            make_call(
                session, **water(now=utc("2026-02-02 09:00"), publish_at=utc("2026-02-02 09:00"))
            ),
            3,
        )
        cleantech = Filter(cluster=("cleantech",))
        for code in LANGUAGES:
            subscribe(session, settings, code, BEGINNING, filter=cleantech, digest="daily")
    with db.begin() as session:
        publish_calls(session, noon)
        edit = call_edit(
            **water(key_dates=(deadline("2026-05-15"),), award_max=Decimal(60_000), reasons=WHY)
        )
        changes.edit_call(session, brewing.id, edit, actor=ANA, now=noon)
        timber = session.scalars(select(Call.id).where(Call.uid.endswith("2"))).one()
        for code in LANGUAGES:
            subscribe(session, settings, code, noon, entry_id=timber)
    turn.write(db, settings, utc("2026-03-03 07:00"))
    service.turn("2026-03-03 08:00")
    service.turn("2026-04-23 06:00")
    service.turn(utc("2026-04-23 06:00") + timedelta(hours=1))
    return dict(_all(db))


def _all(db: Database) -> list[tuple[tuple[str, str], Reading]]:
    found = []
    with db.read() as session:
        for row in mails.recent(session):
            mail = mails.get(session, row.id)
            assert mail is not None
            seen = message.read(whole(session, mail))
            kind = "welcome-call" if mail.kind == "welcome" and seen.attachments else mail.kind
            found.append(((kind, dict(seen.headers)["Content-Language"]), seen))
    return found


def test_every_kind_of_mail_reads_as_it_should_in_every_language(
    sent: dict[tuple[str, str], Reading],
) -> None:
    for kind in KINDS:
        for code in LANGUAGES:
            mail = sent[kind, code]
            subject, name = dict(mail.headers)["Subject"], f"mail/{kind}.{code}"
            golden.check(Path(f"{name}.txt"), stable(f"{subject}\n\n{mail.text}"))
            golden.check(Path(f"{name}.html"), stable(mail.html))
            for attachment in mail.attachments:
                golden.check(Path(f"{name}.ics"), attachment.content)
            assert spoken.unsaid(mail) == []
            assert len(mail.html) < 20_000


def stable(text: str) -> bytes:
    """The text with its links as they would be if they named nobody."""
    return TOKEN.sub(r"/\1/…", text).encode()
