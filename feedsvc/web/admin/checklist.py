"""What an entry lacks before it can be published, and what an editor may want to know then."""

from __future__ import annotations

import datetime as dt

from feedsvc.calls import rules
from feedsvc.calls.models import Call, KeyDate
from feedsvc.calls.words import key_date_name
from feedsvc.content import entries
from feedsvc.content.models import Entry
from feedsvc.errors import Problem
from feedsvc.i18n import N_, NAMES
from feedsvc.web import context
from feedsvc.web.admin.forms.base import ErrorLine, said
from feedsvc.web.admin.kinds import Kind

SATURDAY = 5
TITLE_FOR_READERS = 120


def missing(entry: Entry, kind: Kind) -> list[ErrorLine]:
    """What it lacks before it can be published, each with the field of the form where it goes."""
    return [
        ErrorLine(problem.field.replace(".", "-"), _in_its_language(problem))
        for problem in kind.missing(entries.knowing(entry, kind.edit_of(kind.snapshot(entry))))
    ]


def _in_its_language(problem: Problem) -> str:
    """`Français: Enter a title.`: the sentence stands far from its field."""
    group, _, rest = problem.field.partition(".")
    code = rest.partition(".")[0]
    return (
        f"{NAMES[code]}: {said(problem)}" if group == "texts" and code in NAMES else said(problem)
    )


def remarks(entry: Entry, now: dt.datetime) -> list[str]:
    """Sentences in the editor's language."""
    found = [*_texts(entry)]
    if isinstance(entry, Call):
        found += [*_call(entry), *(r for date in entry.key_dates for r in _date(date, now))]
    return found


def _texts(entry: Entry) -> list[str]:
    say = context.lang().gettext
    written = {text.language for text in entry.translations}
    missing = [NAMES[code] for code in context.settings().languages if code not in written]
    found = []
    if missing:
        languages = context.lang().list(missing)
        found.append(say(N_("It is not written in %(languages)s yet."), languages=languages))
    if any(not text.summary for text in entry.translations):
        found.append(say(N_("There is no summary: lists and feeds will show its first words.")))
    if any(len(text.title) > TITLE_FOR_READERS for text in entry.translations):
        found.append(say(N_("The title is long: feed readers will cut it.")))
    if not entry.clusters:
        found.append(say(N_("It belongs to no cluster: nobody who follows one will see it.")))
    return found


def _call(call: Call) -> list[str]:
    say = context.lang().gettext
    found = []
    if not call.funders:
        found.append(say(N_("It names no funder.")))
    if not call.apply_url:
        found.append(say(N_("It does not say where to apply.")))
    if not (call.contact_email or call.contact_role):
        found.append(say(N_("It names no contact.")))
    if call.deadline_model not in rules.MODELS_WITHOUT_DEADLINE and call.opens_at is None:
        found.append(say(N_("It does not say when it opens: it counts as open from now on.")))
    return found


def _date(date: KeyDate, now: dt.datetime) -> list[str]:
    say, name = context.lang().gettext, key_date_name(date, context.lang())
    if not date.is_deadline:
        return []
    found = []
    if date.utc_at <= now:
        found.append(say(N_("“%(name)s” is in the past."), name=name))
    if date.precision in ("minute", "day") and date.local_date.weekday() >= SATURDAY:
        found.append(say(N_("“%(name)s” falls on a weekend."), name=name))
    return found
