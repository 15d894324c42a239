"""Have a draft read before it is published, and answer who asks: by the rules and mails of the desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from feedsvc.content.desk import letters, reviews
from feedsvc.content.desk.reviews import APPROVED, CHANGES, REJECTED
from feedsvc.i18n import N_
from feedsvc.web.api.editor import publishing, views
from feedsvc.web.api.editor.asked import Answer, Asked
from feedsvc.web.api.editor.objects import Field, Object
from feedsvc.web.api.editor.problems import of_field
from feedsvc.web.api.editor.publishing import SPAN, Span
from feedsvc.web.api.editor.shapes import Choice, Text
from feedsvc.web.api.editor.things import Thing
from feedsvc.web.api.editor.views import View

VERDICTS: Mapping[str, str] = {
    "approve": APPROVED, "request_changes": CHANGES, "reject": REJECTED,
}  # fmt: skip
COMMENT = Field(shape=Text(reviews.LONGEST), meaning="For the other one; it stands in the history")


@dataclass(frozen=True)
class Asking:
    """What is said to who will read it."""

    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class Verdict(Span):
    """What came of the reading, what is said of it, and from when to when readers see it."""

    verdict: str
    comment: str = ""


ASKING = Object("Asking", Asking, {"comment": COMMENT})
VERDICT = Object(
    "Verdict",
    Verdict,
    {
        "verdict": Field(
            shape=Choice(values=tuple(VERDICTS)), needed=N_("Say what came of it."),
            meaning="`approve` publishes it, `request_changes` makes it a draft again",
        ),
        "comment": COMMENT,
        **SPAN,
    },
)  # fmt: skip


def submit(thing: Thing) -> View:
    """Ask those who may publish it to read it: they get a mail."""

    def view(session: Session, asked: Asked) -> Answer:
        said: Asking = publishing.read(ASKING, asked)
        views.fresh(session, thing, asked)
        comment, actor, now = said.comment, asked.actor, asked.now
        entry = reviews.submit(session, asked.found.id, comment=comment, actor=actor, now=now)
        letters.ask(session, entry, comment=comment, actor=actor, settings=asked.settings, now=now)
        return views.told(session, thing, asked, entry)

    return view


def take_back(thing: Thing) -> View:
    """It is a draft again, as if nobody had been asked."""

    def view(session: Session, asked: Asked) -> Answer:
        publishing.read(publishing.NOTHING, asked)
        views.fresh(session, thing, asked)
        entry = reviews.take_back(session, asked.found.id, actor=asked.actor, now=asked.now)
        return views.told(session, thing, asked, entry)

    return view


def answer(thing: Thing) -> View:
    """Publish it, hand it back or refuse it; who asked gets a mail."""

    def view(session: Session, asked: Asked) -> Answer:
        said: Verdict = publishing.read(VERDICT, asked)
        verdict = _known(said.verdict)
        span = publishing.to_come(said, asked)
        views.fresh(session, thing, asked)
        comment, actor, now = said.comment, asked.actor, asked.now
        entry = reviews.answer(
            session, asked.found.id, verdict, version=None, comment=comment, actor=actor, now=now
        )
        letters.tell(
            session, entry, verdict, comment=comment, actor=actor, settings=asked.settings, now=now
        )
        if verdict == APPROVED:
            publishing.publish(session, thing, asked, *span)
        return views.told(session, thing, asked, entry)

    return view


def _known(said: str) -> str:
    """Raises: Invalid (verdict)."""
    if said not in VERDICTS:
        raise of_field("verdict", N_("Choose one of: %(names)s."), names=", ".join(VERDICTS))
    return VERDICTS[said]
