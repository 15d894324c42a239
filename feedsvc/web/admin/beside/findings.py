"""What is worth another look in the form as it stands, in sentences that lead to their fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from feedsvc.calls import links
from feedsvc.calls.edits import CallEdit
from feedsvc.calls.lint import call as call_lint
from feedsvc.content import rules
from feedsvc.content.lint import texts
from feedsvc.content.lint.finding import WARNING, Finding, in_order
from feedsvc.content.models import Entry
from feedsvc.web import context
from feedsvc.web.admin.forms.call import CallForm
from feedsvc.web.admin.forms.entry import EntryForm
from feedsvc.web.admin.media import chosen


@dataclass(frozen=True)
class Line:
    """`id` is that of the field, empty if there is none."""

    id: str
    text: str
    is_warning: bool


def of(session: Session, form: EntryForm, entry: Entry | None) -> list[Line]:
    language = context.lang()
    chosen.know(session, form, entry.id if entry is not None else None)
    return [
        Line(form.place(one.field), one.said(language), one.severity == WARNING)
        for one in _found(session, form, entry)
    ]


def stale(entry: Entry | None) -> Mapping[str, date]:
    """Since which day texts lag behind, by language."""
    if entry is None:
        return {}
    return {
        text.language: text.stale_since.astimezone(context.zone()).date()
        for text in entry.translations
        if text.stale_since is not None
    }


def _found(session: Session, form: EntryForm, entry: Entry | None) -> Sequence[Finding]:
    edit: Any = form.edit()
    languages, lagging = context.settings().languages, _not_ticked(edit, entry)
    if not isinstance(form, CallForm):
        return in_order(texts.of(edit, texts.Known(languages=languages, stale=lagging)))
    now = context.now()
    return call_lint.of(
        edit,
        call_lint.Known(
            languages=languages,
            stale=lagging,
            now=now,
            public_since=_public_since(entry, now),
            dead=_dead(session, edit),
        ),
    )


def _not_ticked(edit: Any, entry: Entry | None) -> Mapping[str, date]:
    ticked = {code for code, text in edit.texts.items() if text.stands}
    return {code: day for code, day in stale(entry).items() if code not in ticked}


def _public_since(entry: Entry | None, now: datetime) -> datetime | None:
    return entry.publish_at if entry is not None and rules.is_public(entry, now) else None


def _dead(session: Session, edit: CallEdit) -> Mapping[str, links.Dead]:
    urls = [edit.apply_url, edit.info_url, *(document.url for document in edit.documents)]
    return links.dead(session, urls)
