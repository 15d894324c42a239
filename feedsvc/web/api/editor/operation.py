"""What one request of the API is: what it asks for, what it takes and gives, and what answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from feedsvc.content.media import recognise
from feedsvc.web.api.editor.library import papers, photos
from feedsvc.web.api.editor.shapes import Json
from feedsvc.web.api.editor.things import Thing
from feedsvc.web.api.editor.views import View

SAFE = ("GET", "HEAD")
FILES = {photos.PHOTO.name: "photo", papers.DOCUMENT.name: "document"}
# What a file is called that comes as the whole body.
KINDS: Mapping[str, tuple[str, ...]] = {
    "photo": ("image/jpeg", "image/png", "image/webp"),
    "document": tuple(kind.media_type for kind in recognise.KINDS.values()),
}


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A method on a path. `scope` is what the token must be good for, `right` what the account's
    role must have, and `act` what it must be allowed to do with the entry that the path names.

    `takes` and `gives` are the names of schemas, `query` the parameters of the address. A POST that
    is `of_version` changes what is there: it must say which version of it.
    """

    id: str
    method: str
    path: str
    summary: str
    scope: str
    right: str
    act: str | None
    view: View
    thing: Thing | None = None
    takes: str = ""
    gives: str = ""
    status: int = 200
    query: Mapping[str, Json] | None = None
    of_version: bool = False

    @property
    def writes(self) -> bool:
        return self.method not in SAFE

    @property
    def takes_file(self) -> str:
        """The part of a form in which a file comes; empty where none does."""
        return FILES.get(self.takes, "")

    @property
    def is_merged(self) -> bool:
        return self.method == "PATCH"

    @property
    def needs_version(self) -> bool:
        """Whether it must say which version it changes."""
        return self.method in ("PUT", "PATCH", "DELETE") or self.of_version
