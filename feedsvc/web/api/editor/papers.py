"""Documents: a file comes as the whole body, or as the part `document` of a form, by the form's rules."""

from __future__ import annotations

from sqlalchemy.orm import Session

from feedsvc import urls
from feedsvc.content.media import documents, queries
from feedsvc.content.media.models import Document
from feedsvc.errors import NotFound
from feedsvc.i18n import N_
from feedsvc.web.api.editor.asked import Answer, Asked, Json
from feedsvc.web.api.editor.facts import of_row
from feedsvc.web.api.editor.objects import Field, Object
from feedsvc.web.api.editor.shapes import Flag, Text, Whole

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
    },
)


def upload(session: Session, asked: Asked) -> Answer:
    """Keep the document, at which `gate` has looked; the same bytes are kept once."""
    assert asked.document is not None
    folder = asked.settings.media_path
    kept = documents.keep(session, asked.document, folder, actor=asked.actor, now=asked.now)
    return Answer(body=_told(kept, asked), status=201, place=f"/documents/{kept.id}")


def one(session: Session, asked: Asked) -> Answer:
    """Raises: NotFound, also for one of which the account may not know."""
    text = asked.path["document"]
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotFound(N_("There is no document with this number."))
    return Answer(body=_told(queries.document(session, int(text), asked.actor, asked.now), asked))


def _told(document: Document, asked: Asked) -> Json:
    return DOCUMENT.write(asked.seen(document))
