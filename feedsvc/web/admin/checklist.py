"""What an entry lacks before it can be published, and what an editor may want to know then."""

from __future__ import annotations

from sqlalchemy.orm import object_session

from feedsvc.content import entries
from feedsvc.content.models import Entry
from feedsvc.errors import Problem
from feedsvc.i18n import NAMES
from feedsvc.web.admin.beside import findings
from feedsvc.web.admin.forms.base import ErrorLine, said
from feedsvc.web.admin.kinds import BY_NAME, Kind


def missing(entry: Entry, kind: Kind) -> list[ErrorLine]:
    """What it lacks before it can be published, each with the field of the form where it goes."""
    return [
        ErrorLine(problem.field.replace(".", "-"), _in_its_language(problem))
        for problem in kind.missing(entries.knowing(entry, kind.edit_of(kind.snapshot(entry))))
    ]


def remarks(entry: Entry) -> list[str]:
    """Sentences in the editor's language: those that stand beside the form of what is saved."""
    kind, session = BY_NAME[entry.kind], object_session(entry)
    assert session is not None
    form = kind.form(data=kind.values(entry))
    return [line.text for line in findings.of(session, form, entry)]


def _in_its_language(problem: Problem) -> str:
    """`Français: Enter a title.`: the sentence stands far from its field."""
    group, _, rest = problem.field.partition(".")
    code = rest.partition(".")[0]
    return (
        f"{NAMES[code]}: {said(problem)}" if group == "texts" and code in NAMES else said(problem)
    )
