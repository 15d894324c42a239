"""Documents: a file comes as the whole body, or as the part `document` of a form, by the form's rules.

What it is called is said afterwards.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from feedsvc import urls
from feedsvc.content.media import documents, rules
from feedsvc.content.media.rules import LONGEST_TITLE, DocumentEdit
from feedsvc.web.api.editor.asked import Answer, Asked
from feedsvc.web.api.editor.facts import Seen, of_row
from feedsvc.web.api.editor.objects import Field, Object
from feedsvc.web.api.editor.shapes import Flag, Languages, Text, Whole


def titles(seen: Seen) -> dict[str, str]:
    return {text.language: text.title for text in seen.row.texts}


SAID = {
    "titles": Field(
        shape=Languages(Text(LONGEST_TITLE)), get=titles, needed=rules.UNTITLED,
        meaning="What readers of each language see in the list of documents",
    ),
    "language": Field(
        shape=Text(5), get=of_row("language"),
        meaning="That it is written in; empty for several, or none",
    ),
}  # fmt: skip
TITLES = Object("Titles", DocumentEdit, SAID)
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
        **SAID,
    },
)


def upload(session: Session, asked: Asked) -> Answer:
    """Keep the document, at which `gate` has looked; the same bytes are kept once."""
    assert asked.document is not None
    folder = asked.settings.media_path
    kept = documents.keep(session, asked.document, folder, actor=asked.actor, now=asked.now)
    return Answer(
        body=DOCUMENT.write(asked.seen(kept)), status=201, version=kept.version,
        place=f"/documents/{kept.id}",
    )  # fmt: skip
