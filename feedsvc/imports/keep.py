"""What an update from a source leaves alone: all that editors added and the source knows not of."""

from __future__ import annotations

from dataclasses import replace

from feedsvc.calls.edits import CallEdit, Document
from feedsvc.calls.models import Call
from feedsvc.content.edits import Quote, TextEdit
from feedsvc.content.models import Translation

# Fields of a call that no source fills.
EDITORS_OWN = (
    "photo_id", "photo_credit", "is_example", "edition", "cofinancing_min", "cofinancing_max",
    "trl_min", "trl_max", "apply_url", "contact_role", "contact_email",
)  # fmt: skip


def merged(call: Call, edit: CallEdit) -> CallEdit:
    """The source's edit, completed with what the call has beyond it: clusters, relations, other
    languages, photo, contact and the like. What the source does say is the source's."""
    rows = {text.language: text for text in call.translations}
    texts = {code: text_edit(row) for code, row in rows.items() if code not in edit.texts}
    for code, text in edit.texts.items():
        texts[code] = _completed(text, rows[code]) if code in rows else text
    return replace(
        edit,
        texts=texts,
        clusters=tuple(sorted({*edit.clusters, *(cluster.slug for cluster in call.clusters)})),
        related=tuple(sorted(other.uid for other in call.related)),
        documents=tuple(Document(**document) for document in call.documents),
        described=frozenset(texts),  # the photo stays, and what is said of it
        credited=True,
        **{name: getattr(call, name) for name in EDITORS_OWN},
    )


def text_edit(row: Translation) -> TextEdit:
    """A stored text as it would be typed again."""
    return TextEdit(
        title=row.title,
        slug=row.slug,
        summary=row.summary,
        body=row.body,
        sections=row.sections,
        quotes=tuple(Quote(**quote) for quote in row.quotes),
        photo_alt=row.photo_alt,
    )


def _completed(text: TextEdit, row: Translation) -> TextEdit:
    written = {key: value for key, value in text.sections.items() if value}
    return replace(
        text,
        slug=row.slug,
        sections={**row.sections, **written},
        quotes=tuple(Quote(**quote) for quote in row.quotes),
        photo_alt=row.photo_alt,
    )
