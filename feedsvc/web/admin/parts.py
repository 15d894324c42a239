"""Clusters, organisations and programmes: the same pages for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc import urls
from feedsvc.content import clusters, history, organisations, queries, static_pages
from feedsvc.content.models import Cluster, Organisation, Programme, StaticPage
from feedsvc.errors import Conflict, Invalid, NotFound
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import choices, histories, pages, rows
from feedsvc.web.admin.forms.base import Form
from feedsvc.web.admin.forms.entry import whole
from feedsvc.web.admin.forms.parts import (
    ClusterForm,
    OrganisationForm,
    PageForm,
    ProgrammeForm,
    cluster_values,
    organisation_values,
    page_values,
    programme_values,
)
from feedsvc.web.admin.gate import actor, blueprint, only_shown
from feedsvc.web.views.reader import here

HISTORY_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Part:
    """One kind of thing that entries refer to, or a page of the site, and who writes it.

    What is always there can be neither made nor deleted: it has no `create` and no `delete`.
    """

    name: str
    path: str
    model: type[Any]
    form: type[Any]
    values: Callable[[Any], dict[str, Any]]
    every: Callable[[Session], Sequence[Any]]
    create: Callable[..., Any] | None = None
    edit: Callable[..., Any]
    delete: Callable[..., None] | None = None
    list_title: str
    new_title: str = ""
    called: Callable[[Any], str]
    delete_note: str = ""
    place: Callable[[Any], str] = lambda _: ""  # its page on the site
    load: Callable[[Session, int], Any] | None = None

    def found(self, session: Session, part_id: int) -> Any:
        """The row of that id; None if there is none."""
        return self.load(session, part_id) if self.load else session.get(self.model, part_id)


def _title(page: StaticPage) -> str:
    return here().pick(page.texts).text.title


PARTS = {
    part.path: part
    for part in (
        Part(
            name="cluster",
            path="clusters",
            model=Cluster,
            form=ClusterForm,
            values=cluster_values,
            every=queries.clusters,
            create=clusters.create_cluster,
            edit=clusters.edit_cluster,
            delete=clusters.delete_cluster,
            list_title=N_("Clusters"),
            new_title=N_("Add a cluster"),
            called=lambda row: choices.name(row.texts),
            place=lambda row: urls.cluster(row.slug),
            delete_note=N_(
                "Its news and calls stay. Its page and its feeds answer “gone” for good."
            ),
        ),
        Part(
            name="organisation",
            path="organisations",
            model=Organisation,
            form=OrganisationForm,
            values=organisation_values,
            every=queries.organisations,
            create=organisations.create_organisation,
            edit=organisations.edit_organisation,
            delete=organisations.delete_organisation,
            list_title=N_("Organisations"),
            new_title=N_("Add an organisation"),
            called=lambda row: choices.name(row.texts),
            delete_note=N_("An organisation that calls name as their funder cannot be deleted."),
        ),
        Part(
            name="programme",
            path="programmes",
            model=Programme,
            form=ProgrammeForm,
            values=programme_values,
            every=queries.programmes,
            create=organisations.create_programme,
            edit=organisations.edit_programme,
            delete=organisations.delete_programme,
            list_title=N_("Programmes"),
            new_title=N_("Add a programme"),
            called=lambda row: row.name,
            delete_note=N_("Its calls stay, without a programme."),
        ),
        Part(
            name="page",
            path="pages",
            model=StaticPage,
            form=PageForm,
            values=page_values,
            every=static_pages.every,
            edit=static_pages.edit_page,
            list_title=N_("Pages"),
            called=_title,
            place=lambda row: f"/{static_pages.name(row.id)}",
            load=static_pages.loaded,
        ),
    )
}
PATH = "/<any(clusters,organisations,programmes,pages):path>/"


@blueprint.get(PATH)
def parts(path: str) -> Response:
    part = PARTS[path]
    with context.db().read() as session:
        return pages.page(
            "parts/list.html",
            title=context.lang().gettext(part.list_title),
            section=path,
            part=part,
            items=part.every(session),
            owner_name=lambda row: choices.name(row.texts),
        )


@blueprint.route(PATH + "new", methods=["GET", "POST"])
def part_new(path: str) -> Response:
    part = PARTS[path]
    if part.create is None:
        raise NotFound(N_("There is no page at this address."))
    return _respond(part, None)


@blueprint.route(PATH + "<int:part_id>", methods=["GET", "POST"])
def part_edit(path: str, part_id: int) -> Response:
    return _respond(PARTS[path], part_id)


@blueprint.route(PATH + "<int:part_id>/delete", methods=["GET", "POST"])
def part_delete(path: str, part_id: int) -> Response:
    part, form = PARTS[path], Form()
    if part.delete is None:
        raise NotFound(N_("There is no page at this address."))
    if request.method == "POST":
        try:
            with context.db().begin() as session:
                part.delete(session, part_id, actor=actor(), now=context.now())
        except Invalid as invalid:
            form.mark(*invalid.problems)
        else:
            gone = context.lang().gettext(N_("Deleted."))
            return pages.done(url_for("admin.parts", path=path), gone)
    with context.db().read() as session:
        row = _loaded(session, part, part_id)
        title = context.lang().gettext(N_("Delete “%(title)s”"), title=part.called(row))
        return pages.page(
            "parts/delete.html",
            title=title,
            section=path,
            problems=form.problems(),
            status=422 if form.marks else 200,
            part=part,
            back=url_for("admin.part_edit", path=path, part_id=part_id),
        )


@blueprint.get(PATH + "<int:part_id>/history")
def part_history(path: str, part_id: int) -> Response:
    part = PARTS[path]
    with context.db().read() as session:
        row = _loaded(session, part, part_id)
        told = histories.told(history.of(session, part.name, part_id, limit=500), context.lang())
        return pages.page(
            "history.html",
            title=context.lang().gettext(N_("History of “%(title)s”"), title=part.called(row)),
            section=path,
            history=told,
            back=url_for("admin.part_edit", path=path, part_id=part_id),
        )


def _respond(part: Part, part_id: int | None) -> Response:
    if request.method == "GET":
        with context.db().read() as session:
            values = part.values(_loaded(session, part, part_id)) if part_id is not None else {}
            return _page(session, part, part.form(data=values), part_id)
    form = part.form(request.form)
    cursor = rows.changed(form, request.form.get("action", "save"))
    if cursor is not None or only_shown():
        with context.db().read() as session:
            return _page(session, part, form, part_id, cursor=cursor or "")
    try:
        saved = _written(part, form, part_id)
    except Invalid as invalid:
        form.mark(*invalid.problems)
        return _again(part, form, part_id)
    except Conflict as conflict:
        return _conflict(part, form, part_id or 0, conflict)
    address = url_for("admin.part_edit", path=part.path, part_id=saved)
    return pages.done(address, context.lang().gettext(N_("Saved.")))


def _written(part: Part, form: Any, part_id: int | None) -> int:
    """The id of what was written.

    Writing tells what else is wrong with a form that cannot be read whole, and is then taken back.
    Raises: Invalid, Conflict, NotFound.
    """
    edit, right = form.edit(), form.right()
    with context.db().begin() as session:
        if part_id is None:
            assert part.create is not None
            row = part.create(session, edit, actor=actor(), now=context.now())
        else:
            row = part.edit(session, part_id, edit, actor=actor(), now=context.now())
        if not right:
            raise Invalid
        return int(row.id)


def _again(part: Part, form: Form, part_id: int | None) -> Response:
    with context.db().read() as session:
        return _page(session, part, form, part_id, status=422)


def _conflict(part: Part, form: Any, part_id: int, conflict: Conflict) -> Response:
    with context.db().read() as session:
        row = _loaded(session, part, part_id)
        newer = row.version - (whole(form.version.data) or 0)
        form.version.data, form.version.raw_data = row.version, None
        others = history.of(session, part.name, part_id, limit=max(newer, 1))
        return _page(
            session,
            part,
            form,
            part_id,
            status=409,
            conflict=context.lang().gettext(conflict.message, **conflict.values),
            others=histories.told(others, context.lang()),
        )


def _page(
    session: Session,
    part: Part,
    form: Any,
    part_id: int | None,
    *,
    status: int = 200,
    cursor: str = "",
    **values: object,
) -> Response:
    row = _loaded(session, part, part_id) if part_id is not None else None
    if isinstance(form, ProgrammeForm):
        form.owner.choices = [("", context.lang().gettext(N_("none")))]
        form.owner.choices += choices.organisations(session)
    past = history.of(session, part.name, row.id, limit=HISTORY_SHOWN) if row else ()
    return pages.page(
        f"parts/{part.path}.html",
        title=part.called(row) if row else context.lang().gettext(part.new_title),
        section=part.path,
        problems=form.problems(),
        status=status,
        part=part,
        form=form,
        row=row,
        history=histories.told(past, context.lang()),
        blank=rows.blank,
        cursor=cursor,
        **values,
    )


def _loaded(session: Session, part: Part, part_id: int) -> Any:
    row = part.found(session, part_id)
    if row is None:
        raise NotFound(N_("There is no entry with this number."))
    return row
