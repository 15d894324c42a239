"""The texts and names of a row. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import unquote

from feedsvc import markup
from feedsvc.content.edits import TextEdit
from feedsvc.content.rules import TITLE_LIMIT, url_problem
from feedsvc.imports import texts
from feedsvc.imports.report import Unusable
from feedsvc.imports.rows import Row
from feedsvc.imports.sources import FUNDER_NAMES, PROGRAMME_NAMES, Source

NAME_LIMIT = 300
SERIES_LIMIT = 200

TITLE_CUT = f"title cut to {TITLE_LIMIT} characters; the whole stands in the text"
FUNDER_UNREADABLE = "name of the funder unreadable: the publisher of the source stands in"
ADDRESS_KEPT = "address that is no web address kept as text"
DEADLINE_KEPT = "deadline in words kept as text"

_CODE = re.compile(r"\s*\([A-Z0-9 +-]+\)$", re.ASCII)
_GRANTS_GOV_HEAD = re.compile(r"^[^\n—]{3,100} — Closes \d{4}-\d\d-\d\d — ", re.ASCII)


def read(row: Row, words: Iterable[str], notes: Counter[str]) -> TextEdit:
    """The texts; `words` are sentences about the money. Raises: Unusable without a title."""
    title = row.line("title")
    if not title:
        raise Unusable("title: is missing")
    story = _GRANTS_GOV_HEAD.sub("", row.paragraphs("summary"))
    if story == title:
        story = ""
    if len(title) > TITLE_LIMIT:
        notes[TITLE_CUT] += 1
        story = f"{title}\n\n{story}".strip()
    summary = texts.teaser(story)
    return TextEdit(
        title=texts.cut(title, TITLE_LIMIT),
        summary=summary,
        body=_body(row, story if story != summary else ""),
        sections={"how_to_apply": _how_to_apply(row, notes), "funding": _as_paragraphs(words)},
    )


def funder(row: Row, source: Source, notes: Counter[str]) -> tuple[str, str] | None:
    """Slug and name of the funder; a department of a state is told apart by the state."""
    name = row.line("funder")
    if "<" in row.raw("funder"):
        notes[FUNDER_UNREADABLE] += 1
        name = ""
    name = FUNDER_NAMES.get(name, name) or source.funder
    if source.state:
        name = re.sub(r"^CA ", "California ", name)
        name = name if not name or source.state in name else f"{name} ({source.state})"
    return _named("funder", name)


def programme(row: Row) -> tuple[str, str] | None:
    """Slug and name of the programme, without the code that the EU portal puts behind it."""
    name = texts.line(unquote(row.raw("programme")))
    return _named("programme", PROGRAMME_NAMES.get(name) or _CODE.sub("", name))


def series(row: Row) -> str:
    return texts.cut(row.line("call_title") or row.line("call"), SERIES_LIMIT)


def address(row: Row) -> str:
    """The address of the call at its source; empty if what stands there is no address."""
    url = row.line("url").replace(" ", "%20")
    return "" if url_problem("url", url) else url


def _named(field: str, name: str) -> tuple[str, str] | None:
    if not name:
        return None
    slug = markup.slug(name)
    if not slug:
        raise Unusable(f"{field}: “{texts.cut(name, 60)}” has no letter from a to z")
    return slug, texts.cut(name, NAME_LIMIT)


def _body(row: Row, story: str) -> str:
    topics = ", ".join(dict.fromkeys(row.lines("sectors")))
    parts = [texts.markdown(story), texts.markdown(f"Topics: {topics}") if topics else ""]
    return "\n\n".join(part for part in parts if part)


def _how_to_apply(row: Row, notes: Counter[str]) -> str:
    words = []
    if row.line("loi").lower() == "yes":
        words.append("A letter of intent is required. Its date is not given here: ask the funder.")
    if row.line("url") and not address(row):
        notes[ADDRESS_KEPT] += 1
        words.append(f"In the words of the source: {row.line('url')}")
    if row.line("deadline_text"):
        notes[DEADLINE_KEPT] += 1
        words.append(f"Deadline, in the words of the source: {row.line('deadline_text')}")
    if row.line("cycle").lower() not in ("", "other"):
        words.append(f"How often it is held, in the words of the source: {row.line('cycle')}")
    return _as_paragraphs(words)


def _as_paragraphs(words: Iterable[str]) -> str:
    return "\n\n".join(texts.markdown(sentence) for sentence in words)
