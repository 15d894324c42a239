"""Publish now or later, take off the site, delete: each on a page that says what will happen."""

from __future__ import annotations

from flask import request, url_for
from werkzeug.wrappers import Response

from feedsvc.content import history, rules
from feedsvc.content.models import Entry
from feedsvc.errors import Invalid
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import checklist, choices, histories, pages
from feedsvc.web.admin.forms.base import Form
from feedsvc.web.admin.forms.fields import zone_names
from feedsvc.web.admin.forms.publish import NOW, PublishForm
from feedsvc.web.admin.gate import actor, blueprint, posted
from feedsvc.web.admin.kinds import KINDS, Kind, address, loaded

BOTH = ["GET", "POST"]


@blueprint.route("/news/<int:entry_id>/publish", methods=BOTH, endpoint="news_publish")
def publish_news(entry_id: int) -> Response:
    return _publish(KINDS["news"], entry_id)


@blueprint.route("/calls/<int:entry_id>/publish", methods=BOTH, endpoint="call_publish")
def publish_call(entry_id: int) -> Response:
    return _publish(KINDS["calls"], entry_id)


@blueprint.route("/news/<int:entry_id>/unpublish", methods=BOTH, endpoint="news_unpublish")
def unpublish_news(entry_id: int) -> Response:
    return _unpublish(KINDS["news"], entry_id)


@blueprint.route("/calls/<int:entry_id>/unpublish", methods=BOTH, endpoint="call_unpublish")
def unpublish_call(entry_id: int) -> Response:
    return _unpublish(KINDS["calls"], entry_id)


@blueprint.route("/news/<int:entry_id>/delete", methods=BOTH, endpoint="news_delete")
def delete_news(entry_id: int) -> Response:
    return _delete(KINDS["news"], entry_id)


@blueprint.route("/calls/<int:entry_id>/delete", methods=BOTH, endpoint="call_delete")
def delete_call(entry_id: int) -> Response:
    return _delete(KINDS["calls"], entry_id)


@blueprint.get("/<any(news,calls):path>/<int:entry_id>/history")
def history_of(path: str, entry_id: int) -> Response:
    """Every change of one entry, newest first."""
    kind = KINDS[path]
    with context.db().read() as session:
        entry = loaded(session, kind, entry_id)
        told = histories.told(history.of(session, kind.name, entry_id, limit=500), context.lang())
        return pages.page(
            "history.html",
            title=context.lang().gettext(N_("History of “%(title)s”"), title=choices.title(entry)),
            section=path,
            history=told,
            back=address(kind, entry_id),
        )


def _publish(kind: Kind, entry_id: int) -> Response:
    form = PublishForm(posted())
    if request.method == "GET" or not form.right():
        status = 200 if request.method == "GET" else 422
        return _page(
            kind, entry_id, "publish", title=N_("Publish “%(title)s”"), form=form, status=status
        )
    at = form.instant()
    with context.db().begin() as session:
        kind.publish(session, entry_id, at=at, actor=actor(), now=context.now())
    say, language = context.lang().gettext, context.lang()
    if form.when.data == NOW:
        return pages.done(address(kind, entry_id), say(N_("Published.")))
    when = language.instant(at, context.zone())
    return pages.done(address(kind, entry_id), say(N_("It will be public on %(when)s."), when=when))


def _unpublish(kind: Kind, entry_id: int) -> Response:
    if request.method == "GET":
        return _page(
            kind, entry_id, "unpublish", title=N_("Take “%(title)s” off the site"), form=Form()
        )
    with context.db().begin() as session:
        kind.withdraw(session, entry_id, actor=actor(), now=context.now())
    sentence = context.lang().gettext(N_("It is no longer public."))
    return pages.done(address(kind, entry_id), sentence)


def _delete(kind: Kind, entry_id: int) -> Response:
    if request.method == "GET":
        return _asked_to_delete(kind, entry_id, Form(), status=200)
    try:
        with context.db().begin() as session:
            kind.delete(session, entry_id, actor=actor(), now=context.now())
    except Invalid as invalid:
        form = Form()
        form.mark(*invalid.problems)
        return _asked_to_delete(kind, entry_id, form, status=422)
    return pages.done(url_for(f"admin.{kind.path}"), context.lang().gettext(N_("Deleted.")))


def _asked_to_delete(kind: Kind, entry_id: int, form: Form, *, status: int) -> Response:
    title = N_("Delete “%(title)s”")
    return _page(kind, entry_id, "delete", title=title, form=form, status=status)


def _page(
    kind: Kind, entry_id: int, act: str, *, title: str, form: Form, status: int = 200
) -> Response:
    with context.db().read() as session:
        entry: Entry = loaded(session, kind, entry_id)
        return pages.page(
            f"{act}.html",
            title=context.lang().gettext(title, title=choices.title(entry)),
            section=kind.path,
            problems=form.problems(),
            status=status,
            kind=kind,
            entry=entry,
            form=form,
            state=rules.state(entry, context.now()),
            remarks=checklist.remarks(entry) if act == "publish" else (),
            zones=zone_names(),
            back=address(kind, entry_id),
        )
