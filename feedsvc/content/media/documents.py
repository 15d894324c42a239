"""Keep a document byte by byte, give it a title, hand it out with entries, let it go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from feedsvc import markup
from feedsvc.auth.rules import Actor
from feedsvc.content import generation, history
from feedsvc.content.media import files, queries, recognise, rules, sight
from feedsvc.content.media.models import Attachment, Document, DocumentText
from feedsvc.content.media.photos import LONGEST_LABEL
from feedsvc.content.media.recognise import Kind
from feedsvc.content.media.rules import DocumentEdit
from feedsvc.content.models import Entry
from feedsvc.errors import Conflict, Invalid, Problem
from feedsvc.i18n import N_


@dataclass(frozen=True)
class Brought:
    """A document that was looked at, and what its file was called."""

    label: str
    kind: Kind
    content: bytes
    runs: bool = False


def read(data: bytes, label: str, *, limit: int) -> Brought:
    """Look at what was sent. Raises: Invalid (field `document`)."""
    if len(data) > limit:
        words = N_("The document is larger than %(limit)s MB.")
        raise Invalid(Problem("document", words, (("limit", limit // 1_000_000),)))
    kind = recognise.kind_of(data, label)
    name = markup.one_line(label.replace("\\", "/").rpartition("/")[2])
    return Brought(name[-LONGEST_LABEL:], kind, data, recognise.runs(data, kind))


def keep(
    session: Session, brought: Brought, folder: Path, *, actor: Actor, now: datetime
) -> Document:
    """The row of the document, with its file; the same bytes are kept once. Flushes for its id.

    Of one that the actor may not see nothing is told: they get a document of their own.
    """
    name = f"{files.digest(brought.content)}.{brought.kind.ending}"
    known = queries.document_of_file(session, name)
    if known is not None and not sight.sees_document(session, known.id, actor, now):
        name = f"{files.digest(brought.content, salt=str(actor.id))}.{brought.kind.ending}"
        known = queries.document_of_file(session, name)
    if known is not None:
        return known
    files.write(folder, name, brought.content)
    document = Document(
        name=name, kind=brought.kind.ending, checksum=files.checksum(brought.content),
        bytes=len(brought.content), label=brought.label, runs=brought.runs,
        created_at=now, created_by=actor.id,
    )  # fmt: skip
    session.add(document)
    session.flush()
    return document


def edit_document(
    session: Session, document_id: int, edit: DocumentEdit, *, actor: Actor, now: datetime
) -> Document:
    """Give it titles; the entries that hand it out count as changed. Raises: Invalid, Conflict."""
    document = queries.document(session, document_id, actor, now, to_change=True)
    if edit.version is not None and edit.version != document.version:
        raise Conflict(N_("Somebody else changed this while you were editing it."))
    problems = rules.document_problems(edit)
    if problems:
        raise Invalid(*problems)
    before = snapshot(document)
    document.language = edit.language
    _assign_titles(document, edit)
    changes = history.differences(before, snapshot(document))
    if changes:
        document.version += 1
        handed = select(Attachment.entry_id).where(Attachment.document_id == document.id)
        touched = update(Entry).where(Entry.id.in_(handed))
        session.execute(touched.values(revision=Entry.revision + 1))
        history.record(session, "document", document.id, "edited", changes, actor=actor, now=now)
        generation.advance(session, now)
    return document


def attach(session: Session, entry: Entry, wanted: Sequence[int]) -> None:
    """Let the entry hand out these documents, in this order. Raises: Invalid (field `files`)."""
    rows = {row.document_id: row for row in entry.attachments}
    if list(rows) == list(wanted):
        return
    known = _known(session, wanted)
    kept = []
    for position, number in enumerate(dict.fromkeys(wanted)):
        row = rows.get(number) or Attachment(document=known[number])
        row.position = position
        kept.append(row)
    entry.attachments = kept


def delete_document(session: Session, document_id: int, *, actor: Actor, now: datetime) -> None:
    """Let a document go that no entry hands out; its file goes with the next tidying.

    Raises: Invalid.
    """
    document = queries.document(session, document_id, actor, now, to_change=True)
    if queries.uses_of_document(session, document_id):
        raise Invalid(Problem("", N_("It is in use. Take it out of these entries first.")))
    label = document.label or document.name
    session.delete(document)
    history.record(
        session, "document", document_id, "deleted", {"label": (label, None)}, actor=actor, now=now
    )


def snapshot(document: Document) -> dict[str, object]:
    """What is said of it, by form-field name, for the history."""
    seen: dict[str, object] = {"language": document.language}
    return seen | {f"texts.{text.language}.title": text.title for text in document.texts}


def _known(session: Session, wanted: Sequence[int]) -> dict[int, Document]:
    found = session.scalars(select(Document).where(Document.id.in_(wanted))).all()
    known = {document.id: document for document in found}
    if any(number not in known for number in wanted):
        raise Invalid(Problem("files", N_("A document is not here any more. Choose it again.")))
    return known


def _assign_titles(document: Document, edit: DocumentEdit) -> None:
    wanted = {code: markup.one_line(title) for code, title in edit.titles.items() if title.strip()}
    rows = {text.language: text for text in document.texts}
    for code in rows.keys() - wanted.keys():
        document.texts.remove(rows[code])
    for code, title in wanted.items():
        if code in rows:
            rows[code].title = title
        else:
            document.texts.append(DocumentText(language=code, title=title))
