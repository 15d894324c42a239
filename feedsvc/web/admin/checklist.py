"""What an editor may want to know before an entry is published: remarks, never refusals."""

from __future__ import annotations

from sqlalchemy.orm import object_session

from feedsvc.content.models import Entry
from feedsvc.web.admin.beside import findings
from feedsvc.web.admin.kinds import BY_NAME


def remarks(entry: Entry) -> list[str]:
    """Sentences in the editor's language: those that stand beside the form of what is saved."""
    kind, session = BY_NAME[entry.kind], object_session(entry)
    assert session is not None
    form = kind.form(data=kind.values(entry))
    return [line.text for line in findings.of(session, form, entry)]
