"""What holds for every entry: its state in time, which language is shown, what its texts need.

Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar
from urllib.parse import urlsplit

from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_

if TYPE_CHECKING:
    from feedsvc.content.edits import EntryEdit
    from feedsvc.content.models import Entry

TITLE_LIMIT = 300
SLUG_LIMIT = 100
URL_LIMIT = 1000

ASKED, REJECTED = "asked", "rejected"  # `Entry.review` of a draft; otherwise it is empty
UNSEEN = ("draft", "review", "rejected")  # states of what has no date of publication


class InLanguage(Protocol):
    """A text that knows its language."""

    @property
    def language(self) -> Any: ...  # a mapped column: mypy sees its descriptor, not the str


T = TypeVar("T", bound=InLanguage)


@dataclass(frozen=True)
class Localised(Generic[T]):
    """A text for a reader; `is_fallback` when it is not in the language that was asked for."""

    text: T
    language: str
    is_fallback: bool


def localised(texts: Sequence[T], language: str, languages: Sequence[str]) -> Localised[T]:
    """The text in `language`, or in the first of the site's `languages` that has one."""
    by_language = {text.language: text for text in texts}
    for code in (language, *languages, *sorted(by_language)):
        if code in by_language:
            return Localised(by_language[code], code, code != language)
    raise ValueError("there is no text in any language")


def in_language(texts: Mapping[str, str], language: str, languages: Sequence[str]) -> str:
    """The same of texts that are kept by their language."""
    return next(texts[code] for code in (language, *languages, *sorted(texts)) if code in texts)


def state(entry: Entry, now: datetime) -> str:
    """draft | review | rejected | scheduled | published | withdrawn"""
    if entry.withdrawn_at is not None and entry.withdrawn_at <= now:
        return "withdrawn"
    if entry.publish_at is None:
        return {ASKED: "review", REJECTED: "rejected"}.get(entry.review, "draft")
    return "published" if entry.publish_at <= now else "scheduled"


def may_lack(entry: Entry, now: datetime) -> bool:
    """Whether fields may be missing: nobody sees it before it is published, which checks them."""
    return state(entry, now) not in ("scheduled", "published")


def is_public(entry: Entry, now: datetime) -> bool:
    return state(entry, now) == "published"


def was_public(entry: Entry, now: datetime) -> bool:
    """Whether readers may have seen it: only then are addresses kept and changes told."""
    return entry.publish_at is not None and entry.publish_at <= now


def leaves_at(entry: Entry, now: datetime) -> datetime | None:
    """When it leaves the site by itself, if that was decided and is to come."""
    at = entry.withdrawn_at
    return at if at is not None and at > now else None


def check_until(until: datetime | None, *, publish_at: datetime | None, now: datetime) -> None:
    """Whether an entry may leave the site at that instant. Raises: Invalid (until)."""
    if until is not None and until <= max(now, publish_at or now):
        raise Invalid(
            Problem("until", N_("It leaves the site after it was published. Choose a later day."))
        )


def updated(entry: Entry) -> datetime:
    """When readers last saw it change: never before it was published."""
    return max(entry.updated_at, entry.publish_at or entry.updated_at)


def text_problems(edit: EntryEdit) -> list[Problem]:
    """What must be put right in the texts of an entry before anything can be kept."""
    if not edit.texts:
        return [Problem("texts", N_("Write the title and text in one language at least."))]
    if not any(text.title.strip() for text in edit.texts.values()):
        return _without_title(edit)
    words, most = N_("Shorten the title to %(most)s characters."), (("most", TITLE_LIMIT),)
    return [
        Problem(f"texts.{code}.title", words, most)
        for code, text in edit.texts.items()
        if len(text.title) > TITLE_LIMIT
    ]


def missing_texts(edit: EntryEdit) -> list[Problem]:
    """What a draft may lack and readers may not: titles, and what belongs to a photo."""
    problems = _without_title(edit)
    for code in edit.texts:
        if edit.photo_id is not None and not is_described(edit, code):
            problems.append(
                Problem(
                    f"texts.{code}.photo_alt",
                    N_("Describe the photo for readers who do not see it."),
                )
            )
    if edit.photo_id is not None and not (edit.credited or edit.photo_credit.strip()):
        problems.append(Problem("photo_credit", N_("Say who made the photo.")))
    return problems


def is_described(edit: EntryEdit, code: str) -> bool:
    """Whether those who do not see the photo need not be told more of it in that language."""
    text = edit.texts[code]
    return edit.photo_decorative or code in edit.described or bool(text.photo_alt.strip())


def _without_title(edit: EntryEdit) -> list[Problem]:
    return [
        Problem(f"texts.{code}.title", N_("Enter a title."))
        for code, text in edit.texts.items()
        if not text.title.strip()
    ]


def url_problem(field: str, url: str) -> list[Problem]:
    """A web address must be http(s) with a host: anything else could act in a reader's browser."""
    if not url:
        return []
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if good and len(url) <= URL_LIMIT and not any(c.isspace() for c in url):
        return []
    return [Problem(field, N_("Enter a full web address, like https://example.org/call."))]
