"""What the answers of mail servers mean, by stage and codes."""

from __future__ import annotations

import pytest

from feedsvc.mail import replies, rules


@pytest.mark.parametrize(
    ("stage", "line", "word", "about"),
    [
        (".", "250 2.0.0 taken", "accepted", ""),
        ("RCPT", "450 4.2.0 greylisted", "deferred", ""),
        ("RCPT", "550 5.1.1 no such user", "refused", "address"),
        ("RCPT", "550-5.1.10 the domain takes no mail", "refused", "address"),
        (".", "550 5.2.1 mailbox disabled", "refused", "address"),
        ("RCPT", "552 5.2.2 mailbox full", "refused", ""),
        ("RCPT", "550 5.7.1 blocked", "refused", "policy"),
        (".", "550 5.7.515 sender does not meet the required level", "refused", "policy"),
        ("RCPT", "552 5.3.4 too large", "refused", "content"),
        (".", "554 no", "refused", "content"),
        ("RCPT", "550 go away, 5.1.1 or not", "refused", "unclear"),
        ("RCPT", "", "deferred", ""),
    ],
)
def test_only_what_is_surely_about_the_address_is_held_against_it(
    stage: str, line: str, word: str, about: str
) -> None:
    found = replies.outcome(stage, line)
    assert (found.word, found.about, found.stage) == (word, about, stage)


@pytest.mark.parametrize(
    ("address", "sendable"),
    [
        ("o'brien+calls@mail.example.org", True),
        ("reader@xn--bcher-kva.example", True),
        ("müller@example.org", False),
        ("reader@bücher.example", False),
        ("a@example.org, b@example.org", False),
        ("a@example.org>\r\nRCPT TO:<b@example.org", False),
        ("a@example.org\n", False),
        ('"a b"@example.org', False),
        ("reader@[127.0.0.1]", False),
        ("", False),
        (f"{'a' * 250}@example.org", False),
    ],
)
def test_an_address_is_one_address_in_ascii(address: str, sendable: bool) -> None:
    assert rules.is_sendable(address) is sendable
