"""A request as the views see it, and what they answer: values, without Flask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from feedsvc.auth.access.queries import Caller
from feedsvc.auth.rules import Actor
from feedsvc.content.media import documents, photos
from feedsvc.db import Database
from feedsvc.i18n import Language
from feedsvc.settings import Settings
from feedsvc.urls import Site
from feedsvc.web.api.editor.facts import Seen

Json = dict[str, Any]
BASE = "/api/editor/v1"
ANYTHING = "*"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who asks what, and when. `tags` are the versions of If-Match, without their quotes; None if
    it was not sent; `language` is the one of sentences. `photo` and `document` are what `data` holds, `found` the row that the address names."""

    caller: Caller
    now: datetime
    settings: Settings
    site: Site
    language: Language
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Json = field(default_factory=dict)
    data: bytes = b""
    photo: photos.Brought | None = None
    document: documents.Brought | None = None
    tags: frozenset[str] | None = None
    found: Any = None

    @property
    def actor(self) -> Actor:
        return self.caller.actor

    def seen(self, row: Any) -> Seen:
        """That row, for what an answer tells about it."""
        return Seen(row, self.now, self.site, self.settings.closing_soon_days)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is answered; without a body there is none. `place` is the address of what was made.

    `afterwards` is done when the transaction has ended.
    """

    body: Json | None = None
    status: int = 200
    version: int | None = None
    place: str = ""
    afterwards: Callable[[Database], None] | None = None
