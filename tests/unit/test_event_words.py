"""What happened to a call, in words: titles that say the old and the new."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from feedsvc.calls import event_words
from feedsvc.calls.models import CallEvent
from feedsvc.i18n import language

EN, FR, DE = (language(code) for code in ("en", "fr", "de"))
AT = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def fact(day: str, time: str | None = "17:00", **more: Any) -> dict[str, Any]:
    usual = {"type": "submission", "zone": "Europe/Luxembourg", "precision": "day"}
    return {**usual, "date": day, "time": time, **more}


def event(kind: str, old: Any = None, new: Any = None, **more: Any) -> CallEvent:
    return CallEvent(type=kind, old=old, new=new, at=AT, **{"reasons": {}, **more})


def titled(kind: str, old: Any = None, new: Any = None, said: Any = EN) -> str:
    return event_words.title(event(kind, old, new), "Heat", "EUR", said)


MOVED = (fact("2026-04-06"), fact("2026-04-30"))
ZONE = "(Luxembourg time)"
END = f"30 April 2026, 17:00 {ZONE}"
OPENING = tuple(fact(day, None, type="opens") for day in ("2026-04-06", "2026-04-30"))


@pytest.mark.parametrize(
    ("kind", "old", "new", "said"),
    [
        ("date_extended", *MOVED, f"Deadline extended: Heat – now {END}; before: 6 April 2026"),
        ("date_brought_forward", *MOVED[::-1],
         f"Deadline brought forward: Heat – now 6 April 2026, 17:00 {ZONE}; before: 30 April 2026"),
        ("time_changed", fact("2026-04-30"), fact("2026-04-30", "12:00"),
         f"Deadline at another time: Heat – now 30 April 2026, 12:00 {ZONE}; before: {END}"),
        ("reopened", *MOVED,
         f"Reopened: Heat – now {END}; before: 6 April 2026"),
        ("reopened", "budget_exhausted", None, "Reopened: Heat"),
        ("date_extended", *OPENING,
         "Opening postponed: Heat – now 30 April 2026; before: 6 April 2026"),
        ("date_confirmed", fact("2026-04-30", certainty="estimated"), fact("2026-04-30"),
         f"Deadline confirmed: Heat – {END}, as expected"),
        ("date_estimated", fact("2026-04-30"), fact("2026-04-30", certainty="estimated"),
         f"Deadline no longer certain: Heat – expected {END}"),
        ("date_set", None, fact("2026-04-30", None), "Deadline added: Heat – now 30 April 2026"),
        ("date_removed", fact("2026-04-30", None), None,
         "Deadline removed: Heat – 30 April 2026 no longer applies"),
        ("date_extended", fact("2026-04-01", None, type="stage_1", precision="month"),
         fact("2026-07-01", None, type="stage_1", precision="quarter"),
         "Deadline extended: Heat – First stage closes: now quarter 3 of 2026; before: April 2026"),
        ("date_set", None, fact("2026-04-30", None, labels={"en": "Pitch day"}),
         "Deadline added: Heat – Pitch day: now 30 April 2026"),
        ("cancelled", None, None, "Call cancelled: Heat"),
        ("closed", None, "budget_exhausted", "Closed: Heat – the budget is used up"),
        ("money_changed", {"award_max": "200000.00", "currency": "EUR"},
         {"award_max": None, "currency": "EUR"}, "Funding changed: Heat – Funding cap: €200,000 → –"),
        ("money_changed", {"award_max": "2.50", "currency": "EUR"},
         {"award_max": "3.00", "currency": "USD"},
         "Funding changed: Heat – Funding cap: €2.50 → US$3; Currency: EUR → USD"),
        ("eligibility_changed", {"applicants": ["sme", "university"]},
         {"applicants": ["sme", "company", "start_up"]},
         "Who can apply has changed: Heat – added: Companies and Start-ups; no longer: Universities"),
        ("document_added", None, [{"title": "Guide", "url": "https://x.example/"}],
         "New document: Heat – Guide"),
    ],
)  # fmt: skip
def test_a_title_says_the_old_and_the_new(kind: str, old: Any, new: Any, said: str) -> None:
    assert titled(kind, old, new) == said


def test_every_kind_of_event_is_said_in_every_language() -> None:
    kinds = {*event_words.HEADS, *event_words.DATE_SENTENCES, *event_words.PLAIN_SENTENCES}
    for kind in kinds:
        values = MOVED if kind in event_words.DATE_SENTENCES else (None, None)
        titles = {titled(kind, *values, said=said) for said in (EN, FR, DE)}
        assert len(titles) == 3, kind


def test_a_title_in_french_and_german() -> None:
    assert titled("date_extended", *MOVED, said=FR) == (
        "Date limite prolongée\xa0: Heat – désormais 30 avril 2026, 17:00 (heure de Luxembourg)\xa0; "
        "auparavant\xa0: 6 avril 2026"
    )
    assert titled("date_extended", *MOVED, said=DE) == (
        "Frist verlängert: Heat – jetzt 30. April 2026, 17:00 (Ortszeit Luxemburg); "
        "bisher: 6. April 2026"
    )


def test_a_sentence_says_why_a_call_closed_and_who_may_apply_now() -> None:
    closed = event("closed", None, "superseded")
    assert event_words.sentence(closed, "EUR", EN) == "Closed – replaced by another call."
    admitted = event("eligibility_changed", {"applicants": []}, {"applicants": ["sme"]})
    assert event_words.sentence(admitted, "EUR", EN) == (
        "Who can apply has changed – added: Small and medium-sized companies."
    )


def test_an_event_of_old_without_details_is_told_plainly() -> None:
    assert titled("eligibility_changed") == "Who can apply has changed: Heat"
    assert titled("date_extended") == "The call was changed: Heat"
    assert event_words.sentence(event("unheard_of"), "EUR", EN) == "The call was changed."


def test_a_reason_is_in_the_reader_s_language_or_says_which() -> None:
    told = event("cancelled", reasons={"fr": "Budget épuisé.", "de": "Kein Budget."})
    assert event_words.reason(told, DE, ("en", "fr", "de")) == event_words.Reason(
        "Kein Budget.", "de"
    )
    assert event_words.reason(told, EN, ("en", "fr", "de")) == event_words.Reason(
        "Budget épuisé.", "fr"
    )
    assert event_words.reason(event("cancelled"), EN, ("en",)) is None
