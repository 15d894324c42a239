"""What of a folder of content is not in the database yet, nor was deleted from it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc import markup
from feedsvc.content import addresses, queries
from feedsvc.content.models import Entry
from feedsvc.demo.files import Content, EntryFile
from feedsvc.errors import Gone, NotFound

SOURCE = "demo"


def known(session: Session) -> dict[str, Entry]:
    """The entries that came from files, by the file's name."""
    rows = session.scalars(select(Entry).where(Entry.source == SOURCE))
    return {row.source_id: row for row in rows if row.source_id}


def missing(session: Session, content: Content, known: Mapping[str, Entry]) -> Content:
    """The content less what is there; what was renamed counts as there, the deleted as unwanted."""
    return Content(
        organisations=tuple(
            edit
            for edit in content.organisations
            if queries.organisation(session, edit.slug) is None
            and not addresses.former_uid(session, addresses.FUNDER, edit.slug)
        ),
        programmes=tuple(
            edit
            for edit in content.programmes
            if queries.programme(session, edit.slug) is None
            and not addresses.former_uid(session, addresses.PROGRAMME, edit.slug)
        ),
        clusters=tuple(edit for edit in content.clusters if _is_new_cluster(session, edit.slug)),
        entries=tuple(
            file
            for file in content.entries
            if file.name not in known and not _was_deleted(session, file)
        ),
    )


def _is_new_cluster(session: Session, slug: str) -> bool:
    try:
        addresses.resolve_cluster(session, slug)
    except NotFound:
        return True
    except Gone:
        return False
    return False


def _was_deleted(session: Session, file: EntryFile) -> bool:
    """Known by the address that its title had; a page that was public leaves that behind."""
    return any(
        _is_gone(session, file.kind, code, markup.slug(text.slug) or markup.slug(text.title))
        for code, text in file.edit.texts.items()
    )


def _is_gone(session: Session, kind: str, language: str, slug: str) -> bool:
    try:
        addresses.resolve_entry(session, kind, language, slug, languages=(language,))
    except Gone:
        return True
    except NotFound:
        return False
    return False
