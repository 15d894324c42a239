"""The mails about what happened to calls, as readers get them: what a person has looked at.

`GOLDEN=write pytest tests/unit/test_notice_mails.py` writes them anew.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from feedsvc.calls import net
from feedsvc.calls.events import DateFact
from feedsvc.calls.models import Call, CallEvent, KeyDate, StruckDate
from feedsvc.calls.net import Change
from feedsvc.content.models import Translation
from feedsvc.reminders.compose import Draft
from feedsvc.reminders.notices.compose import Told, Writer
from feedsvc.reminders.notices.found import CALLED_OFF, CHANGED, EDITION
from feedsvc.settings import Settings
from feedsvc.subscriptions.queries import Followed
from tests.support import golden

LANGUAGES = ("en", "fr", "de")
LUXEMBOURG = "Europe/Luxembourg"
BEFORE = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
AT = dt.datetime(2026, 4, 24, 9, 0, tzinfo=dt.UTC)  # when the mails leave
TITLES = {
    "en": "Circular use of recovered process heat",
    "fr": "Réutilisation circulaire de la chaleur industrielle",
    "de": "Zweite Nutzung von Prozesswärme",
}
REASONS = {
    "en": "Many applicants asked for more time to find partners.",
    "fr": "De nombreux candidats ont demandé plus de temps pour trouver des partenaires.",
    "de": "Viele baten um mehr Zeit, um Partner zu finden.",
}


def date(day: str, time: str | None = "17:00", *, number: int = 0, **more: Any) -> DateFact:
    written = {
        "type": "submission", "zone": LUXEMBOURG, "precision": "minute" if time else "day",
        "date": day, "time": time, **more,
    }  # fmt: skip
    return DateFact.read(f"00000000-0000-4000-8000-00000000010{number}", written)


def row(fact: DateFact, model: Any = KeyDate, **more: Any) -> Any:
    """The date as a row of the database."""
    names = ("uid", "type", "local_date", "local_time", "zone", "precision", "certainty", "utc_at")
    values = {name: getattr(fact, name) for name in names}
    return model(
        **values, is_deadline=fact.is_deadline, labels=dict(fact.labels), sequence=1, **more
    )


def call(*dates: DateFact, number: int = 1, titles: dict[str, str] = TITLES, **more: Any) -> Call:
    usual = {"award_max": Decimal(1_200_000), "currency": "EUR", "deadline_model": "single_stage"}
    return Call(
        id=number,
        uid=f"00000000-0000-4000-8000-00000000000{number}",
        publish_at=BEFORE,
        updated_at=AT,
        close_reason="",
        translations=[
            Translation(language=code, title=title, slug=f"call-{number}-{code}")
            for code, title in titles.items()
        ],
        key_dates=[row(one, updated_at=AT) for one in dates],
        **{**usual, **more},
    )


def moved(old: DateFact | None, new: DateFact | None, kind: str, **more: Any) -> CallEvent:
    fact = new or old
    assert fact is not None
    return CallEvent(
        type=kind, key_date_uid=fact.uid, old=old and old.written(), new=new and new.written(),
        at=AT, material=True, **{"reasons": {}, **more},
    )  # fmt: skip


def field(kind: str, old: Any, new: Any) -> CallEvent:
    return CallEvent(type=kind, old=old, new=new, at=AT, material=True, reasons={})


OLD, NEW = date("2026-04-30"), date("2026-05-12")
TIMBER = {"en": "Timber hybrids for multi-storey buildings"}


def extended() -> tuple[str, list[Told]]:
    """The deadline moved later, with a reason; the second stage and the funding stay."""
    second = date("2026-09-30", None, number=1, type="stage_2")
    events = [moved(OLD, NEW, "date_extended", reasons=REASONS)]
    return CHANGED, [Told(call(NEW, second), net.changes(events))]


def everything() -> tuple[str, list[Told]]:
    """Sooner, for other applicants, with other money; and a second call far away that is known now."""
    york = date("2026-05-20", "12:00", number=2, zone="America/New_York")
    events = [
        moved(NEW, OLD, "date_brought_forward"),
        field("money_changed", {"award_max": "200000.00", "currency": "EUR"},
              {"award_max": "1200000.00", "currency": "EUR"}),
        field("eligibility_changed", {"applicants": ["sme", "university"]},
              {"applicants": ["sme", "start_up"]}),
    ]  # fmt: skip
    timber = call(york, number=2, titles=TIMBER, award_max=None)
    return CHANGED, [
        Told(call(OLD), net.changes(events)),
        Told(timber, net.changes([moved(None, york, "date_set")])),
    ]


def cancelled() -> tuple[str, list[Told]]:
    reason = Change("cancelled", reasons={"en": "The budget was not voted."})
    return CALLED_OFF, [Told(call(OLD, cancelled_at=AT), reason=reason)]


def withdrawn() -> tuple[str, list[Told]]:
    gone = row(OLD, StruckDate, called_off_at=AT)
    return CALLED_OFF, [Told(call(OLD, withdrawn_at=AT), struck=[gone])]


def back() -> tuple[str, list[Told]]:
    return CHANGED, [Told(call(NEW), net.changes([moved(OLD, NEW, "date_extended")]), again=True)]


def edition() -> tuple[str, list[Told]]:
    opens = date("2026-04-27", None, number=3, type="opens")
    return EDITION, [Told(call(opens, NEW, number=2), follows=call(number=1))]


CASES = (extended, everything, cancelled, withdrawn, back, edition)


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    return Settings(
        instance_path=tmp_path,
        database_url="sqlite://",
        base_url="https://agency.example",
        secret_key="known to every test",
    )


def followed(code: str) -> list[Followed]:
    return [Followed("u1", "CleanTech", "/calls/?cluster=cleantech", False, (7, 1), True)]


def written(site: Settings, kind: str, told: list[Told], code: str = "en") -> Draft:
    return Writer(code, LUXEMBOURG, site, AT).draft(kind, told, followed(code))


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_a_mail_about_a_call_reads_as_it_should(site: Settings, case: Any, code: str) -> None:
    mail = written(site, *case(), code)
    path = f"mail/{case.__name__}.{code}"
    golden.check(Path(f"{path}.txt"), f"{mail.subject}\n\n{mail.text}".encode())
    golden.check(Path(f"{path}.html"), mail.html.encode())
    golden.check(Path(f"{path}.ics"), mail.calendar)


def test_a_boundless_title_and_reason_make_a_mail_of_bounded_size(site: Settings) -> None:
    boundless = "Heat \r\nBcc: x@example.org " * 2500
    events = [moved(OLD, NEW, "date_extended", reasons={"en": boundless})]
    told = [
        Told(call(NEW, number=n, titles={"en": boundless}), net.changes(events)) for n in range(40)
    ]
    mail = written(site, CHANGED, told)
    assert len(mail.html) < 100_000
    assert "\n" not in mail.subject
    assert "30 more calls have changed" in mail.text


def test_a_mark_that_an_editor_types_is_no_link(site: Settings) -> None:
    mail = written(site, CHANGED, [Told(call(NEW, titles={"en": "@@stop-9@@"}),
                                        net.changes([moved(OLD, NEW, "date_extended")]))])  # fmt: skip
    assert "@@stop-9@@" in mail.text


@pytest.mark.parametrize(
    ("old", "new", "kind", "fact"),
    [
        (OLD, date("2026-04-30", "12:00"), "time_changed",
         "Deadline now 30 April 2026, 12:00 Luxembourg time (was 17:00)"),
        (NEW, date("2026-04-23"), "date_brought_forward",
         "Closed since 23 April 2026, 17:00 Luxembourg time (was open until 12 May)"),
        (date("2026-04-20"), NEW, "reopened",
         "Open again until 12 May 2026, 17:00 Luxembourg time (was 20 April)"),
        (date("2026-04-30", certainty="estimated"), OLD, "date_confirmed",
         "Deadline confirmed: 30 April 2026, 17:00 Luxembourg time"),
        (OLD, date("2026-04-30", certainty="estimated"), "date_estimated",
         "Deadline no longer certain: expected 30 April 2026, 17:00 Luxembourg time"),
        (OLD, None, "date_removed", "The deadline of 30 April 2026 no longer applies"),
        (None, date("2026-05-01", None, precision="month", certainty="estimated"), "date_set",
         "New deadline: expected May 2026"),
        (date("2026-04-30", type="stage_1"), date("2027-01-12", "12:00", type="stage_1"),
         "date_extended",
         "First stage closes: extended to 12 January 2027, 12:00 Luxembourg time (was 30 April 2026, 17:00)"),
        (date("2026-04-30", None, type="opens"), date("2026-05-12", None, type="opens"),
         "date_extended", "Opening postponed to 12 May 2026 (was 30 April)"),
    ],
)  # fmt: skip
def test_a_subject_says_the_new_date_and_what_is_different(
    site: Settings, old: DateFact | None, new: DateFact | None, kind: str, fact: str
) -> None:
    told = Told(call(*([new] if new else [])), net.changes([moved(old, new, kind)]))
    assert written(site, CHANGED, [told]).subject == f"{fact}: {TITLES['en']}"
