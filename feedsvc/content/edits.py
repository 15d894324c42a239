"""What an editor wants an entry to be: frozen values that cross from forms and files to `changes`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Quote:
    """A pull quote and who said it (a role or an institution)."""

    text: str
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class TextEdit:
    """An entry in one language. `body` and `sections` are Markdown; an empty slug is made
    from the title. `stands` says that it is good as it is, though another language changed."""

    title: str
    slug: str = ""
    summary: str = ""
    body: str = ""
    sections: Mapping[str, str] = field(default_factory=dict)
    quotes: tuple[Quote, ...] = ()
    photo_alt: str = ""
    stands: bool = False


@dataclass(frozen=True, kw_only=True)
class EntryEdit:
    """What news and calls share.

    `clusters` are slugs and `related` uids. `version` is the one that the editor saw: a newer one
    in the database is a conflict; None asks for no such check. `files` are the numbers of the
    documents that it hands out; None leaves them as they are. What the library knows of the photo
    need not be said again: `described` are the languages of its description. One that
    `photo_decorative` says to decorate only needs none.
    """

    texts: Mapping[str, TextEdit]
    clusters: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    photo_id: int | None = None
    photo_credit: str = ""
    photo_decorative: bool = False
    described: frozenset[str] = frozenset()
    credited: bool = False
    files: tuple[int, ...] | None = None
    version: int | None = None
    source: str | None = None
    source_id: str | None = None
    is_example: bool = False
