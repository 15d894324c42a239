"""What the gate says of one item of a notice, by how things are when its mail is to leave."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feedsvc.reminders.notices import gate, rules
from feedsvc.reminders.notices.found import CALLED_OFF, CHANGED, EDITION
from feedsvc.reminders.notices.gate import Facts, fallen

FINE = Facts(
    kind=CHANGED, muted=False, paused=False, followed=True, cancelled=False, withdrawn=False,
    late=False, moved_on=False,
)  # fmt: skip
OFF = replace(FINE, kind=CALLED_OFF, cancelled=True)


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        (FINE, ""),
        (OFF, ""),
        (replace(OFF, cancelled=False, withdrawn=True), ""),
        (replace(FINE, kind=EDITION, moved_on=True), ""),
        (replace(OFF, moved_on=True), ""),
        (replace(FINE, muted=True), rules.MUTED),
        (replace(OFF, paused=True), rules.PAUSED),
        (replace(FINE, followed=False), rules.UNSUBSCRIBED),
        (replace(FINE, cancelled=True), rules.CANCELLED),
        (replace(FINE, withdrawn=True), rules.UNPUBLISHED),
        (replace(FINE, kind=EDITION, withdrawn=True), rules.UNPUBLISHED),
        (replace(OFF, cancelled=False), rules.STANDS_AGAIN),
        (replace(FINE, late=True), rules.LATE),
        (replace(FINE, moved_on=True), rules.SUPERSEDED),
    ],
)
def test_a_notice_leaves_only_while_it_is_true_and_wanted(facts: Facts, word: str) -> None:
    assert fallen(facts) == word
    assert word in ("", rules.SUPERSEDED) or word in gate.SAID
