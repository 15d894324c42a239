"""Return paths that nobody can make up, and what a report means for mail and address."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc import settings as configuration
from feedsvc.mail import bounces, imap, verp
from feedsvc.mail.bounces import Original
from feedsvc.settings import BadSetting, Settings

OURS = Settings(secret_key="one key", bounce_address="bounces@agency.example")
TODAY = date(2026, 3, 2)
ORIGINAL = Original("reader@example.org", "<r.1@agency.example>", "250 2.0.0 Ok: queued")


@given(st.integers(1, 10**18 - 1))
def test_a_return_path_names_its_mail(number: int) -> None:
    path = verp.return_path(OURS, number)
    assert verp.mail_id(OURS, path) == number
    assert verp.mail_id(OURS, f" {path.upper()}") == number, "some servers change the case"
    assert len(path.partition("@")[0]) <= 64


def test_without_a_place_for_it_returned_mail_goes_to_the_sender() -> None:
    assert verp.return_path(Settings(mail_from="Agency <calls@agency.example>"), 7) == (
        "calls@agency.example"
    )


@pytest.mark.parametrize(
    "address",
    ["bounces+7.0123456789abcdef0123@agency.example", "bounces+7.@agency.example",
     "bounces+8.{code}@agency.example", "bounces+07.{code}@agency.example",
     "bounces+7.{code}0@agency.example", "bounces+7@agency.example", "bounces+@agency.example",
     "bounces+" + "9" * 5000 + ".{code}@agency.example"],
)  # fmt: skip
def test_a_forged_return_path_names_no_mail(address: str) -> None:
    code = verp.return_path(OURS, 7).partition(".")[2].partition("@")[0]
    forged = address.format(code=code)
    assert verp.mail_id(OURS, forged) is None
    assert verp.is_ours(OURS, forged)


@pytest.mark.parametrize(
    "address", ["bounces@agency.example", "", "@", "bounces+7.0a@other.example"]
)
def test_another_address_is_no_return_path(address: str) -> None:
    assert not verp.is_ours(OURS, address)
    assert verp.mail_id(OURS, address) is None


def test_with_another_key_the_path_is_worth_nothing() -> None:
    other = Settings(secret_key="another key", bounce_address=OURS.bounce_address)
    assert verp.mail_id(other, verp.return_path(OURS, 7)) is None


@pytest.mark.parametrize(
    ("status", "verdict"),
    [("5.1.1", "hard"), ("5.1.2", "hard"), ("5.1.10", "hard"), ("5.2.1", "hard"),
     ("5.2.2", "harmless"), ("4.2.2", "harmless"), ("5.7.1", "harmless"), ("5.7.26", "harmless"),
     ("4.7.0", "harmless"), ("5.6.0", "harmless"), ("5.3.4", "harmless"),
     ("4.1.1", "soft"), ("4.4.7", "soft"), ("5.0.0", "soft"), ("5.4.4", "soft"), ("", "soft")],
)  # fmt: skip
def test_only_a_dead_address_is_held_against_it_at_once(status: str, verdict: str) -> None:
    assert bounces.verdict(status) == verdict


@pytest.mark.parametrize(
    ("words", "status"),
    [("550 5.1.1 user unknown", "5.1.1"), ("550-5.7.1 policy", "5.7.1"), ("550 no", "5.0.0"),
     ("5.4.7 delivery expired", "5.4.7"), ("550 #5.1.0 no", "5.1.0"),
     ("421 4.7.0 come back", "4.7.0"), ("handed over twice", ""), ("", ""), ("5500", "")],
)  # fmt: skip
def test_the_code_is_read_from_a_servers_answer(words: str, status: str) -> None:
    assert bounces.status_of(words) == status


def test_a_reason_keeps_no_address() -> None:
    said = bounces.reason("5.1.1", "550 5.1.1 <Reader@Example.org>: unknown", "reader@example.org")
    assert said == "5.1.1 550 5.1.1 <…>: unknown"
    assert bounces.reason("5.1.1", "550 5.1.1 <reader@example.org> unknown", "") == "5.1.1"
    assert bounces.reason("", "", "reader@example.org") == bounces.NO_CODE


@pytest.mark.parametrize(
    ("message_id", "recipient", "about"),
    [("<r.1@agency.example>", "reader@example.org", True),
     ("<r.1@agency.example>", "forwarded@elsewhere.example", True),
     ("<r.2@agency.example>", "reader@example.org", False),
     ("", "Reader@example.org", True), ("", "other@example.org", False), ("", "", False)],
)  # fmt: skip
def test_a_report_is_about_a_mail_that_it_names(
    message_id: str, recipient: str, about: bool
) -> None:
    assert bounces.is_about(ORIGINAL, message_id, recipient) is about


def test_a_relay_that_gives_mails_its_own_id_says_it_when_it_takes_them() -> None:
    original = Original("reader@example.org", "<r.1@agency.example>", "250 Ok 0102018f3c6d7e8a-77")
    assert bounces.is_about(original, "<0102018f3c6d7e8a-77@relay.example>", "")
    assert not bounces.is_about(original, "<0102018f3c6d7e8a-78@relay.example>", "")
    assert not bounces.is_about(original, "<Ok@relay.example>", "")


def test_a_report_counts_if_it_says_more_than_the_row() -> None:
    steps = [("accepted", "250 ok"), ("bounced", "5.7.1 no"), ("bounced", "4.4.7 expired"),
             ("bounced", "5.1.1 unknown"), ("accepted", bounces.COMPLAINT)]  # fmt: skip
    weights = [bounces.weight(*step) for step in steps]
    assert weights == sorted(set(weights))


@pytest.mark.parametrize(
    ("days_ago", "asks"),
    [((0, 1, 2), True), ((0, 6, 13), True), ((0, 6, 14), False), ((0, 0, 0, 1), False), ((), False)],
)  # fmt: skip
def test_three_days_of_soft_reports_in_two_weeks_ask_for_rest(
    days_ago: tuple[int, ...], asks: bool
) -> None:
    days = [TODAY - timedelta(days=number) for number in days_ago]
    assert bounces.asks_for_rest(days, TODAY) is asks


@pytest.mark.parametrize(
    ("name", "value"),
    [("bounce_url", "/var/mail"), ("bounce_url", "maildir:relative"),
     ("bounce_url", "maildir://host/path"), ("bounce_url", "imaps://mail.example/INBOX"),
     ("bounce_url", "imap://u:p@mail.example/INBOX"), ("bounce_url", "pop3://u:p@mail.example"),
     ("bounce_url", "imaps://u:p\r\nx@mail.example/"), ("bounce_url", "imaps://u:p@mail.example:x/"),
     ("bounce_address", "Bounces <b@agency.example>"), ("bounce_address", "nothing"),
     ("bounce_address", "b" * 24 + "@agency.example"), ("metrics_token", "short"),
     ("late_after", 0), ("silent_after", -1)],
)  # fmt: skip
def test_a_setting_that_cannot_be_used_is_refused(name: str, value: object) -> None:
    with pytest.raises(BadSetting, match=name):
        configuration.checked(Settings(**{name: value}))


def test_where_a_mailbox_is_can_be_written_with_every_character() -> None:
    url = "imaps://re%40turn:p%3A%2Fw%C3%A9@mail.example/Returned%20mail?cafile=/etc/own.pem"
    assert configuration.checked(Settings(bounce_url=url)).bounce_url == url
    assert imap.address(url) == imap.Address(
        "mail.example", 993, "re@turn", "p:/wé", "Returned mail", True, "/etc/own.pem"
    )
    for wrong in ("imaps://u:p@mail.example/?verify=no", "imaps://u:p@mail.example/a%0Ab"):
        with pytest.raises(BadSetting, match="bounce_url"):
            imap.address(wrong)
