"""What is worth another look in an entry, as it is or as it would be: with all that is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo

from sqlalchemy.orm import Session

from feedsvc.calls import links
from feedsvc.calls.edits import CallEdit
from feedsvc.calls.lint import call as call_lint
from feedsvc.content import rules
from feedsvc.content.edits import EntryEdit
from feedsvc.content.lint import texts
from feedsvc.content.lint.finding import Finding, in_order
from feedsvc.content.models import Entry


def of(
    session: Session,
    edit: EntryEdit,
    entry: Entry | None,
    *,
    languages: Sequence[str],
    zone: tzinfo,
    now: datetime,
) -> Sequence[Finding]:
    """Of a call or a news item; `entry` is None for one that is not written yet.

    `languages` are the site's, days are those of the `zone`.
    """
    lagging = _not_ticked(edit, stale(entry, zone))
    if not isinstance(edit, CallEdit):
        return in_order(texts.of(edit, texts.Known(languages=languages, stale=lagging)))
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


def stale(entry: Entry | None, zone: tzinfo) -> Mapping[str, date]:
    """Since which day texts lag behind, by language."""
    return {
        text.language: text.stale_since.astimezone(zone).date()
        for text in (entry.translations if entry is not None else ())
        if text.stale_since is not None
    }


def _not_ticked(edit: EntryEdit, lagging: Mapping[str, date]) -> Mapping[str, date]:
    ticked = {code for code, text in edit.texts.items() if text.stands}
    return {code: day for code, day in lagging.items() if code not in ticked}


def _public_since(entry: Entry | None, now: datetime) -> datetime | None:
    return entry.publish_at if entry is not None and rules.is_public(entry, now) else None


def _dead(session: Session, edit: CallEdit) -> Mapping[str, links.Dead]:
    urls = [edit.apply_url, edit.info_url, *(document.url for document in edit.documents)]
    return links.dead(session, urls)
