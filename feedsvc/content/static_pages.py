"""The pages of the site itself: about, privacy, accessibility, imprint.

Their texts come with the software, in `pages/<name>.<language>.md`. The database holds only what an
editor has changed: a text that is as it came is improved by the next version of the software.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy.orm import Session

from feedsvc import markup
from feedsvc.auth.rules import Actor
from feedsvc.content import generation, history
from feedsvc.content.models import StaticPage, StaticPageText
from feedsvc.errors import Conflict, Invalid, NotFound, Problem
from feedsvc.i18n import LOCALES, N_

NAMES = ("about", "privacy", "accessibility", "imprint")
LONGEST_TITLE = 200


@dataclass(frozen=True)
class PageText:
    """A page in one language; `body` is Markdown."""

    language: str
    title: str
    body: str


@dataclass(frozen=True, kw_only=True)
class PageEdit:
    """What an editor wants a page to be, by language. A language left out has the text as it came."""

    texts: Mapping[str, PageText]
    version: int | None = None


def number(name: str) -> int:
    """The id of the page of that name, from 1."""
    return NAMES.index(name) + 1


def name(page_id: int) -> str:
    """Raises: NotFound."""
    if not 1 <= page_id <= len(NAMES):
        raise NotFound(N_("There is no entry with this number."))
    return NAMES[page_id - 1]


def default(page_name: str, language: str) -> PageText:
    """The text that comes with the software."""
    head, _, body = _shipped(page_name, language).partition("\n")
    return PageText(language, head.removeprefix("# "), body.strip())


def texts(session: Session, page_name: str) -> dict[str, PageText]:
    """The page in every language that the software speaks."""
    page = session.get(StaticPage, number(page_name))
    return _all_texts(page_name, page.texts if page else ())


def every(session: Session) -> list[StaticPage]:
    """The pages as editors see them; none of them belongs to the session."""
    return [loaded(session, number(page_name)) for page_name in NAMES]


def loaded(session: Session, page_id: int) -> StaticPage:
    """A page with all its texts, for a form: it is no row and cannot be written.

    Raises: NotFound.
    """
    page_name = name(page_id)
    kept = session.get(StaticPage, page_id)
    shown = _all_texts(page_name, kept.texts if kept else ())
    rows = [StaticPageText(language=t.language, title=t.title, body=t.body) for t in shown.values()]
    return StaticPage(id=page_id, version=kept.version if kept else 0, texts=rows)


def edit_page(
    session: Session, page_id: int, edit: PageEdit, *, actor: Actor, now: datetime
) -> StaticPage:
    """Keep what differs from the text that came. Raises: Invalid, Conflict, NotFound."""
    page_name = name(page_id)
    page = session.get(StaticPage, page_id) or StaticPage(id=page_id, version=0, texts=[])
    if edit.version is not None and edit.version != page.version:
        raise Conflict(N_("Somebody else changed this while you were editing it."))
    _check(edit)
    before = _snapshot(page_name, page.texts)
    _assign(page, page_name, edit)
    changes = history.differences(before, _snapshot(page_name, page.texts))
    if changes:
        page.version += 1
        session.add(page)
        session.flush()
        history.record(session, "page", page_id, "edited", changes, actor=actor, now=now)
        generation.advance(session, now)
    return page


def _check(edit: PageEdit) -> None:
    problems = [
        Problem(f"texts.{code}.{field}", sentence)
        for code, text in edit.texts.items()
        for field, sentence in _missing(text)
    ]
    if problems:
        raise Invalid(*problems)


def _missing(text: PageText) -> Iterator[tuple[str, str]]:
    if not text.title.strip():
        yield "title", N_("Enter a title.")
    if not text.body.strip():
        yield "body", N_("Write the text, or empty the title too: then the text is as it came.")


def _assign(page: StaticPage, page_name: str, edit: PageEdit) -> None:
    rows = {row.language: row for row in page.texts}
    kept = []
    for code, typed in edit.texts.items():
        text = PageText(code, markup.one_line(typed.title), markup.clean(typed.body).strip())
        if text == default(page_name, code):
            continue
        row = rows.get(code) or StaticPageText(language=code)
        row.title, row.body = text.title, text.body
        kept.append(row)
    # A language that the site does not speak just now is in no form: what was written stays.
    page.texts = [*kept, *(row for code, row in rows.items() if code not in LOCALES)]


def _snapshot(page_name: str, rows: Sequence[StaticPageText]) -> dict[str, Any]:
    return {
        f"texts.{code}.{field}": getattr(text, field)
        for code, text in _all_texts(page_name, rows).items()
        for field in ("title", "body")
    }


def _all_texts(page_name: str, rows: Sequence[StaticPageText]) -> dict[str, PageText]:
    kept = {row.language: PageText(row.language, row.title, row.body) for row in rows}
    return {code: kept.get(code) or default(page_name, code) for code in LOCALES}


@cache
def _shipped(page_name: str, language: str) -> str:
    folder = files("feedsvc.content").joinpath("pages")
    return folder.joinpath(f"{page_name}.{language}.md").read_text(encoding="utf-8")
