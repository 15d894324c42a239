"""Publish now or later, take off the site, delete: each on a page that says what will happen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc.content import history, rules
from feedsvc.content.desk import two_persons
from feedsvc.content.models import Entry
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import checklist, choices, histories, pages
from feedsvc.web.admin.forms.base import Form
from feedsvc.web.admin.forms.fields import zone_names
from feedsvc.web.admin.forms.publish import LATER, NEVER, NOW, PublishForm, UnpublishForm
from feedsvc.web.admin.gate import actor, blueprint, posted
from feedsvc.web.admin.kinds import KINDS, Kind, address, desk_address, loaded

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
    if request.method == "GET" and _is_asked_about(kind, entry_id):
        return redirect(desk_address(kind, entry_id, "review"), 303)
    form = PublishForm(posted(), data=_planned(kind, entry_id))
    if request.method == "GET" or not form.right():
        status = 200 if request.method == "GET" else 422
        return _publish_page(kind, entry_id, form, status=status)
    at = form.instant()
    try:
        with context.db().begin() as session:
            publish(session, kind, entry_id, at=at, until=form.until())
    except Invalid as invalid:
        form.mark(*at_the_field(invalid))
        return _publish_page(kind, entry_id, form, status=422)
    return pages.done(address(kind, entry_id), published_sentence(form.when.data == NOW, at))


def publish(
    session: Session, kind: Kind, entry_id: int, *, at: datetime, until: datetime | None
) -> None:
    """Publish, under the rule of two persons if the site has it. Raises: Invalid."""
    entry = loaded(session, kind, entry_id)
    two_persons.check(session, entry, actor=actor(), settings=context.settings())
    kind.publish(session, entry_id, at=at, until=until, actor=actor(), now=context.now())


def _is_asked_about(kind: Kind, entry_id: int) -> bool:
    with context.db().read() as session:
        return rules.state(loaded(session, kind, entry_id), context.now()) == "review"


def published_sentence(at_once: bool, at: datetime) -> str:
    say, language = context.lang().gettext, context.lang()
    if at_once:
        return say(N_("Published."))
    when = language.instant(at, context.zone())
    return say(N_("It will be public on %(when)s."), when=when)


def at_the_field(invalid: Invalid) -> list[Problem]:
    """The problems of publishing: the day of leaving has a field here, what is missing has none."""
    return [
        replace(problem, field="until_date" if problem.field == "until" else "")
        for problem in invalid.problems
    ]


def _planned(kind: Kind, entry_id: int) -> dict[str, Any]:
    """What was decided already, as the form shows it."""
    with context.db().read() as session:
        entry = loaded(session, kind, entry_id)
    found: dict[str, Any] = {}
    if rules.state(entry, context.now()) == "scheduled" and entry.publish_at is not None:
        at = entry.publish_at.astimezone(context.zone())
        found = {"when": LATER, "date": at.date(), "time": at.time()}
    until = rules.leaves_at(entry, context.now())
    if until is not None:
        leaves = until.astimezone(context.zone())
        found |= {"until_date": leaves.date(), "until_time": leaves.time()}
    return found


def _publish_page(kind: Kind, entry_id: int, form: PublishForm, *, status: int) -> Response:
    title = N_("Publish “%(title)s”")
    return _page(kind, entry_id, "publish", title=title, form=form, status=status)


def _unpublish(kind: Kind, entry_id: int) -> Response:
    form = UnpublishForm(posted(), data=_leaving(kind, entry_id))
    title = N_("Take “%(title)s” off the site")
    if request.method == "GET" or not form.right():
        status = 200 if request.method == "GET" else 422
        return _page(kind, entry_id, "unpublish", title=title, form=form, status=status)
    say = context.lang().gettext
    try:
        with context.db().begin() as session:
            _take_off(session, kind, entry_id, form)
    except Invalid as invalid:
        form.mark(*(replace(problem, field="date") for problem in invalid.problems))
        return _page(kind, entry_id, "unpublish", title=title, form=form, status=422)
    if form.when.data == NEVER:
        return pages.done(address(kind, entry_id), say(N_("It stays on the site.")))
    if form.when.data == LATER:
        when = context.lang().instant(form.instant(), context.zone())
        sentence = say(N_("It leaves the site by itself on %(when)s."), when=when)
        return pages.done(address(kind, entry_id), sentence)
    return pages.done(address(kind, entry_id), say(N_("It is no longer public.")))


def _take_off(session: Session, kind: Kind, entry_id: int, form: UnpublishForm) -> None:
    if form.when.data not in (LATER, NEVER):
        kind.withdraw(session, entry_id, actor=actor(), now=context.now())
        return
    until = form.instant() if form.when.data == LATER else None
    kind.keep_until(session, entry_id, until=until, actor=actor(), now=context.now())


def _leaving(kind: Kind, entry_id: int) -> dict[str, Any]:
    planned = _planned(kind, entry_id)
    if "until_date" not in planned:
        return {}
    return {"when": LATER, "date": planned["until_date"], "time": planned["until_time"]}


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
            missing=checklist.missing(entry, kind) if act == "publish" else (),
            remarks=checklist.remarks(entry) if act == "publish" else (),
            zones=zone_names(),
            back=address(kind, entry_id),
        )
