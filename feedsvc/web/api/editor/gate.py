"""The questions that every request must answer, in this order, before its view runs:

1. Who asks? The token in `Authorization`, of an account that can be used now.
2. Do they ask too often? Counted in the database, for all workers.
3. May the token do such a thing, and the account's role?
4. What is sent? Read whole, within its limits, before a transaction begins.
5. Inside the transaction: may they do that with this very entry, in the state that it has now?
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

from flask import request
from sqlalchemy.orm import Session

from feedsvc.auth import rules as roles
from feedsvc.auth.access import changes, queries
from feedsvc.auth.access.queries import Caller
from feedsvc.auth.access.rules import PUBLISH, missing
from feedsvc.content import rights, rules
from feedsvc.content.media import documents, photos
from feedsvc.content.rights import DELETE, EDIT, SUBMIT
from feedsvc.errors import Forbidden, NotFound
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.api import bodies
from feedsvc.web.api.editor.asked import ANYTHING, Asked
from feedsvc.web.api.editor.operation import KINDS, Operation
from feedsvc.web.api.editor.problems import NoScope, NoToken, WrongType, of_field
from feedsvc.web.clients import client

log = logging.getLogger(__name__)

MOST_BYTES = 1_000_000  # of JSON, as of a form without its photo
OVERHEAD = 10_000  # of a multipart body around its photo
JSON, MERGE, FORM = "application/json", "application/merge-patch+json", "multipart/form-data"


def caller() -> Caller:
    """Who asks, counted. Raises: NoToken, TooMany, Forbidden."""
    found = _of_token()
    with context.db().begin() as session:
        changes.count(session, found.token_id, now=context.now())
    whom = context.settings().second_step
    if roles.needs_second_step(found.actor.role, whom) and not found.has_second_step:
        raise Forbidden(N_("This site asks your role for a second step: turn it on first."))
    return found


def check(operation: Operation, who: Caller) -> None:
    """Whether token and role are good for such a thing. Raises: NoScope, Forbidden."""
    _scopes(who, operation.scope)
    if not roles.may(who.actor, operation.right):
        raise Forbidden(rights.REFUSED)


def asked(operation: Operation, who: Caller, path: Mapping[str, str]) -> Asked:
    """What is sent. Raises: Invalid, BadRequest, WrongType; 413 by Flask."""
    allowed = operation.query or {}
    for name in request.args:
        if name not in allowed or len(request.args.getlist(name)) > 1:
            words = N_("The address may not have “%(name)s” here, or not twice.")
            raise of_field(name[:60], words, name=name[:60])
    for name, schema in allowed.items():
        value = request.args.get(name)
        if "enum" in schema and value is not None and value not in schema["enum"]:
            words = N_("Choose one of: %(names)s.")
            raise of_field(name, words, names=", ".join(schema["enum"]))
        if value is not None and "\0" in value:
            raise of_field(name, bodies.NO_CHARACTER)
    known = Asked(
        caller=who, now=context.now(), settings=context.settings(), site=context.site(),
        language=context.lang(), path=path, query=request.args.to_dict(), tags=_tags(),
    )  # fmt: skip
    if operation.takes_file:
        return FILES[operation.takes_file](known)
    return replace(known, body=_json(operation)) if operation.takes else _empty(known)


def found(session: Session, operation: Operation, known: Asked) -> Asked:
    """With the row that the address names. Raises: NotFound, Forbidden, NoScope."""
    thing = operation.thing
    if thing is None or thing.key not in known.path:
        return known
    row = thing.find(session, known.path[thing.key], lock=operation.writes)
    if operation.act is not None:
        about = rights.facts(row, known.now) if row is not None else None
        rights.require(known.actor, operation.act, about)
        if (
            operation.act in (EDIT, SUBMIT, DELETE)
            and about is not None
            and about.state not in rules.UNSEEN
        ):
            _scopes(known.caller, operation.scope, PUBLISH)  # readers see it, will, or have
    elif row is None:
        raise NotFound(N_("There is no entry with this number."))
    return replace(known, found=row)


def _of_token() -> Caller:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.casefold() != "bearer" or not secret:
        raise NoToken(N_("Send a token: Authorization: Bearer feedsvc_…"), wrong=False)
    with context.db().read() as session:
        known = queries.caller(session, secret.strip(), client=client(), now=context.now())
    if known is None:
        log.warning("token refused: client %s", client())
        words = N_("This token is not known, or is good no more. Make a new one.")
        raise NoToken(words, wrong=True)
    return known


def _scopes(who: Caller, *needed: str) -> None:
    if lacking := missing(who.scopes, needed):
        raise NoScope(lacking)


def _tags() -> frozenset[str] | None:
    """The versions of If-Match; weak ones never match (RFC 9110 section 13.1.1)."""
    if "If-Match" not in request.headers:
        return None
    if request.if_match.star_tag:
        return frozenset((ANYTHING,))
    return frozenset(request.if_match.as_set(include_weak=False))


def _json(operation: Operation) -> bodies.Json:
    request.max_content_length = MOST_BYTES
    data = request.get_data(cache=False)
    if not data and operation.method == "POST" and operation.act is not None:
        return {}  # to publish now, nothing needs to be said
    kinds = (JSON, MERGE) if operation.is_merged else (JSON,)
    if request.mimetype not in kinds:
        raise WrongType(N_("Send this as %(kinds)s."), kinds=", ".join(kinds))
    return bodies.parsed(data)


def _photo(known: Asked) -> Asked:
    """With the photo, decoded: that takes a second, in which nobody else could write. Raises: Invalid."""
    limit = known.settings.upload_limit
    request.max_content_length = limit + OVERHEAD
    data, label = _file("photo", limit)
    return replace(known, data=data, photo=photos.read(data, label, limit=limit))


def _document(known: Asked) -> Asked:
    """With the document, looked at. Raises: Invalid."""
    limit = known.settings.document_limit
    request.max_content_length = limit + OVERHEAD
    data, label = _file("document", limit)
    return replace(known, data=data, document=documents.read(data, label, limit=limit))


FILES = {"photo": _photo, "document": _document}


def _file(part: str, limit: int) -> tuple[bytes, str]:
    """The file and its name: one byte more than the limit is enough to see that it is too large."""
    if request.mimetype in KINDS[part]:
        return request.get_data(cache=False), ""
    if request.mimetype != FORM:
        raise WrongType(N_("Send this as %(kinds)s."), kinds=", ".join((*KINDS[part], FORM)))
    if [*request.form, *request.files] != [part] or len(request.files.getlist(part)) != 1:
        words = N_("Send one file, as the part “%(part)s”, and nothing else.")
        raise of_field(part, words, part=part)
    upload = request.files[part]
    return upload.read(limit + 1), upload.filename or ""


def _empty(known: Asked) -> Asked:
    """Nothing that is sent is ignored in silence."""
    request.max_content_length = MOST_BYTES
    if request.get_data(cache=False):
        raise of_field("", N_("This takes no body."))
    return known
