"""Ask for a draft to be read before it is published, and answer whoever asks."""

from __future__ import annotations

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc.auth.models import Account
from feedsvc.content import rules
from feedsvc.content.desk import letters, reviews, two_persons
from feedsvc.content.desk.reviews import APPROVED, CHANGES, REJECTED
from feedsvc.errors import Conflict, Invalid
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import checklist, choices, pages, publication
from feedsvc.web.admin.desk.words import SAID
from feedsvc.web.admin.forms.base import Form
from feedsvc.web.admin.forms.entry import whole
from feedsvc.web.admin.forms.fields import zone_names
from feedsvc.web.admin.forms.publish import NOW, ReviewForm, SubmitForm
from feedsvc.web.admin.gate import actor, blueprint, posted
from feedsvc.web.admin.kinds import KINDS, Kind, address, loaded

PLACE = "/<any(news,calls):path>/<int:entry_id>"
BOTH = ["GET", "POST"]
DONE = {
    CHANGES: N_("It is a draft again, and its author is told."),
    REJECTED: N_("It is refused, and its author is told."),
}


@blueprint.route(f"{PLACE}/submit", methods=BOTH, endpoint="entry_submit")
def submit(path: str, entry_id: int) -> Response:
    """Ask somebody who may publish it to read it."""
    kind, form = KINDS[path], SubmitForm(posted())
    if request.method == "GET" or not form.right():
        return _page(kind, entry_id, "submit", N_("Have “%(title)s” read"), form)
    comment = form.comment.data or ""
    try:
        with context.db().begin() as session:
            entry = reviews.submit(
                session, entry_id, comment=comment, actor=actor(), now=context.now()
            )
            told = letters.ask(
                session, entry, comment=comment, actor=actor(), settings=context.settings(),
                now=context.now(),
            )  # fmt: skip
    except Invalid as invalid:
        form.mark(*invalid.problems)
        return _page(kind, entry_id, "submit", N_("Have “%(title)s” read"), form)
    sentence = context.lang().ngettext(
        "It waits to be read; %(n)s person is told.",
        "It waits to be read; %(n)s people are told.",
        told,
    )
    return pages.done(address(kind, entry_id), sentence)


@blueprint.post(f"{PLACE}/take-back", endpoint="entry_take_back")
def take_back(path: str, entry_id: int) -> Response:
    with context.db().begin() as session:
        reviews.take_back(session, entry_id, actor=actor(), now=context.now())
    sentence = context.lang().gettext(N_("It is a draft again."))
    return pages.done(address(KINDS[path], entry_id), sentence)


@blueprint.route(f"{PLACE}/review", methods=BOTH, endpoint="entry_review")
def review(path: str, entry_id: int) -> Response:
    """Read it, and publish it, hand it back or refuse it."""
    kind, form = KINDS[path], ReviewForm(posted())
    title = N_("Review of “%(title)s”")
    if request.method == "GET" or not form.right():
        return _page(kind, entry_id, "review", title, form)
    try:
        with context.db().begin() as session:
            _answer(session, kind, entry_id, form)
    except Invalid as invalid:
        form.mark(*publication.at_the_field(invalid))
        return _page(kind, entry_id, "review", title, form)
    verdict = str(form.verdict.data)
    if verdict in DONE:
        return pages.done(address(kind, entry_id), context.lang().gettext(DONE[verdict]))
    sentence = publication.published_sentence(form.when.data == NOW, form.instant())
    return pages.done(address(kind, entry_id), sentence)


def _answer(session: Session, kind: Kind, entry_id: int, form: ReviewForm) -> None:
    verdict, comment = str(form.verdict.data), form.comment.data or ""
    entry = reviews.answer(
        session, entry_id, verdict, version=whole(form.version.data), comment=comment,
        actor=actor(), now=context.now(),
    )  # fmt: skip
    letters.tell(
        session, entry, verdict, comment=comment, actor=actor(), settings=context.settings(),
        now=context.now(),
    )  # fmt: skip
    if verdict == APPROVED:
        publication.publish(session, kind, entry_id, at=form.instant(), until=form.until())


def _page(kind: Kind, entry_id: int, act: str, title: str, form: Form) -> Response:
    with context.db().read() as session:
        entry = loaded(session, kind, entry_id)
        if act == "review" and rules.state(entry, context.now()) != "review":
            raise Conflict(N_("Nobody waits for an answer about it any more. Look at it again."))
        if isinstance(form, ReviewForm) and posted() is None:
            form.version.data = entry.version
        author = session.get(Account, entry.created_by) if entry.created_by else None
        return pages.page(
            f"desk/{act}.html",
            title=context.lang().gettext(title, title=choices.title(entry)),
            section=kind.path,
            problems=form.problems(),
            status=422 if form.marks else 200,
            kind=kind,
            entry=entry,
            form=form,
            author=author.name if author else "",
            thread=reviews.thread(session, entry),
            said=SAID,
            barred=two_persons.bars(session, entry, actor=actor(), settings=context.settings()),
            missing=checklist.missing(entry, kind),
            remarks=checklist.remarks(entry),
            zones=zone_names(),
            back=address(kind, entry_id),
        )
