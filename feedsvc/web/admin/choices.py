"""What an editor can choose from: clusters, programmes, funders, related entries.

Short lists are offered whole. Of long ones the form shows what is chosen, and what was found by
the words typed beside it, so that thousands of entries need no script.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from feedsvc.auth.rules import CLUSTER_EDITOR
from feedsvc.content import queries, rules
from feedsvc.content.models import Entry, Organisation
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import lists
from feedsvc.web.admin.forms.call import CallForm
from feedsvc.web.admin.forms.entry import EntryForm
from feedsvc.web.admin.gate import actor

OFFERED_WHOLE = 40


def offer(session: Session, form: EntryForm, entry_id: int | None) -> None:
    """Fill the choices of the form."""
    form.clusters.choices = tuple(
        (cluster.slug, name(cluster.texts))
        for cluster in queries.clusters(session)
        if actor().role != CLUSTER_EDITOR or cluster.id in actor().clusters
    )
    form.related.choices = _related(session, form, entry_id)
    if isinstance(form, CallForm):
        form.funders.choices = _funders(session, form)
        form.programme.choices = [("", context.lang().gettext(N_("none")))] + [
            (programme.slug, programme.name) for programme in queries.programmes(session)
        ]


def organisations(session: Session) -> list[tuple[str, str]]:
    return _named(queries.organisations(session))


def name(texts: Iterable[object]) -> str:
    """A name in the language of the page, or the one that stands in for it."""
    found = rules.localised(list(texts), context.lang().code, context.settings().languages)  # type: ignore[type-var]
    return str(found.text.name)  # type: ignore[attr-defined]


def title(entry: Entry) -> str:
    """In the language of the page, or in the first that has one: a draft may lack some."""
    languages = context.settings().languages
    titled = [text for text in entry.translations if text.title]
    return rules.localised(titled, context.lang().code, languages).text.title


def _related(
    session: Session, form: EntryForm, entry_id: int | None
) -> tuple[tuple[str, str], ...]:
    seen: Any = {"actor": actor(), "now": context.now()}
    chosen = lists.related(session, form.related.data or (), entry_id, **seen)
    words = (form.related_find.data or "").strip()
    found = lists.find_entries(session, words, entry_id, **seen) if words else ()
    return tuple({entry.uid: title(entry) for entry in (*chosen, *found)}.items())


def _funders(session: Session, form: CallForm) -> tuple[tuple[str, str], ...]:
    everyone = queries.organisations(session)
    form.funders.searched = len(everyone) > OFFERED_WHOLE
    if not form.funders.searched:
        return tuple(_named(everyone))
    chosen = [row for row in everyone if row.slug in (form.funders.data or ())]
    words = (form.funders_find.data or "").strip()
    found = lists.find_organisations(session, words) if words else ()
    return tuple(dict(_named((*chosen, *found))).items())


def _named(rows: Iterable[Organisation]) -> list[tuple[str, str]]:
    named = [(row.slug, name(row.texts)) for row in rows]
    return sorted(named, key=lambda pair: pair[1].casefold())
