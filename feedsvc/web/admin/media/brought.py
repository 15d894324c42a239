"""Files that somebody brings to the library, and the page that asks before one goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from feedsvc.content.media.models import Document, Photo
from feedsvc.errors import Invalid
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import pages
from feedsvc.web.admin.forms.base import ErrorLine, Form, said
from feedsvc.web.admin.media.chosen import MOST_AT_ONCE


def each(
    field: str, store: Callable[[bytes, str], Photo | Document]
) -> tuple[list[int], list[ErrorLine]]:
    """Keep each file on its own: the ids of those kept, and what is wrong with the others."""
    uploads = [upload for upload in request.files.getlist(field) if upload.filename]
    if len(uploads) > MOST_AT_ONCE:
        words = context.lang().gettext(
            N_("Choose %(most)s files at most at once."), most=MOST_AT_ONCE
        )
        return [], [ErrorLine(field, words)]
    kept, refused = [], []
    for upload in uploads:
        name = upload.filename or ""
        try:
            # One byte more than is ever taken: what is longer is told to be too long.
            kept.append(store(upload.read(context.settings().batch_limit + 1), name).id)
        except Invalid as invalid:
            refused += [ErrorLine(field, f"{name[:80]}: {said(p)}") for p in invalid.problems]
    return list(dict.fromkeys(kept)), refused


def nothing(field: str) -> ErrorLine:
    return ErrorLine(field, context.lang().gettext(N_("Choose a file first.")))


def delete_page(name: str, section: str, form: Form, *, back: str) -> Response:
    """Ask once more."""
    title = context.lang().gettext(N_("Delete “%(title)s”"), title=name)
    values: dict[str, Any] = {"back": back}
    return pages.page(
        "media/delete.html",
        title=title,
        section=section,
        problems=form.problems(),
        status=422 if form.marks else 200,
        **values,
    )
