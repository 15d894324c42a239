"""The forms of a picture and of a document in the library."""

from __future__ import annotations

from typing import Any

import wtforms
from wtforms import BooleanField, FormField, HiddenField

from feedsvc import i18n
from feedsvc.content.media import rules
from feedsvc.content.media.models import Document, Photo
from feedsvc.content.media.rules import DocumentEdit, PhotoEdit
from feedsvc.errors import Invalid
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin.forms.base import Form, Line, One
from feedsvc.web.admin.forms.entry import in_languages, whole
from feedsvc.web.admin.forms.fields import NumberField


class AltForm(wtforms.Form):
    line = Line(most=rules.LONGEST_ALT)


class TitleForm(wtforms.Form):
    line = Line(most=rules.LONGEST_TITLE)


class PhotoForm(Form):
    """What a picture shows, whose it is, and what a crop keeps of it."""

    alts = FormField(in_languages(AltForm), N_("What the picture shows"))
    decorative = BooleanField(N_("It only decorates and needs no description"))
    credit = Line(N_("Who made the photo"))
    focus_x = NumberField(N_("From the left, in percent"), default=50)
    focus_y = NumberField(N_("From the top, in percent"), default=50)
    version = HiddenField()

    def check(self) -> None:
        problems = rules.photo_problems(self.edit())
        if problems:
            raise Invalid(*problems)

    def edit(self) -> PhotoEdit:
        return PhotoEdit(
            alts=_lines(self.alts),
            decorative=bool(self.decorative.data),
            credit=self.credit.data or "",
            focus_x=50 if self.focus_x.data is None else self.focus_x.data,
            focus_y=50 if self.focus_y.data is None else self.focus_y.data,
            version=whole(self.version.data),
        )


class DocumentForm(Form):
    """What a document is called, and the language that it is written in."""

    titles = FormField(in_languages(TitleForm), N_("Title"))
    language = One(N_("It is written in"))
    version = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = context.settings().languages
        several = ("", N_("several languages, or none"))
        self.language.choices = [several, *((code, i18n.NAMES[code]) for code in codes)]

    def check(self) -> None:
        problems = rules.document_problems(self.edit())
        if problems:
            raise Invalid(*problems)

    def edit(self) -> DocumentEdit:
        known = {code for code, _ in self.language.choices}
        language = self.language.data or ""
        return DocumentEdit(
            titles=_lines(self.titles),
            language=language if language in known else "",
            version=whole(self.version.data),
        )


def photo_values(photo: Photo) -> dict[str, Any]:
    """What the form shows of a picture."""
    return {
        "alts": {text.language: {"line": text.alt} for text in photo.texts},
        **{name: getattr(photo, name) for name in ("decorative", "credit", "version")},
        "focus_x": photo.focus_x,
        "focus_y": photo.focus_y,
    }


def document_values(document: Document) -> dict[str, Any]:
    """What the form shows of a document."""
    return {
        "titles": {text.language: {"line": text.title} for text in document.texts},
        "language": document.language,
        "version": document.version,
    }


def _lines(field: Any) -> dict[str, str]:
    lines = {code: field[code].form.line.data or "" for code in context.settings().languages}
    return {code: line for code, line in lines.items() if line.strip()}
