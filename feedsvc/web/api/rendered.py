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
    # What is rendered depends on the settings too, which may be decided anew at any time.
    about = (reader.language.code, reader.site.languages, reader.zone.key)
    keys = [(ref, about) for ref in refs]
    found = store.among(keys)
    missing = [ref.id for ref, kept in zip(refs, found, strict=True) if kept is None]
    made: dict[int, Fragment] = {}
    for call in calls.whole(session, missing) if missing else ():
        made[call.id] = Fragment(answers.encoded(opportunity(call, reader)))
    for key, ref in zip(keys, refs, strict=True):
        if ref.id in made:
            store.put(key, made[ref.id])
    return [(kept or made[ref.id]).data for ref, kept in zip(refs, found, strict=True)]
