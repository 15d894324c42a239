"""The OpenAPI 3.1 document of the API, made of its operations and of the tables of its things."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from feedsvc.auth.access import answers, rules
from feedsvc.settings import Settings
from feedsvc.web.api.editor import earlier, problems, things, views
from feedsvc.web.api.editor.asked import BASE as BASE
from feedsvc.web.api.editor.gate import FORM, JSON, MERGE
from feedsvc.web.api.editor.library import shelves
from feedsvc.web.api.editor.library.shelves import Shelf
from feedsvc.web.api.editor.objects import Object
from feedsvc.web.api.editor.operation import KINDS, Operation
from feedsvc.web.api.editor.operations import OBJECTS, OPERATIONS
from feedsvc.web.api.editor.things import Thing

Json = dict[str, Any]

DOCUMENT = "/openapi.json"
VERSION = "1.0.0"  # of this API
ABOUT = (
    "For programs that write and publish in the name of an account. Rules, errors and history are "
    "those of the forms. A token is made at /admin/tokens/ and sent as `Authorization: Bearer`."
)
SCOPES = {
    rules.READ: "see what the account sees, drafts too",
    rules.WRITE: "write drafts",
    rules.PUBLISH: "publish, and change what readers see",
    rules.CHANGE_PARTS: "change clusters, organisations, programmes and pages",
    rules.MEDIA: "bring photos and documents, say what they are, delete them",
}
REASONS = {
    400: "The body or the address cannot be understood",
    401: "There is no token, or none that is good",
    403: "The token, or its account, may not do this",
    404: "There is nothing at this address, or not for this account",
    409: "A request with the same key is being answered, or the state of the entry has changed",
    412: "It was changed since; the answer says by whom and what",
    413: "The body is too large",
    415: "The body is of a kind that is not read here",
    422: "It cannot be kept as it is; `errors` says why, by field",
    428: "If-Match is missing",
    429: "The token has asked too often; Retry-After says for how long to wait",
}


def document(settings: Settings) -> Json:
    """The whole document, for the site of these settings."""
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{settings.site_name}: editing", "version": VERSION, "description": ABOUT},
        "servers": [{"url": settings.base_url.rstrip("/") + BASE}],
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "schemas": dict(_schemas()),
            "responses": {problems.NAMES[status]: _refusal(status) for status in REASONS},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": _scopes()}
            },
        },
    }  # fmt: skip


def _scopes() -> str:
    told = "; ".join(f"`{name}`: {meaning}" for name, meaning in SCOPES.items())
    return f"Made at /admin/tokens/. Scopes: {told}."


def _paths() -> Json:
    paths: Json = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return paths


def _operation(operation: Operation) -> Json:
    told: Json = {
        "operationId": operation.id,
        "summary": operation.summary,
        "description": f"Scope: `{operation.scope}`.",
        "tags": [operation.path.split("/")[1] or "token"],
        "parameters": list(_parameters(operation)),
        "responses": {str(operation.status): _success(operation), **_problems(operation)},
    }
    if operation.takes:
        told["requestBody"] = _body(operation)
    return told


def _parameters(operation: Operation) -> Iterator[Json]:
    for name in re.findall(r"\{(\w+)\}", operation.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    for name, schema in (operation.query or {}).items():
        yield {"name": name, "in": "query", "schema": schema}
    if operation.needs_version or (operation.writes and operation.act):
        yield {
            "name": "If-Match", "in": "header", "required": operation.needs_version,
            "schema": {"type": "string"}, "description": "The ETag that was read, or *",
        }  # fmt: skip
    if operation.method == "POST":
        most = {"type": "string", "minLength": 1, "maxLength": answers.LONGEST_KEY}
        yield {
            "name": answers.HEADER, "in": "header", "schema": most,
            "description": "Repeated within 24 hours, the request is answered as it was before",
        }  # fmt: skip
    yield {
        "name": "Accept-Language", "in": "header", "schema": {"type": "string"},
        "description": "Of the sentences in problems",
    }  # fmt: skip


def _body(operation: Operation) -> Json:
    if part_name := operation.takes_file:
        file = {"type": "string", "contentMediaType": "application/octet-stream"}
        part = {"type": "object", "properties": {part_name: file}, "required": [part_name]}
        kinds: Json = {kind: {"schema": {}} for kind in KINDS[part_name]}
        return {"required": True, "content": {**kinds, FORM: {"schema": part}}}
    if operation.is_merged:
        words = f"A merge patch (RFC 7396) of {operation.takes}: null takes away"
        content = {"schema": {"type": "object", "description": words}}
        return {"required": True, "content": {JSON: content, MERGE: content}}
    required = operation.act is None or operation.method == "PUT"
    return {"required": required, "content": {JSON: {"schema": _ref(operation.takes)}}}


def _success(operation: Operation) -> Json:
    if not operation.gives:
        return {"description": "Done"}
    return {"description": "Success", "content": {JSON: {"schema": _ref(operation.gives)}}}


def _problems(operation: Operation) -> Json:
    statuses = [400, 401, 403, 422, 429]
    if "{" in operation.path:
        statuses.append(404)
    if operation.takes:
        statuses += [413, 415]
    if (operation.writes and operation.act) or operation.needs_version:
        statuses.append(412)
    if operation.needs_version:
        statuses.append(428)
    if operation.method == "POST":
        statuses.append(409)
    return {
        str(status): {"$ref": f"#/components/responses/{problems.NAMES[status]}"}
        for status in sorted(set(statuses))
    }


def _refusal(status: int) -> Json:
    content = {problems.MEDIA_TYPE: {"schema": _ref("Problem")}}
    return {"description": REASONS[status], "content": content}


def _schemas() -> Iterator[tuple[str, Json]]:
    """Each object once, by its name."""
    for thing in (*things.ENTRIES, *things.PARTS):
        yield from _inside(thing.table)
        yield thing.table.name, thing.component()
        yield f"{thing.table.name}List", _list_of(thing)
    for found in OBJECTS:
        yield from _inside(found)
        yield found.name, found.component()
    for entry in things.ENTRIES:
        yield earlier.restored(entry), earlier.component(entry)
    for shelf in shelves.SHELVES:
        yield f"{shelf.told.name}List", _page_of(shelf)
    yield "KeyDateList", _listed(_ref("KeyDate"))
    yield "VersionList", _listed(_ref(earlier.VERSION.name))
    yield "History", _listed(_ref(views.HAPPENED.name))
    yield "Problem", problems.schema()


def _inside(table: Object) -> Iterator[tuple[str, Json]]:
    for part in table.parts():
        yield part.name, part.component()


def _list_of(thing: Thing) -> Json:
    whole = _listed(_ref(thing.table.name))
    if thing.is_entry:
        whole["properties"]["next"] = {
            "type": ["string", "null"], "description": "For `after`; null at the end"
        }  # fmt: skip
    return whole


def _page_of(shelf: Shelf) -> Json:
    page = {name: {"type": "integer", "minimum": 1} for name in ("page", "pages")}
    whole = _listed(_ref(shelf.told.name))
    return {**whole, "properties": {**whole["properties"], **page}}


def _listed(of: Json) -> Json:
    return {"type": "object", "properties": {"items": {"type": "array", "items": of}}}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}
