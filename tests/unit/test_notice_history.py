"""What the next mail about a call must tell a reader, by what they were told before."""

from __future__ import annotations

from datetime import UTC, datetime

from feedsvc.reminders.notices.found import CALLED_OFF, CHANGED
from feedsvc.reminders.notices.history import Next, Past, next_change


def written(n: int) -> datetime:
    return datetime(2026, 4, n, 10, tzinfo=UTC)


def item(n: int, mail: str = "", *, kind: str = CHANGED, first: int | None = None, **more) -> Past:
    """The item of the notice with that number; without a mail it is planned."""
    usual = {"state": "mailed" if mail else "planned", "uncertain": False}
    return Past(
        item_id=n, notice_id=n, kind=kind, first_event_id=first or n * 10, mail=mail,
        mail_id=n * 100 if mail else None, written_at=written(n) if mail else None,
        **{**usual, **more},
    )  # fmt: skip


def test_the_first_change_is_told_from_its_first_event() -> None:
    assert next_change([item(1)]) == Next(since=10, again=False)


def test_what_was_told_is_not_told_again() -> None:
    step = next_change([item(1, "accepted"), item(2)])
    assert (step.since, step.told_at) == (20, written(1))


def test_what_was_not_told_is_told_with_the_next_change() -> None:
    for untold in (
        item(1, state="void"),  # paused
        item(1, "failed"),
        item(1, "expired"),
        item(1, "void"),
    ):
        assert next_change([untold, item(2)]).since == 10


def test_a_mail_that_waits_for_the_morning_is_replaced() -> None:
    assert next_change([item(1, "queued"), item(2)]) == Next(
        since=10, again=False, take_back=(100,)
    )


def test_a_mail_that_may_have_arrived_has_told() -> None:
    found = next_change([item(1, "queued", uncertain=True), item(2)])
    assert (found.since, found.take_back) == (20, ())


def test_while_a_mail_is_being_sent_the_next_one_waits() -> None:
    assert next_change([item(1, "leased"), item(2)]).later
    assert not next_change([item(1, "accepted"), item(2)]).later


def test_of_two_planned_items_the_newer_tells_both() -> None:
    found = next_change([item(1), item(2)])
    assert (found.since, found.superseded) == (10, (1,))


def test_who_was_told_that_a_call_is_off_learns_that_it_is_back_and_once() -> None:
    off = item(1, "accepted", kind=CALLED_OFF)
    assert next_change([off, item(2)]).again
    assert next_change([off, item(2, "expired"), item(3)]).again
    assert not next_change([off, item(2, "accepted"), item(3)]).again
    assert not next_change([item(1, "void", kind=CALLED_OFF), item(2)]).again
