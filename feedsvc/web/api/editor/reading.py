"""A body becomes the edit of a thing, checked for what a form could not send in the first place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from feedsvc.calls import moves, rules
from feedsvc.calls.edits import CallEdit
from feedsvc.content.edits import EntryEdit, TextEdit
from feedsvc.i18n import N_
from feedsvc.web.api.editor import facts
from feedsvc.web.api.editor.asked import Asked, Json
from feedsvc.web.api.editor.facts import ABOUT
from feedsvc.web.api.editor.library import used
from feedsvc.web.api.editor.shapes import Problems
from feedsvc.web.api.editor.things import Thing


def edit(session: Session, thing: Thing, asked: Asked, body: Json, told: Json | None) -> Any:
    """What the sender wants it to be; `told` is what it is, None for a new one. Raises: Invalid."""
    problems, row = Problems(), asked.found if told is not None else None
    fields = {name: value for name, value in body.items() if name != ABOUT}
    facts.check(body.get(ABOUT), told[ABOUT] if told else {}, problems)
    made = thing.table.read(fields, "", problems)
    problems.settle()
    if isinstance(made, EntryEdit):
        made = used.known(session, made, asked, row, problems)
        if isinstance(made, CallEdit):
            _check_dates(made, row, problems)
            _check_reasons(made, asked, row, problems)
        problems.settle()
        made = replace(made, texts=_without_known_slugs(made.texts, row))
    return made if row is None else replace(made, version=row.version)


def merged(value: Any, patch: Any) -> Any:
    """The value with the patch in it, as RFC 7396 section 2 has it: null takes away."""
    if not isinstance(patch, dict):
        return patch
    made = dict(value) if isinstance(value, dict) else {}
    for name, part in patch.items():
        if part is None:
            made.pop(name, None)
        else:
            made[name] = merged(made.get(name), part)
    return made


def _check_dates(made: CallEdit, row: Any, problems: Problems) -> None:
    """The domain takes a date of an unknown name for a new one, for the sake of imports."""
    known = {date.uid for date in row.key_dates} if row is not None else set()
    for number, date in enumerate(made.key_dates):
        if date.uid is not None and date.uid not in known:
            words = N_("This call has no such date. Leave the uid out for a new one.")
            problems.add(f"key_dates.{number}.uid", words)
        known.discard(date.uid or "")


def _check_reasons(made: CallEdit, asked: Asked, row: Any, problems: Problems) -> None:
    """What the form asks for on the page before a date moves that readers know."""
    if row is None or problems.count or not all(rules.is_right(date) for date in made.key_dates):
        return  # what the domain says of such dates comes first
    if moves.of(row, made, asked.now):
        for problem in moves.unexplained(made, asked.settings.languages):
            problems.add(problem.field, problem.message, **dict(problem.values))


def _without_known_slugs(texts: Mapping[str, TextEdit], row: Any) -> dict[str, TextEdit]:
    """A slug that comes back as it is stays: it may be longer than one that is chosen."""
    held = {text.language: text.slug for text in row.translations} if row is not None else {}
    return {
        code: replace(text, slug="") if held.get(code) == text.slug else text
        for code, text in texts.items()
    }
