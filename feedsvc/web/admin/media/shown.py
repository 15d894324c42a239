"""What templates ask of pictures and documents, and how much may be sent to keep some."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import request, session
from sqlalchemy.orm import Session

from feedsvc.content import rules
from feedsvc.content.media import sight, sizes, words
from feedsvc.content.media.models import Document, Photo
from feedsvc.content.media.sizes import Copy
from feedsvc.content.models import Entry
from feedsvc.web import context
from feedsvc.web.admin import choices
from feedsvc.web.admin.gate import actor, blueprint
from feedsvc.web.admin.kinds import BY_NAME, address
from feedsvc.web.admin.sessions import AccountSession

BRINGS = ("admin.media", "admin.documents")  # and every form of an entry
FORMS = ("_new", "_edit")
BESIDE = 1_000_000  # bytes of a form beside its files


@dataclass(frozen=True)
class Use:
    """An entry that has it; without a title it is one that the actor does not see."""

    title: str
    address: str
    state: str


@blueprint.url_value_preprocessor
def let_files_in(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Who is signed in may send several files at once; a stranger no more than a form."""
    name = endpoint or ""
    if (name in BRINGS or name.endswith(FORMS)) and isinstance(session, AccountSession):
        request.max_content_length = context.settings().batch_limit + BESIDE


@blueprint.context_processor
def helpers() -> dict[str, object]:
    return {
        "card_of": card,
        "whole_of": whole,
        "name_of_photo": name,
        "title_of_document": title,
        "described": lambda photo, code: words.described(photo, code) if photo else "",
    }


def card(photo: Photo) -> Copy:
    """The smallest copy cut for lists; of a photo whose copies are being made, the photo."""
    return sizes.cards(photo)[0] if photo.ready else sizes.smaller(photo)[-1]


def whole(photo: Photo) -> Copy:
    """The smallest copy of all of it."""
    return sizes.smaller(photo)[0 if photo.ready else -1]


def name(photo: Photo) -> str:
    """What an editor knows it by."""
    texts = {text.language: text.alt for text in photo.texts}
    codes = (context.lang().code, *context.settings().languages)
    alt = next((texts[code] for code in codes if code in texts), "")
    return alt or photo.label or photo.name


def title(document: Document) -> str:
    return words.title(document, context.lang().code, context.settings().languages)


def uses(session: Session, entries: Iterable[Entry]) -> list[Use]:
    """The entries that have it, for a list with links."""
    found = list(entries)
    seen = sight.visible(session, found, actor(), context.now())
    return [_use(entry) if entry.id in seen else Use("", "", "") for entry in found]


def _use(entry: Entry) -> Use:
    state = rules.state(entry, context.now())
    return Use(choices.title(entry), address(BY_NAME[entry.kind], entry.id), state)
