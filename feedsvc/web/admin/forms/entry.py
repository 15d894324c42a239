"""The part of a form that news and calls share, and the news form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import wtforms
from wtforms import (
    BooleanField,
    FieldList,
    FileField,
    FormField,
    HiddenField,
    MultipleFileField,
    StringField,
)

from feedsvc import i18n
from feedsvc.content import rules
from feedsvc.content.edits import EntryEdit, Quote, TextEdit
from feedsvc.content.media.models import Photo
from feedsvc.content.models import Entry, Translation
from feedsvc.errors import Invalid
from feedsvc.i18n import N_
from feedsvc.news.edits import NewsEdit
from feedsvc.web import context
from feedsvc.web.admin.forms.base import Area, Form, Line, Many, One

MOST_ROWS = 100  # of one list: more is no form any more


def in_languages(kind: Any) -> Callable[..., Any]:
    """What makes a form with one part of that kind for each language of the site."""

    def made(**given: Any) -> Any:
        return _in_languages(kind, context.settings().languages)(**given)

    return made


@cache
def _in_languages(kind: Any, languages: tuple[str, ...]) -> Callable[..., Any]:
    parts = {code: FormField(kind, i18n.NAMES[code]) for code in languages}
    return type("InLanguages", (wtforms.Form,), parts)


class QuoteForm(wtforms.Form):
    text = Line(N_("Quote"), most=1000)
    source = Line(N_("Who said it"))


class TextForm(wtforms.Form):
    """An entry in one language; wholly empty, the language is missing."""

    title = StringField(N_("Title"))
    summary = Area(N_("Summary"))
    body = Area(N_("Text"))
    quotes = FieldList(FormField(QuoteForm), N_("Pull quotes"), max_entries=MOST_ROWS)
    photo_alt = Line(N_("What the photo shows"), most=300)
    slug = Line(N_("Address"), most=80)
    stands = BooleanField(N_("This text stands as it is"))

    sections: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        texts = [self.title, self.summary, self.body, self.photo_alt, self.slug]
        texts += [self[name] for name in self.sections]
        texts += [quote.form.text for quote in self.quotes]
        return not any((field.data or "").strip() for field in texts)

    def edit(self) -> TextEdit:
        return TextEdit(
            title=self.title.data or "",
            slug=self.slug.data or "",
            summary=self.summary.data or "",
            body=self.body.data or "",
            sections={name: self[name].data or "" for name in self.sections},
            quotes=tuple(
                Quote(row.form.text.data or "", row.form.source.data or "") for row in self.quotes
            ),
            photo_alt=self.photo_alt.data or "",
            stands=bool(self.stands.data),
        )


@dataclass(frozen=True)
class Known:
    """What the library says of a photo: its description in these languages, and who made it."""

    described: frozenset[str] = frozenset()
    credited: bool = False


class EntryForm(Form):
    """What news and calls share. `photo_id` is the photo that was accepted, also when the rest of
    the form was not; `photo_pick` another one of the library. As long as it `is_draft`, fields may
    be missing."""

    is_draft = True
    texts: Any
    clusters = Many(N_("Clusters"))
    photo = FileField(N_("Photo"))
    photo_id = HiddenField()
    photo_gone = BooleanField(N_("Take the photo away"))
    photo_credit = Line(N_("Who made the photo"))
    photo_decorative = BooleanField(N_("The photo only decorates and needs no description"))
    photo_pick = One(N_("From the library"))
    photo_find = Line(N_("Find a photo by words of its description"))
    files = Many(N_("Documents handed out"))
    files_find = Line(N_("Find a document by words of its title"))
    upload = MultipleFileField(N_("Add documents"))
    related = Many(N_("Related news and calls"))
    related_find = Line(N_("Find by words of the title"))
    is_example = BooleanField(N_("An example with invented facts"))
    version = HiddenField()
    base = HiddenField()  # the version of the texts that the form began with
    known = Known()
    found: Sequence[Photo] = ()

    def edit(self) -> EntryEdit:
        raise NotImplementedError

    def shared(self) -> dict[str, Any]:
        """The fields of an `EntryEdit`."""
        filled = {code: self.texts[code].form for code in context.settings().languages}
        return {
            "texts": {code: text.edit() for code, text in filled.items() if not text.is_empty},
            "clusters": tuple(self.clusters.data or ()),
            "related": tuple(self.related.data or ()),
            "photo_id": self.photo_number(),
            "photo_credit": self.photo_credit.data or "" if self.photo_number() else "",
            "photo_decorative": bool(self.photo_decorative.data),
            "described": self.known.described,
            "credited": self.known.credited,
            "files": tuple(self.file_numbers()),
            "version": whole(self.version.data),
            "is_example": bool(self.is_example.data),
        }

    def photo_number(self) -> int | None:
        if self.photo_gone.data:
            return None
        return whole(self.photo_pick.data) or whole(self.photo_id.data)

    def file_numbers(self) -> list[int]:
        numbers = (whole(value) for value in self.files.data or ())
        return [number for number in numbers if number is not None]


class NewsForm(EntryForm):
    """A news item."""

    texts = FormField(in_languages(TextForm), N_("Texts"))

    def check(self) -> None:
        edit = self.edit()
        problems = rules.text_problems(edit) + ([] if self.is_draft else rules.missing_texts(edit))
        if problems:
            raise Invalid(*problems)

    def edit(self) -> NewsEdit:
        return NewsEdit(**self.shared())


def entry_values(entry: Entry) -> dict[str, Any]:
    """What the shared fields show of an entry."""
    return {
        "texts": {text.language: text_values(text) for text in entry.translations},
        "clusters": [cluster.slug for cluster in entry.clusters],
        "related": [other.uid for other in entry.related],
        "photo_id": entry.photo_id,
        "photo_credit": entry.photo_credit,
        "photo_decorative": entry.photo is not None and entry.photo.decorative,
        "files": [str(row.document_id) for row in entry.attachments],
        "is_example": entry.is_example,
        "version": entry.version,
    }


def text_values(text: Translation) -> dict[str, Any]:
    return {
        "title": text.title,
        "slug": text.slug if text.slug != text.entry.uid else "",
        "summary": text.summary,
        "body": text.body,
        "quotes": text.quotes,
        "photo_alt": text.photo_alt,
        **text.sections,
    }


def whole(text: object) -> int | None:
    """The number in a hidden field; None if there is none."""
    digits = str(text or "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 18 else None
