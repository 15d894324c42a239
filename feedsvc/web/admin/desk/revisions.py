"""Earlier versions of an entry: which there are, what differs between two, and how one comes back."""

from __future__ import annotations

from dataclasses import replace

from flask import request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc.content import rights as entry_rights
from feedsvc.content import rules
from feedsvc.content.desk import revisions, standing, two_persons
from feedsvc.content.desk.revisions import Revision
from feedsvc.content.models import Entry
from feedsvc.errors import Invalid
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import choices, pages
from feedsvc.web.admin import rights as admin_rights
from feedsvc.web.admin.desk import comparing
from feedsvc.web.admin.forms.base import Form
from feedsvc.web.admin.forms.entry import whole
from feedsvc.web.admin.gate import actor, blueprint, posted
from feedsvc.web.admin.kinds import KINDS, Kind, address, loaded

PLACE = "/<any(news,calls):path>/<int:entry_id>/versions"


@blueprint.get(PLACE, endpoint="revisions")
def index(path: str, entry_id: int) -> Response:
    """Every version, and what differs between the two that are chosen: the last two at first."""
    kind = KINDS[path]
    with context.db().read() as session:
        entry = loaded(session, kind, entry_id)
        found = revisions.all_of(session, entry, kind.snapshot(entry))
        new = _chosen(found, "new") or found[0]
        old = _chosen(found, "old") or found[min(1, len(found) - 1)]
        return pages.page(
            "desk/versions.html",
            title=context.lang().gettext(N_("Versions of “%(title)s”"), title=choices.title(entry)),
            section=path,
            kind=kind,
            entry=entry,
            found=found,
            old=old,
            new=new,
            differences=comparing.differences(old.values, new.values, context.lang()),
            back=address(kind, entry_id),
        )


@blueprint.route(f"{PLACE}/<int:number>", methods=["GET", "POST"], endpoint="revision")
def restore(path: str, entry_id: int, number: int) -> Response:
    """What would be different, and the button that brings that version back."""
    kind, form = KINDS[path], Form()
    if posted() is not None:
        try:
            with context.db().begin() as session:
                left_out = _bring_back(session, kind, entry_id, number)
        except Invalid as invalid:
            form.mark(*(replace(problem, field="") for problem in invalid.problems))
        else:
            say = context.lang().gettext
            sentence = say(N_("That version is back."))
            if left_out:
                names = context.lang().list(left_out)
                more = say(N_("What is not there any more was left out: %(names)s."), names=names)
                sentence = f"{sentence} {more}"
            return pages.done(address(kind, entry_id), sentence)
    return _page(kind, entry_id, number, form)


def _bring_back(session: Session, kind: Kind, entry_id: int, number: int) -> list[str]:
    """An edit like any other, of the version that the page was made of; what had to be left out."""
    entry = loaded(session, kind, entry_id)
    now = context.now()
    found = revisions.all_of(session, entry, kind.snapshot(entry))
    wanted = revisions.numbered(found, number)
    earlier, left_out = standing.edit(session, wanted.values, kind.edit_of)
    edit = replace(earlier, version=whole(request.form.get("version")))
    scheduled = two_persons.scheduled_version(session.get(Entry, entry_id), context.now())
    entry = kind.edit(session, entry_id, edit, actor=actor(), now=now)
    entry_rights.check_written(actor(), entry_rights.facts(entry, now))
    two_persons.hold(
        session, entry, scheduled, kind.withdraw,
        actor=actor(), settings=context.settings(), now=context.now(),
    )  # fmt: skip
    return left_out


def _page(kind: Kind, entry_id: int, number: int, form: Form) -> Response:
    with context.db().read() as session:
        entry = loaded(session, kind, entry_id)
        found = revisions.all_of(session, entry, kind.snapshot(entry))
        wanted = revisions.numbered(found, number)
        when = context.lang().stamp(wanted.at, context.zone())
        return pages.page(
            "desk/version.html",
            title=context.lang().gettext(N_("The version of %(when)s"), when=when),
            section=kind.path,
            problems=form.problems(),
            status=422 if form.marks else 200,
            kind=kind,
            entry=entry,
            wanted=wanted,
            is_public=rules.is_public(entry, context.now()),
            may_edit=entry_rights.EDIT in admin_rights.of_entry(entry, actor(), context.now()),
            differences=comparing.differences(found[0].values, wanted.values, context.lang()),
            back=url_for("admin.revisions", path=kind.path, entry_id=entry_id),
        )


def _chosen(found: list[Revision], name: str) -> Revision | None:
    number = whole(request.args.get(name))
    return next((one for one in found if one.number == number), None)
