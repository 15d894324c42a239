"""The next edition of a call: a draft with its dates moved on, as the form's button makes it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from feedsvc.auth.access.rules import PUBLISH
from feedsvc.calls import copies
from feedsvc.content import rights, rules
from feedsvc.content.rights import EDIT
from feedsvc.web.api.editor import publishing, views
from feedsvc.web.api.editor.asked import Answer, Asked
from feedsvc.web.api.editor.things import CALL


def duplicate(session: Session, asked: Asked) -> Answer:
    """Raises: Invalid, if the draft would be nobody's who asks."""
    publishing.read(publishing.NOTHING, asked)
    views.fresh(session, CALL, asked)
    copy = copies.next_edition(
        session, asked.found.id, may_edit=_may_edit(asked),
        languages=asked.settings.languages, actor=asked.actor, now=asked.now,
    )  # fmt: skip
    rights.check_written(asked.actor, rights.facts(copy, asked.now))
    return Answer(
        body=CALL.told(session, asked, copy), status=201, version=copy.version,
        place=f"/{CALL.path}/{copy.uid}",
    )  # fmt: skip


def _may_edit(asked: Asked) -> bool:
    """Whether the call itself may get a series: what readers see takes the scope for that."""
    about = rights.facts(asked.found, asked.now)
    is_unseen = about.state in rules.UNSEEN
    return rights.may(asked.actor, EDIT, about) and (is_unseen or PUBLISH in asked.caller.scopes)
