"""What becomes of a mail after a try, and what the setting of the mail server may say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.mail import relay, rules
from feedsvc.mail.rules import Outcome
from feedsvc.settings import BadSetting, Settings

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DEFERRED = Outcome("deferred", "450 4.2.0 greylisted")


def fate(outcome: Outcome, **facts: object) -> rules.Fate:
    known = {"attempts": 0, "uncertain": False, "expires_at": None, "key": "k", "now": NOW}
    return rules.fate(outcome, **{**known, **facts})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tries", "minutes"), [(1, 5), (2, 30), (3, 60), (4, 120), (5, 240), (6, 360), (9, 360)]
)
def test_retries_wait_longer_and_longer_up_to_six_hours(tries: int, minutes: int) -> None:
    waits = {rules.pause(tries, key) for key in "abcdefgh"}
    assert all(0.8 <= wait / timedelta(minutes=minutes) <= 1.2 for wait in waits)
    assert len(waits) > 1, "a burst does not come back as a burst"


def test_a_retry_never_goes_past_the_time_of_the_mail() -> None:
    ended = fate(DEFERRED, expires_at=NOW + timedelta(minutes=4))
    assert (ended.state, ended.reason) == ("expired", "450 4.2.0 greylisted")


def test_a_deferred_mail_waits_and_keeps_the_reply() -> None:
    waiting = fate(DEFERRED)
    assert (waiting.state, waiting.attempts) == ("queued", 1)
    assert waiting.reason == "450 4.2.0 greylisted"


def test_a_refused_mail_is_not_tried_again() -> None:
    assert fate(Outcome("refused", "550 5.1.1 no such user")).state == "failed"


def test_silence_after_the_final_dot_is_followed_by_one_more_try_and_no_third() -> None:
    first = fate(Outcome("uncertain", "no answer"))
    assert (first.state, first.uncertain) == ("queued", True)
    assert fate(Outcome("uncertain", "no answer"), uncertain=True).state == "failed"


def test_a_mail_that_kills_its_process_each_time_is_given_up() -> None:
    assert rules.after_crash(attempts=9, crashes=1, now=NOW).send_after == NOW
    assert rules.after_crash(attempts=9, crashes=5, now=NOW).state == "failed"


def with_url(url: str) -> Settings:
    return replace(Settings(), mail_url=url)


def test_tls_is_required_unless_the_server_is_on_this_machine() -> None:
    away = relay.from_settings(with_url("smtp://user:pass%40word@mail.example"))
    assert away is not None
    assert (away.port, away.starttls, away.password) == (587, "require", "pass@word")
    here = relay.from_settings(with_url("smtp://127.0.0.1:2525"))
    assert here is not None
    assert (here.port, here.starttls) == (2525, "no")


@pytest.mark.parametrize(
    "url",
    [
        "mail.example",
        "smtp://",
        "smtp://mail.example?starttls=maybe",
        "smtp://mail.example?verify=no",
        "smtp://user:secret@mail.example?starttls=no",
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_in_words(url: str) -> None:
    with pytest.raises(BadSetting, match="mail_url"):
        relay.from_settings(with_url(url))


def test_without_a_mail_server_mails_stay_in_the_outbox() -> None:
    assert relay.from_settings(Settings()) is None
