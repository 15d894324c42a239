"""What a burst of edits comes to: the first old and the last new value of each thing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from feedsvc.calls import net
from feedsvc.calls.models import CallEvent
from feedsvc.reminders.notices import rules

AT = dt.datetime(2026, 4, 1, 9, 0, tzinfo=dt.UTC)
A, B, C = "2026-04-30", "2026-05-12", "2026-05-20"


def fact(day: str, time: str | None = "17:00", **more: Any) -> dict[str, Any]:
    usual = {"type": "submission", "zone": "Europe/Luxembourg", "precision": "minute"}
    return {**usual, "date": day, "time": time, **more}


def event(kind: str, old: Any = None, new: Any = None, **more: Any) -> CallEvent:
    return CallEvent(
        type=kind, old=old, new=new, **{"at": AT, "reasons": {}, "material": True, **more}
    )


def moved(old: str, new: str, **more: Any) -> CallEvent:
    kind = "date_extended" if new > old else "date_brought_forward"
    return event(kind, fact(old), fact(new), **{"key_date_uid": "d1", **more})


def said(*events: CallEvent) -> list[tuple[str, Any, Any]]:
    """Type, old day and new day of each change."""
    return [
        (one.type, one.was and str(one.was.local_date), one.now and str(one.now.local_date))
        for one in net.changes(events)
    ]


def test_five_moves_are_one_from_the_first_to_the_last_date() -> None:
    burst = [moved(A, B), moved(B, C), moved(C, A), moved(A, C), moved(C, B)]
    assert said(*burst) == [("date_extended", A, B)]


def test_what_moves_back_comes_to_nothing() -> None:
    assert said(moved(A, B), moved(B, A)) == []
    money = event("money_changed", {"award_max": "1.00"}, {"award_max": "2.00"})
    back = event("money_changed", {"award_max": "2.00"}, {"award_max": "1.00"})
    assert net.changes([money, back]) == ()
    closed, reopened = event("closed", None, "budget_exhausted"), event("reopened", "x", None)
    assert net.changes([closed, reopened]) == ()
    assert net.changes([event("date_set", None, fact(A), key_date_uid="new"),
                        event("date_removed", fact(A), None, key_date_uid="new")]) == ()  # fmt: skip


def test_later_is_extended_and_sooner_is_brought_forward_whatever_came_between() -> None:
    assert said(moved(B, C), moved(C, A)) == [("date_brought_forward", B, A)]
    assert said(moved(B, A), moved(A, C)) == [("date_extended", B, C)]


def test_a_call_is_reopened_only_if_the_date_that_readers_know_had_passed() -> None:
    after = dt.datetime(2026, 5, 2, tzinfo=dt.UTC)
    assert said(moved(A, C, at=after)) == [("reopened", A, C)]
    assert said(moved(A, B), moved(B, C, at=after)) == [("date_extended", A, C)]


def test_a_date_that_is_replaced_by_another_of_its_type_has_moved() -> None:
    pair = (
        event("date_removed", fact(A), None, key_date_uid="d1"),
        event("date_set", None, fact(B), key_date_uid="d2"),
    )
    assert said(*pair) == [("date_extended", A, B)]
    [change] = net.changes(pair)
    assert (change.key_date_uid, change.replaces) == ("d2", "d1")
    third = event("date_set", None, fact(C), key_date_uid="d3")
    assert len(net.changes([*pair, third])) == 3, "which of the two replaces it, nobody knows"


def test_each_amount_is_told_from_its_first_to_its_last_value() -> None:
    [change] = net.changes(
        [
            event("money_changed", {"award_max": "1.00", "currency": "EUR"},
                  {"award_max": "2.00", "currency": "EUR"}),
            event("money_changed", {"award_min": None, "currency": "EUR"},
                  {"award_min": "0.50", "currency": "EUR"}),
            event("money_changed", {"award_max": "2.00", "currency": "EUR"},
                  {"award_max": "3.00", "currency": "EUR"}),
        ]
    )  # fmt: skip
    assert change.old == {"award_max": "1.00", "award_min": None, "currency": "EUR"}
    assert change.new == {"award_max": "3.00", "award_min": "0.50", "currency": "EUR"}


def test_a_minor_edit_is_not_told_but_its_value_counts() -> None:
    minor = {"material": False}
    assert said(moved(A, B, **minor)) == []
    assert said(moved(A, B), moved(B, C, **minor)) == [("date_extended", A, C)]


def test_that_a_call_is_new_or_cancelled_is_told_elsewhere() -> None:
    assert net.changes([event("published"), event("opened"), event("cancelled")]) == ()


def test_the_reason_is_the_last_that_was_given() -> None:
    burst = [
        moved(A, B, reasons={"en": "Many asked."}),
        moved(B, C, reasons={"en": "A public holiday."}),
        moved(C, B),
    ]
    assert net.changes(burst)[0].reasons == {"en": "A public holiday."}


def test_what_closes_is_told_first_and_documents_last() -> None:
    found = net.changes(
        [
            event("document_added", None, [{"title": "Guide", "url": "https://x.example/"}]),
            event("eligibility_changed", {"applicants": []}, {"applicants": ["sme"]}),
            moved(A, B),
            event("closed", None, "budget_exhausted"),
        ]
    )
    assert [change.type for change in found] == [
        "closed", "date_extended", "eligibility_changed", "document_added",
    ]  # fmt: skip


def test_events_of_old_without_details_are_told_as_they_are() -> None:
    assert [change.type for change in net.changes([event("eligibility_changed")])] == [
        "eligibility_changed"
    ]


@pytest.mark.parametrize(
    ("change", "until"),
    [
        (moved(A, B), "2026-05-12T15:00"),
        (moved(B, A), "2026-05-12T15:00"),  # till then somebody may believe in the old date
        (event("money_changed", {"award_max": "1.00"}, {"award_max": "2.00"}), "2026-06-01T00:00"),
    ],
)
def test_a_change_is_worth_telling_until_nobody_can_be_wrong(change: CallEvent, until: str) -> None:
    closes = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    at = net.worth_until(net.changes([change]), closes_at=closes, otherwise=AT)
    assert at == dt.datetime.fromisoformat(until).replace(tzinfo=dt.UTC)


def minutes(n: float) -> dt.datetime:
    return AT + dt.timedelta(minutes=n)


def test_a_burst_is_told_ten_minutes_after_its_last_edit_and_an_hour_after_its_first() -> None:
    assert rules.settles_at(first=minutes(0), last=minutes(0)) == minutes(10)
    assert rules.settles_at(first=minutes(0), last=minutes(2)) == minutes(12)
    assert rules.settles_at(first=minutes(0), last=minutes(55)) == minutes(60)
