"""What the ledger says: reasons, dates and lead times in words, times as people type them."""

from __future__ import annotations

import datetime as dt

import pytest

from feedsvc import sheets
from feedsvc.calls import dates
from feedsvc.errors import Invalid
from feedsvc.i18n import language
from feedsvc.mail import rules as mail_rules
from feedsvc.reminders import items, occasions, reasons, words
from feedsvc.reminders.told import DEADLINE, KINDS, OPENING, Dated

EN, DE = language("en"), language("de")
AT = dt.datetime(2026, 4, 30, 15, tzinfo=dt.UTC)


def codes() -> set[str]:
    """What items and occasions hold as the reason of a void row: the constants without a space."""
    return {
        value
        for module in (items, occasions)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str) and value and " " not in value
    }


def test_every_reason_of_a_void_row_has_words() -> None:
    assert codes() <= set(reasons.WORDS)


def test_a_reason_of_ours_is_translated_and_the_servers_is_not() -> None:
    assert reasons.words(occasions.SUPERSEDED, EN) == "the date has moved"
    assert reasons.words(mail_rules.EXPIRED, DE) != mail_rules.EXPIRED
    assert reasons.words("550 5.1.1 no such user", DE) == "550 5.1.1 no such user"


@pytest.mark.parametrize(
    ("reason", "reply"),
    [("550 5.1.1 no", "550 5.1.1 no"), ("250-ok", "250-ok"), (mail_rules.EXPIRED, ""),
     ("coalesced", ""), ("1000 mails", ""), ("", "")],
)  # fmt: skip
def test_the_servers_reply_is_told_from_our_own_words(reason: str, reply: str) -> None:
    assert reasons.reply(reason) == reply


@pytest.mark.parametrize(
    ("kind", "at", "timed", "said"),
    [(DEADLINE, AT, True, "Closes: 30 April 2026, 17:00 (Luxembourg time)"),
     (DEADLINE, AT + dt.timedelta(hours=7), False,
      "Closes: 30 April 2026, end of day (Luxembourg time)"),
     (OPENING, AT - dt.timedelta(hours=17), False, "Closes: 30 April 2026")],
)  # fmt: skip
def test_a_date_is_said_with_its_zone_and_no_more_exact_than_it_was_written(
    kind: str, at: dt.datetime, timed: bool, said: str
) -> None:
    thing = Dated(kind=kind, type="submission", at=at, zone="Europe/Luxembourg", timed=timed)
    assert words.about(thing, EN) == said


def test_a_lead_time_is_counted_and_every_kind_has_a_name() -> None:
    assert words.lead(Dated(kind=DEADLINE, days=7), EN) == "7 days before"
    assert words.lead(Dated(kind=DEADLINE, days=1), DE) == "1 Tag vorher"
    assert words.lead(Dated(kind="digest"), EN) == ""
    assert set(words.KIND_NAMES) == set(KINDS)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1"])
def test_a_cell_can_be_no_formula(cell: str) -> None:
    assert not sheets.line([cell]).startswith(cell.encode())


def test_a_line_is_quoted_where_it_must_be() -> None:
    assert sheets.line(["a,b", 'say "x"', "é\r\nb"]) == 'a,b","say ""x""",é b\r\n'.encode().join(
        [b'"', b""]
    )


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2026-04-23T09:00", 7), ("2026-04-23 09:00", 7), ("2026-04-23T09:00+00:00", 9),
     ("2026-04-23T09:00Z", 9), ("2026-04-23T09:00-05:00", 14)],
)  # fmt: skip
def test_a_time_without_a_zone_is_the_sites(text: str, hour: int) -> None:
    assert dates.written(text, "Europe/Luxembourg") == dt.datetime(2026, 4, 23, hour, tzinfo=dt.UTC)


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01", "0001-01-01T00:00", "23.4.2026"])
def test_what_is_no_time_is_said_so(text: str) -> None:
    with pytest.raises(Invalid, match="Write a time like"):
        dates.written(text, "Europe/Luxembourg")
