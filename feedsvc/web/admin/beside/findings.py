"""What is worth another look in the form as it stands, in sentences that lead to their fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from feedsvc.calls import remarks
from feedsvc.content.lint.finding import WARNING
from feedsvc.content.models import Entry
from feedsvc.web import context
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
    found = remarks.of(
        session, form.edit(), entry,
        languages=context.settings().languages, zone=context.zone(), now=context.now(),
    )  # fmt: skip
    return [
        Line(form.place(one.field), one.said(language), one.severity == WARNING) for one in found
    ]


def stale(entry: Entry | None) -> Mapping[str, date]:
    """Since which day texts lag behind, by language."""
    return remarks.stale(entry, context.zone())
