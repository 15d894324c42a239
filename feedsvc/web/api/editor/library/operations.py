"""Every request about the library: the table of `operations`, continued. Whose photo or document it
is, and who sees it, `content.media` asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from feedsvc.auth.access.rules import MEDIA, READ
from feedsvc.auth.rules import WRITE as MAY_WRITE
from feedsvc.web.api.editor.library import papers, photos, shelves
from feedsvc.web.api.editor.library.shelves import Shelf
from feedsvc.web.api.editor.operation import Operation
from feedsvc.web.api.editor.shapes import Json
from feedsvc.web.api.editor.views import View

LOOKING: Mapping[str, Json] = {
    "q": {"type": "string", "description": "Only those that have each of these words"},
    "unused": {"type": "string", "enum": ["true", "false"], "description": "Only those no entry has"},
    "page": {"type": "integer", "minimum": 1, "default": 1, "description": "Which page"},
}  # fmt: skip


def of(shelf: Shelf) -> Iterator[Operation]:
    one, base, item = shelf.name, f"/{shelf.path}", f"/{shelf.path}/{{{shelf.name}}}"
    told, said = shelf.told.name, shelf.said.name
    upload = {"photo": photos.upload, "document": papers.upload}[one]

    def operation(
        verb: str, method: str, path: str, summary: str, view: View, **more: object
    ) -> Operation:
        looks = method == "GET"
        given = {"scope": READ if looks else MEDIA, "gives": told, **more}
        return Operation(
            id=verb, method=method, path=path, summary=summary, right=MAY_WRITE, act=None, view=view, **given,  # type: ignore[arg-type]
        )  # fmt: skip

    yield operation(
        f"list_{shelf.path}", "GET", base, "Look through the library, the newest first",
        shelves.listed(shelf), gives=f"{told}List", query=LOOKING,
    )  # fmt: skip
    yield operation(
        f"upload_{one}", "POST", base, f"Upload a {one}", upload, takes=told, status=201
    )
    yield operation(f"get_{one}", "GET", item, "Get one", shelves.get(shelf))
    yield operation(
        f"replace_{one}", "PUT", item, "Say what it is", shelves.change(shelf, merged=False), takes=said
    )  # fmt: skip
    yield operation(
        f"change_{one}", "PATCH", item, "Say some of it", shelves.change(shelf, merged=True), takes=said
    )  # fmt: skip
    yield operation(
        f"delete_{one}", "DELETE", item, "Let one go that no entry has", shelves.delete(shelf),
        gives="", status=204,
    )  # fmt: skip
    yield operation(
        f"uses_of_{one}", "GET", f"{item}/uses", "Which entries have it", shelves.uses(shelf),
        gives=shelves.USES.name,
    )  # fmt: skip
    yield operation(
        f"history_of_{one}", "GET", f"{item}/history", "What was changed, the newest first",
        shelves.past(shelf), gives="History",
    )  # fmt: skip
