"""Every request that the API answers: the one table of routes, rights and documentation.

What an operation asks for is no option: one that is added without it does not even import. A test
holds the table to the expectations that are written by hand there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from feedsvc.auth.access.rules import CHANGE_PARTS, READ
from feedsvc.auth.access.rules import PUBLISH as TO_PUBLISH
from feedsvc.auth.access.rules import WRITE as TO_WRITE
from feedsvc.auth.rules import PARTS as MAY_CHANGE_PARTS
from feedsvc.auth.rules import WRITE as MAY_WRITE
from feedsvc.content.rights import DELETE, EDIT, PUBLISH, SEE, SUBMIT
from feedsvc.web.api.editor import (
    earlier,
    editions,
    entries,
    key_dates,
    own,
    publishing,
    remarks,
    reviews,
    things,
    views,
)
from feedsvc.web.api.editor.facts import STATES
from feedsvc.web.api.editor.library import operations as of_library
from feedsvc.web.api.editor.library import papers, photos, shelves
from feedsvc.web.api.editor.objects import Object
from feedsvc.web.api.editor.operation import Operation
from feedsvc.web.api.editor.shapes import Json
from feedsvc.web.api.editor.things import Thing

LISTING: Mapping[str, Json] = {
    "state": {"type": "string", "enum": list(STATES), "description": "Only those in this state"},
    "q": {"type": "string", "description": "Only those that have each of these words in a title"},
    "limit": {
        "type": "integer", "minimum": 1, "maximum": entries.LARGEST_PAGE,
        "default": entries.USUAL_PAGE, "description": "How many",
    },
    "after": {"type": "string", "description": "The `next` of the page before"},
}  # fmt: skip


def _of_entry(thing: Thing, one: str) -> Iterator[Operation]:
    """News or calls. Scopes of what readers see are `gate`'s to add."""
    base, item, name = f"/{thing.path}", f"/{thing.path}/{{uid}}", thing.table.name
    own_list = {"takes": name, "gives": name, "thing": thing, "right": MAY_WRITE}

    def operation(verb: str, method: str, path: str, summary: str, **more: object) -> Operation:
        given = {**own_list, "scope": TO_WRITE, "act": None, **more}
        return Operation(id=verb, method=method, path=path, summary=summary, **given)  # type: ignore[arg-type]

    yield operation(
        f"list_{thing.path}", "GET", base, f"List {thing.path}", scope=READ, takes="",
        gives=f"{name}List", view=entries.listed(thing), query=LISTING,
    )  # fmt: skip
    yield operation(
        f"create_{one}", "POST", base, "Make a draft", view=views.make(thing), status=201
    )
    yield operation(
        f"get_{one}", "GET", item, "Get one", scope=READ, act=SEE, takes="", view=views.get(thing)
    )
    yield operation(
        f"replace_{one}", "PUT", item, "Replace it", act=EDIT, view=views.replace(thing)
    )
    yield operation(
        f"change_{one}", "PATCH", item, "Change some of it", act=EDIT, view=views.patch(thing)
    )
    yield operation(
        f"delete_{one}", "DELETE", item, "Delete it for good", act=DELETE, takes="", gives="",
        view=views.delete(thing), status=204,
    )  # fmt: skip
    yield operation(
        f"publish_{one}", "POST", f"{item}/publish", "Publish it, now or at a time to come",
        scope=TO_PUBLISH, act=PUBLISH, takes=publishing.PUBLISHING.name, view=publishing.on_request(thing),
    )  # fmt: skip
    yield operation(
        f"submit_{one}", "POST", f"{item}/submit", "Ask for it to be read before it is published",
        act=SUBMIT, takes=reviews.ASKING.name, view=reviews.submit(thing),
    )  # fmt: skip
    yield operation(
        f"take_back_{one}", "POST", f"{item}/take-back", "Ask nobody any more: it is a draft again",
        act=SUBMIT, takes=publishing.NOTHING.name, view=reviews.take_back(thing),
    )  # fmt: skip
    yield operation(
        f"review_{one}", "POST", f"{item}/review", "Publish what was read, hand it back, or refuse it",
        scope=TO_PUBLISH, act=PUBLISH, takes=reviews.VERDICT.name, view=reviews.answer(thing),
    )  # fmt: skip
    yield operation(
        f"withdraw_{one}", "POST", f"{item}/withdraw", "Take it off the site",
        scope=TO_PUBLISH, act=PUBLISH, takes=publishing.NOTHING.name, view=entries.withdraw(thing),
    )  # fmt: skip
    yield operation(
        f"keep_{one}", "POST", f"{item}/keep", "Say until when it stays on the site, or that it stays",
        scope=TO_PUBLISH, act=PUBLISH, takes=publishing.KEEPING.name, view=publishing.keep(thing),
    )  # fmt: skip
    yield operation(
        f"history_of_{one}", "GET", f"{item}/history", "What was changed, the newest first",
        scope=READ, act=SEE, takes="", gives="History", view=views.past(thing),
    )  # fmt: skip
    yield operation(
        f"remarks_on_{one}", "GET", f"{item}/remarks", "What it lacks, and what is worth another look",
        scope=READ, act=SEE, takes="", gives=remarks.REMARKS.name, view=remarks.of(thing),
    )  # fmt: skip
    yield operation(
        f"versions_of_{one}", "GET", f"{item}/versions", "Its versions, the present one first",
        scope=READ, act=SEE, takes="", gives="VersionList", view=earlier.listed(thing),
    )  # fmt: skip
    yield operation(
        f"version_of_{one}", "GET", f"{item}/versions/{{number}}",
        "What would change if that version came back", scope=READ, act=SEE, takes="",
        gives=earlier.COMPARED.name, view=earlier.one(thing),
    )  # fmt: skip
    yield operation(
        f"restore_{one}", "POST", f"{item}/versions/{{number}}/restore", "Bring that version back",
        act=EDIT, takes=publishing.NOTHING.name, gives=earlier.restored(thing),
        view=earlier.restore(thing), of_version=True,
    )  # fmt: skip


def _of_part(thing: Thing) -> Iterator[Operation]:
    """Clusters, organisations, programmes, pages: no entry, so that the role decides."""
    one, base, item = thing.name, f"/{thing.path}", f"/{thing.path}/{{{thing.key}}}"

    def operation(verb: str, method: str, path: str, summary: str, **more: object) -> Operation:
        changing = {"scope": CHANGE_PARTS, "right": MAY_CHANGE_PARTS}
        schemas = {"takes": thing.table.name, "gives": thing.table.name, "thing": thing}
        given = {**changing, **schemas, "act": None, **more}
        return Operation(id=verb, method=method, path=path, summary=summary, **given)  # type: ignore[arg-type]

    looking: Mapping[str, str] = {"scope": READ, "right": MAY_WRITE, "takes": ""}
    yield operation(
        f"list_{thing.path}", "GET", base, f"List {thing.path}", **looking,
        gives=f"{thing.table.name}List", view=views.listed(thing),
    )  # fmt: skip
    yield operation(f"get_{one}", "GET", item, "Get one", **looking, view=views.get(thing))
    yield operation(f"replace_{one}", "PUT", item, "Replace it", view=views.replace(thing))
    yield operation(f"change_{one}", "PATCH", item, "Change some of it", view=views.patch(thing))
    yield operation(
        f"history_of_{one}", "GET", f"{item}/history", "What was changed, the newest first",
        scope=READ, takes="", gives="History", view=views.past(thing),
    )  # fmt: skip
    if thing.create is not None:
        yield operation(
            f"create_{one}", "POST", base, "Make one", view=views.make(thing), status=201
        )
    if thing.delete is not None:
        yield operation(
            f"delete_{one}", "DELETE", item, "Delete it", takes="", gives="", status=204,
            view=views.delete(thing),
        )  # fmt: skip


def _of_key_dates() -> Iterator[Operation]:
    base, item = "/calls/{uid}/key-dates", "/calls/{uid}/key-dates/{date}"
    rows = (
        ("list_key_dates", "GET", base, "List the dates of a call", key_dates.listed),
        ("create_key_date", "POST", base, "Add a date", key_dates.make),
        ("get_key_date", "GET", item, "Get one", key_dates.get),
        ("replace_key_date", "PUT", item, "Replace it", key_dates.replace),
        ("change_key_date", "PATCH", item, "Change some of it", key_dates.patch),
        ("delete_key_date", "DELETE", item, "Take it away", key_dates.delete),
    )
    for verb, method, path, summary, view in rows:
        looks, goes = method == "GET", method == "DELETE"
        is_list = verb.startswith("list")
        yield Operation(
            id=verb, method=method, path=path, summary=summary, view=view, thing=things.CALL,
            scope=READ if looks else TO_WRITE, right=MAY_WRITE, act=SEE if looks else EDIT,
            takes="" if looks or goes else key_dates.ALONE.name,
            gives="KeyDateList" if is_list else "" if goes else "KeyDate",
            status={"POST": 201, "DELETE": 204}.get(method, 200), of_version=method == "POST",
        )  # fmt: skip

    yield Operation(
        id="impact_of_key_date", method="GET", path=f"{item}/impact",
        summary="Whom it concerns if it moves", scope=READ, right=MAY_WRITE, act=PUBLISH,
        thing=things.CALL, view=key_dates.outlook, gives=key_dates.IMPACT.name,
    )  # fmt: skip


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="whoami", method="GET", path="/", summary="Who the token acts for", scope=READ,
        right=MAY_WRITE, act=None, view=own.whoami, gives=own.CALLER.name,
    ),
    *_of_entry(things.CALL, "call"),
    Operation(
        id="cancel_call", method="POST", path="/calls/{uid}/cancel",
        summary="Call it off: its page stays and says so", scope=TO_PUBLISH, right=MAY_WRITE,
        act=PUBLISH, thing=things.CALL, view=entries.cancel, takes=entries.CANCELLING.name,
        gives=things.CALL.table.name,
    ),
    Operation(
        id="duplicate_call", method="POST", path="/calls/{uid}/duplicate",
        summary="Make a draft of its next edition", scope=TO_WRITE, right=MAY_WRITE, act=SEE,
        thing=things.CALL, view=editions.duplicate, takes=publishing.NOTHING.name,
        gives=things.CALL.table.name, status=201,
    ),
    *_of_key_dates(),
    *_of_entry(things.NEWS, "news_item"),
    *(operation for part in things.PARTS for operation in _of_part(part)),
    *(operation for shelf in shelves.SHELVES for operation in of_library.of(shelf)),
)  # fmt: skip
# The objects that requests and answers name, beside the things themselves.
OBJECTS: tuple[Object, ...] = (
    own.CALLER, publishing.PUBLISHING, publishing.NOTHING, reviews.ASKING, reviews.VERDICT,
    publishing.KEEPING, entries.CANCELLING, key_dates.ALONE, key_dates.IMPACT, remarks.REMARKS, earlier.VERSION, earlier.COMPARED,
    photos.PHOTO, photos.WORDS, papers.DOCUMENT, papers.TITLES, shelves.USE, shelves.USES,
    views.HAPPENED,
)  # fmt: skip
