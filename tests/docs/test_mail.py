"""docs/mail.md holds every state and reason of a mail, and the times that it names."""

from __future__ import annotations

from datetime import timedelta
from types import ModuleType

from feedsvc.auth import letters
from feedsvc.auth import notices as account_notices
from feedsvc.content.desk import letters as reviews
from feedsvc.mail import again, bounces, breaker, leases, models, rules, transports
from feedsvc.reminders import compose, gate, items, reasons, returned, welcome
from feedsvc.reminders import rules as reminder_rules
from feedsvc.reminders.digests import gate as digest_gate
from feedsvc.reminders.digests import letters as digest_letters
from feedsvc.reminders.digests import posting, readers
from feedsvc.reminders.notices import gate as notice_gate
from feedsvc.reminders.notices import letters as notice_letters
from feedsvc.reminders.notices import rules as notice_rules
from feedsvc.reminders.notices import telling
from feedsvc.subscriptions import changes, confirmation, renewal
from feedsvc.subscriptions import rules as consent
from tests.docs import pages

PAGE = "docs/mail.md"


def sentences(module: ModuleType) -> set[str]:
    """The sentences that a module names in capitals."""
    values = (value for name, value in vars(module).items() if name.isupper())
    return {value for value in values if isinstance(value, str) and " " in value}


def minutes(span: timedelta) -> int:
    return span // timedelta(minutes=1)


def test_every_kind_of_mail_is_documented_with_its_priority() -> None:
    urgent, usual = notice_letters.URGENT, notice_letters.USUAL
    assert {pages.codes(row[0])[0]: row[2][0] for row in pages.table(PAGE, "Kind")} == {
        confirmation.KIND: str(confirmation.PRIORITY),
        welcome.KIND: str(welcome.PRIORITY),
        compose.KIND: "1",
        "changed": str(urgent),
        "cancelled": str(urgent),
        "edition": str(usual),
        renewal.KIND: str(renewal.PRIORITY),
        readers.KIND: str(posting.PRIORITY),
        **dict.fromkeys(letters.KINDS, str(letters.PRIORITY)),
        account_notices.KIND: str(account_notices.PRIORITY),
        **dict.fromkeys(reviews.KINDS, str(reviews.PRIORITY)),
    }
    assert set(notice_gate.KINDS) == {"changed", "cancelled", "edition"}


def test_every_state_is_documented() -> None:
    assert [pages.codes(row[0])[0] for row in pages.table(PAGE, "State")] == list(models.STATES)


def test_every_reason_is_documented_and_no_other() -> None:
    made = {
        text
        for module in (
            rules,
            transports,
            bounces,
            again,
            gate,
            items,
            changes,
            digest_gate,
            digest_letters,
            renewal,
        )
        for text in sentences(module)
    }
    made |= {letters.NO_ACCOUNT, account_notices.NO_ACCOUNT}
    made |= {*sentences(notice_gate), *notice_gate.SAID.values(), *sentences(telling)}
    assert {row[0] for row in pages.table(PAGE, "Reason")} == made


def test_every_reason_of_the_ledger_is_documented_with_its_words() -> None:
    held = {pages.codes(code)[0]: said for code, said in pages.table(PAGE, "Kept as")}
    assert held == reasons.WORDS


def test_the_times_are_those_of_the_code() -> None:
    said = " ".join(pages.text(PAGE).split())
    *steps, last = (minutes(step) for step in rules.BACK_OFF)
    assert f"{', '.join(map(str, steps))} minutes, then every {last}" in said
    assert f"given up after {rules.MAX_ATTEMPTS} attempts" in said
    assert f"after {breaker.FIRST_PAUSE.seconds} seconds" in said
    assert f"at least every {minutes(breaker.LONGEST_PAUSE)} minutes" in said
    assert f"good for {minutes(leases.LEASE)} minutes" in said
    assert f"good for {minutes(consent.CONFIRM_WITHIN) // 60} hours" in said
    assert f"one in {minutes(consent.ONE_CONFIRMATION_IN) // 60} hours" in said
    assert (rules.MAX_CRASHES, minutes(reminder_rules.NOTICE)) == (5, 12 * 60)  # in words
    assert (consent.UNUSED_KEPT.days, minutes(reminder_rules.FLOOR)) == (7, 60)


def test_the_times_of_notices_are_those_of_the_code() -> None:
    said = " ".join(pages.text(PAGE).split())
    assert (minutes(notice_rules.QUIET), minutes(notice_rules.AT_MOST)) == (10, 60)  # in words
    assert notice_rules.CATCH_UP.days == 7
    assert f"within {minutes(notice_rules.CANNOT_WAIT) // 60} hours" in said
    assert f"from {reminder_rules.QUIET_FROM:%H:%M} to {reminder_rules.QUIET_UNTIL:%H:%M}" in said


def test_what_comes_back_is_held_against_addresses_as_the_page_says() -> None:
    said = " ".join(pages.text(PAGE).split())
    codes = ", ".join(f"`{code}`" for code in bounces.DEAD)
    assert f"mailbox closed ({codes})" in said
    harmless = ", ".join(f"`x.{rest}`" for rest in bounces.NOT_THE_ADDRESS)
    assert f"mail too large ({harmless})" in said
    assert bounces.NOT_THE_ADDRESS_SUBJECTS == ("6", "7")  # content and policy
    assert bounces.SOFT_DAYS == 3  # in words
    window, rest = bounces.SOFT_WINDOW.days, bounces.SUSPENSION.days
    assert f"on three days within {window}, it gets no mail for {rest} days" in said
    assert f"goes for good {returned.KEPT.days} days after it came" in said
