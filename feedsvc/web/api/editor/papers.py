"""Documents: a file comes as the whole body, or as the part `document` of a form, by the form's rules.

What it is called is said afterwards. Of a photo, the entries that have it say all there is to say.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from feedsvc import urls
from feedsvc.content import history
from feedsvc.content.media import documents, queries, rules
from feedsvc.content.media.models import Document
from feedsvc.content.media.rules import LONGEST_TITLE, DocumentEdit
from feedsvc.errors import NotFound
from feedsvc.i18n import N_
from feedsvc.web.api.editor import publishing, versions, views
from feedsvc.web.api.editor.asked import Answer, Asked, Json
from feedsvc.web.api.editor.facts import of_row
from feedsvc.web.api.editor.objects import Field, Object
from feedsvc.web.api.editor.problems import of_field
from feedsvc.web.api.editor.shapes import Flag, Languages, Text, Whole
from feedsvc.web.api.editor.versions import Stale

DOCUMENT = Object(
    "Document",
    dict,
    {
        "id": Field(shape=Whole(2**53), get=of_row("id"), meaning="For `files`"),
        "url": Field(
            shape=Text(),
            get=lambda seen: seen.address(lambda row: urls.document(row.name)),
            meaning="Where readers find it, once they see an entry that hands it out",
        ),
        "kind": Field(shape=Text(), get=of_row("kind"), meaning="By its content, like `pdf`"),
        "label": Field(shape=Text(), get=of_row("label"), meaning="What its file was called"),
        "bytes": Field(shape=Whole(), get=of_row("bytes")),
        "checksum": Field(shape=Text(), get=of_row("checksum"), meaning="SHA-256, in hex"),
        "runs": Field(shape=Flag(), get=of_row("runs"), meaning="Whether it holds a program"),
        "titles": Field(
            shape=Languages(Text()),
            get=lambda seen: {text.language: text.title for text in seen.row.texts},
        ),
        "language": Field(shape=Text(), get=of_row("language"), meaning="That it is written in"),
    },
)
TITLES = Object(
    "Titles",
    DocumentEdit,
    {
        "titles": Field(
            shape=Languages(Text(LONGEST_TITLE)), needed=rules.UNTITLED,
            meaning="What readers of each language see in the list of documents",
        ),
        "language": Field(
            shape=Text(5), meaning="That it is written in; empty for several, or none"
        ),
    },
)  # fmt: skip


def upload(session: Session, asked: Asked) -> Answer:
    """Keep the document, at which `gate` has looked; the same bytes are kept once."""
    assert asked.document is not None
    folder = asked.settings.media_path
    kept = documents.keep(session, asked.document, folder, actor=asked.actor, now=asked.now)
    return Answer(body=_told(kept, asked), status=201, place=f"/documents/{kept.id}")


def one(session: Session, asked: Asked) -> Answer:
    """Raises: NotFound, also for one of which the account may not know."""
    return _answer(_found(session, asked), asked)


def name(session: Session, asked: Asked) -> Answer:
    """Give it titles. Raises: NotFound, Forbidden, Blind, Stale, Invalid."""
    versions.named(asked)
    row = _found(session, asked, to_change=True)
    if not versions.is_present(asked, row.version):
        missed = history.of(session, "document", row.id, limit=versions.behind(asked, row.version))
        raise Stale(row.version, [views.happened(other) for other in missed])
    edit: DocumentEdit = publishing.read(TITLES, asked)
    if edit.language not in ("", *asked.settings.languages):
        words = N_("Choose one of: %(names)s.")
        raise of_field("language", words, names=", ".join(asked.settings.languages))
    row = documents.edit_document(session, row.id, edit, actor=asked.actor, now=asked.now)
    return _answer(row, asked)


def _found(session: Session, asked: Asked, *, to_change: bool = False) -> Document:
    text = asked.path["document"]
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotFound(N_("There is no document with this number."))
    return queries.document(session, int(text), asked.actor, asked.now, to_change=to_change)


def _answer(document: Document, asked: Asked) -> Answer:
    return Answer(body=_told(document, asked), version=document.version)


def _told(document: Document, asked: Asked) -> Json:
    return DOCUMENT.write(asked.seen(document))
