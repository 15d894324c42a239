"""Which translations lag behind after a change."""

from __future__ import annotations

import datetime as dt

from feedsvc.calls.models import Call
from feedsvc.content import staleness
from feedsvc.content.edits import EntryEdit, TextEdit
from feedsvc.content.models import Translation
from tests.builders import BEGINNING as NOW

LATER = NOW + dt.timedelta(days=1)


def written(**titles: str) -> Call:
    call = Call()
    call.translations = [Translation(language=code, title=title) for code, title in titles.items()]
    return call


def change(call: Call, at: dt.datetime, *, stands: str = "", **titles: str) -> set[str]:
    """Give the texts these titles; which languages lag behind then."""
    before = staleness.words(call)
    held = {text.language: text for text in call.translations}
    for code, title in titles.items():
        if code not in held:
            held[code] = Translation(language=code)
            call.translations.append(held[code])
        held[code].title = title
    texts = {code: TextEdit(title=text.title, stands=code == stands) for code, text in held.items()}
    staleness.mark(call, before, EntryEdit(texts=texts), now=at)
    return {text.language for text in call.translations if text.stale_since is not None}


def test_who_does_not_follow_lags_behind_until_they_do() -> None:
    call = written(en="Heat", fr="Chaleur", de="Wärme")
    assert change(call, NOW, en="Heat 2") == {"fr", "de"}
    assert change(call, LATER, fr="Chaleur 2") == {"de"}
    assert change(call, LATER, de="Wärme 2") == set()


def test_since_when_is_kept_and_an_editor_may_say_that_it_stands() -> None:
    call = written(en="Heat", fr="Chaleur")
    change(call, NOW, en="Heat 2")
    assert change(call, LATER, en="Heat 3") == {"fr"}
    assert call.translations[1].stale_since == NOW
    assert change(call, LATER, stands="fr") == set()


def test_all_that_change_together_or_are_new_leave_nobody_behind() -> None:
    call = written(en="Heat")
    assert change(call, NOW, fr="Chaleur") == set()
    assert change(call, NOW, en="Heat 2", fr="Chaleur 2") == set()
    assert change(call, NOW) == set()
