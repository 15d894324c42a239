"""Opportunities as bytes, kept: each is rendered once for a revision, a language and its dates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from flask import current_app
from flask.blueprints import BlueprintSetupState
from sqlalchemy.orm import Session

from feedsvc.calls import opportunities as calls
from feedsvc.calls.opportunities import Ref
from feedsvc.feeds.fragments import Fragment, Store
from feedsvc.web.api import answers
from feedsvc.web.api.opportunity import opportunity
from feedsvc.web.views.reader import Reader

EXTENSION = "feedsvc.api.opportunities"
MOST_BYTES = 25_000_000  # about five thousand calls in one language


def install(state: BlueprintSetupState) -> None:
    state.app.extensions[EXTENSION] = Store(MOST_BYTES)


def opportunities(session: Session, refs: Sequence[Ref], reader: Reader) -> list[bytes]:
    """Those calls in that order; only what is not kept is read whole."""
    store = cast("Store", current_app.extensions[EXTENSION])
    keys = {ref.id: (ref, reader.language.code) for ref in refs}
    kept = store.among(keys.values())
    missing = [ref.id for ref in refs if keys[ref.id] not in kept]
    for call in calls.whole(session, missing) if missing else ():
        fragment = Fragment(answers.encoded(opportunity(call, reader)))
        store.put(keys[call.id], fragment)
        kept[keys[call.id]] = fragment
    return [kept[key].data for key in keys.values()]
