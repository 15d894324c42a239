"""Carry a form over a page in between, as hidden fields: what was typed, or what a form shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FileField

from feedsvc.web.admin.forms.base import Form, Many, leaves

Pair = tuple[str, str]
ANEW = ("csrf_token", "action", "minor", "moves_seen")  # what the page between has itself
# What came as a file is kept by now, and has a number.
OF_FILES = ("photo", "photo_id", "photo_gone", "photo_pick", "files")


def posted(typed: MultiDict[str, str], form: Form) -> list[Pair]:
    """What was sent, but photo and documents as they were understood."""
    kept = [pair for pair in typed.items(multi=True) if pair[0] not in OF_FILES]
    files = [pair for pair in shown(form) if pair[0] in OF_FILES]
    return list(_of_this_page([*kept, *files]))


def shown(form: Form) -> list[Pair]:
    """What the form would send if nothing were typed into it."""
    return list(_of_this_page(_pairs(form)))


def _of_this_page(pairs: Iterable[Pair]) -> Iterator[Pair]:
    return (pair for pair in pairs if pair[0] not in ANEW and not pair[0].startswith("reasons-"))


def _pairs(form: Form) -> Iterator[Pair]:
    for field in leaves(form):
        if isinstance(field, BooleanField):
            if field.data:
                yield field.name, "y"
        elif isinstance(field, Many):
            yield from ((field.name, value) for value in field.data or ())
        elif not isinstance(field, FileField):
            yield field.name, str(field._value() or "")  # noqa: SLF001 as widgets do
