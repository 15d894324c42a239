"""Write what news and calls share into an entry: texts with their slugs, clusters, relations.

Used by `news.changes` and `calls.changes`, inside their transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc import markup, urls
from feedsvc.auth.models import History
from feedsvc.auth.rules import Actor
from feedsvc.content import addresses, generation, rules, staleness
from feedsvc.content.edits import EntryEdit, Quote, TextEdit
from feedsvc.content.media import documents
from feedsvc.content.media import words as media_words
from feedsvc.content.media.models import Document, Photo
from feedsvc.content.models import Cluster, Entry, Translation
from feedsvc.errors import Conflict, Invalid, NotFound, Problem
from feedsvc.i18n import N_
from feedsvc.search import index, vocabulary

Edit = TypeVar("Edit", bound=EntryEdit)


def load(session: Session, kind: type[Entry], entry_id: int, version: int | None) -> Entry:
    """The entry, to be changed. Raises: NotFound; Conflict if it is newer than `version`."""
    entry = session.get(kind, entry_id)
    if entry is None:
        raise NotFound(N_("There is no entry with this number."))
    if version is not None and version != entry.version:
        raise Conflict(
            N_("%(who)s changed this entry while you were editing it."),
            who=_last_editor(session, entry),
        )
    return entry


def begin(entry: Entry, edit: EntryEdit, *, actor: Actor, now: datetime) -> None:
    """Give a new entry its identity: the uid is minted here, once."""
    entry.uid = str(uuid4())
    entry.created_at = entry.updated_at = now
    entry.created_by = actor.id
    entry.source, entry.source_id = edit.source, edit.source_id


def assign(session: Session, entry: Entry, edit: EntryEdit, *, now: datetime) -> None:
    """Assign the shared fields. Flushes for the entry's id. Raises: Invalid."""
    entry.photo_id, entry.photo_credit = edit.photo_id, markup.one_line(edit.photo_credit)
    entry.is_example = edit.is_example
    entry.clusters = clusters_of(session, edit.clusters)
    entry.related = related_of(session, edit.related, entry)
    if edit.files is not None:
        documents.attach(session, entry, edit.files)
    session.add(entry)
    before = staleness.words(entry)
    with session.no_autoflush:  # a new entry is written once, whole
        _assign_texts(session, entry, edit, now=now)
    entry.languages = languages_of(entry.translations)
    staleness.mark(entry, before, edit, now=now)
    session.flush()


def languages_of(texts: Iterable[Translation]) -> str:
    """The codes of those with a title, each between spaces, so that one can be looked for."""
    return f" {' '.join(sorted(text.language for text in texts if text.title.strip()))} "


def finish(entry: Entry, *, now: datetime) -> None:
    """Count a visible change."""
    entry.revision = (entry.revision or 0) + 1
    entry.version = (entry.version or 0) + 1
    entry.updated_at = now


def index_text(session: Session, entry: Entry, extra: Iterable[str] = ()) -> None:
    """Let the entry be found by its words in every language."""
    title, body = searched(entry, extra)
    generation.hold(session)  # the sets of words are shared by all entries
    vocabulary.learn(session, index.put(session, entry.id, title=title, body=body))


def searched(entry: Entry, extra: Iterable[str] = ()) -> tuple[str, str]:
    """The title and the text by which the entry is found."""
    texts = entry.translations
    body = [part for text in texts for part in (text.summary, text.body, *text.sections.values())]
    return "\n".join(text.title for text in texts), "\n".join((*body, *extra))


def snapshot(entry: Entry) -> dict[str, Any]:
    """The shared fields as they stand, by form-field name, for the history."""
    seen: dict[str, Any] = {
        "clusters": sorted(cluster.slug for cluster in entry.clusters),
        "related": sorted(other.uid for other in entry.related),
        "photo_id": entry.photo_id,
        "photo_credit": entry.photo_credit,
        "is_example": entry.is_example,
        "files": [handed_out(row.document) for row in entry.attachments],
    }
    for text in entry.translations:
        for field in ("slug", "title", "summary", "body", "sections", "quotes", "photo_alt"):
            seen[f"texts.{text.language}.{field}"] = getattr(text, field)
    return seen


def handed_out(document: Document) -> dict[str, Any]:
    """A document as the links of a call have theirs, under the title in its own language."""
    own = [document.language] if document.language else []
    return {"title": media_words.title(document, "", own), "url": urls.document(document.name)}


def fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an `EntryEdit` from such a table, as it stands or as the history has it."""
    texts: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        first, *rest = name.split(".")
        if first == "texts" and value is not None:
            texts.setdefault(rest[0], {})[rest[1]] = value
    return {
        "texts": {code: _text(text) for code, text in sorted(texts.items())},
        "clusters": tuple(values.get("clusters") or ()),
        "related": tuple(values.get("related") or ()),
        "photo_id": values.get("photo_id"),
        "photo_credit": values.get("photo_credit") or "",
        "is_example": bool(values.get("is_example")),
    }


def _text(values: Mapping[str, Any]) -> TextEdit:
    quotes = tuple(Quote(**quote) for quote in values.get("quotes", ()))
    return TextEdit(**{"title": "", **values, "quotes": quotes})


def knowing(entry: Entry, edit: EntryEdit) -> EntryEdit:
    """The edit of an entry as it stands, with what the library knows of its photo."""
    return knowing_photo(entry.photo, edit)


def knowing_photo(photo: Photo | None, edit: Edit) -> Edit:
    """The edit with what the library knows of the photo that it names."""
    if photo is None:
        return edit
    described = frozenset(text.language for text in photo.texts)
    everywhere = frozenset(edit.texts) if photo.decorative else frozenset()
    return replace(edit, described=described | everywhere, credited=bool(photo.credit))


def clusters_of(session: Session, slugs: tuple[str, ...]) -> list[Cluster]:
    if not slugs:
        return []
    found = session.scalars(
        select(Cluster).where(Cluster.slug.in_(slugs)).order_by(Cluster.position)
    ).all()
    _refuse_missing("clusters", slugs, {cluster.slug for cluster in found})
    return list(found)


def related_of(session: Session, uids: tuple[str, ...], entry: Entry) -> list[Entry]:
    if not uids:
        return []
    found = session.scalars(select(Entry).where(Entry.uid.in_(uids))).all()
    _refuse_missing("related", uids, {other.uid for other in found})
    return [other for other in found if other is not entry]


def _refuse_missing(field: str, wanted: tuple[str, ...], found: set[str]) -> None:
    for value in wanted:
        if value not in found:
            raise Invalid(
                Problem(field, N_("“%(value)s” does not exist; choose again."), (("value", value),))
            )


def _assign_texts(session: Session, entry: Entry, edit: EntryEdit, *, now: datetime) -> None:
    rows = {text.language: text for text in entry.translations}
    for code in rows.keys() - edit.texts.keys():
        _leave_slug(session, entry, rows[code], now=now)
        entry.translations.remove(rows[code])
    for code, text in edit.texts.items():
        row = rows.get(code)
        if row is None:
            row = Translation(kind=entry.kind, language=code, slug="")
            entry.translations.append(row)
        _assign_text(session, entry, row, text, now=now)


def _assign_text(
    session: Session, entry: Entry, row: Translation, text: TextEdit, *, now: datetime
) -> None:
    title = markup.one_line(text.title)
    # A text without a title is called by the uid for a while: nobody has chosen that.
    names = (name for name in (markup.slug(text.slug), row.slug) if name and name != entry.uid)
    wanted = next(names, "") or markup.slug(title) or entry.uid
    if wanted != row.slug:
        slug = addresses.free_slug(session, entry.kind, row.language, wanted, entry.id)
        _leave_slug(session, entry, row, now=now)
        addresses.forget(session, entry.kind, row.language, slug)
        row.slug = slug
    row.title = title
    row.summary = markup.clean(text.summary).strip()
    row.body = markup.clean(text.body).strip()
    row.sections = {k: markup.clean(v).strip() for k, v in text.sections.items() if v.strip()}
    row.quotes = [
        {"text": markup.one_line(quote.text), "source": markup.one_line(quote.source)}
        for quote in text.quotes
        if quote.text.strip()
    ]
    row.photo_alt = markup.one_line(text.photo_alt)


def _leave_slug(session: Session, entry: Entry, row: Translation, *, now: datetime) -> None:
    """A slug that readers may have kept leads to the entry for ever."""
    if row.slug and rules.was_public(entry, now):
        addresses.remember(session, entry.kind, row.language, row.slug, entry.id)


def _last_editor(session: Session, entry: Entry) -> str:
    name = session.scalar(
        select(History.actor_name)
        .where(History.subject == entry.kind, History.subject_id == entry.id)
        .order_by(History.id.desc())
        .limit(1)
    )
    return name or "feedsvc"
