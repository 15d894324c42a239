"""The documents of the library: look through them, bring some, give one its title, let it go."""

from __future__ import annotations

from flask import request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc.content import history
from feedsvc.content.media import documents, queries, recognise, rules
from feedsvc.content.media.models import Document
from feedsvc.errors import Conflict, Invalid
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import histories, pages
from feedsvc.web.admin.forms.base import ErrorLine, Form
from feedsvc.web.admin.forms.entry import whole
from feedsvc.web.admin.forms.media import DocumentForm, document_values
from feedsvc.web.admin.gate import actor, blueprint
from feedsvc.web.admin.media import brought, chosen, shown

HISTORY_SHOWN = 5


@blueprint.route("/documents/", methods=["GET", "POST"], endpoint="documents")
def index() -> Response:
    """The library; its form brings documents."""
    if request.method == "GET":
        return _library([])
    kept, refused = brought.each("papers", chosen.store_document)
    if refused or not kept:
        return _library(refused or [brought.nothing("papers")])
    if len(kept) == 1:
        said = context.lang().gettext(N_("Kept. Now give it a title."))
        return pages.done(_address(kept[0]), said)
    said = context.lang().ngettext("%(n)s document kept.", "%(n)s documents kept.", len(kept))
    return pages.done(url_for("admin.documents"), said)


@blueprint.route("/documents/<int:document_id>", methods=["GET", "POST"], endpoint="document_edit")
def edit(document_id: int) -> Response:
    """What one document is called."""
    if request.method == "GET":
        with context.db().read() as session:
            document = queries.document(session, document_id, actor(), context.now())
            return _page(session, document, DocumentForm(data=document_values(document)))
    form = DocumentForm(request.form)
    if not form.right():
        return _again(document_id, form)
    try:
        with context.db().begin() as session:
            documents.edit_document(
                session, document_id, form.edit(), actor=actor(), now=context.now()
            )
    except Conflict as conflict:
        said = context.lang().gettext(conflict.message)
        return _again(document_id, form, status=409, conflict=said)
    return pages.done(_address(document_id), context.lang().gettext(N_("Saved.")))


@blueprint.route(
    "/documents/<int:document_id>/delete", methods=["GET", "POST"], endpoint="document_delete"
)
def delete(document_id: int) -> Response:
    form = Form()
    if request.method == "POST":
        try:
            with context.db().begin() as session:
                documents.delete_document(session, document_id, actor=actor(), now=context.now())
        except Invalid as invalid:
            form.mark(*invalid.problems)
        else:
            return pages.done(url_for("admin.documents"), context.lang().gettext(N_("Deleted.")))
    with context.db().read() as session:
        document = queries.document(session, document_id, actor(), context.now(), to_change=True)
        return brought.delete_page(shown.title(document), "media", form, back=_address(document_id))


def _library(problems: list[ErrorLine]) -> Response:
    words, unused = request.args.get("q", "").strip(), bool(request.args.get("unused"))
    with context.db().read() as session:
        listing = queries.documents(
            session, words, unused=unused, page=whole(request.args.get("page")) or 1,
            actor=actor(), now=context.now(),
        )  # fmt: skip
        return pages.page(
            "media/papers.html",
            title=context.lang().gettext(N_("Documents")),
            section="media",
            problems=problems,
            status=422 if problems else 200,
            listing=listing,
            used=queries.used_documents(session, [row.id for row in listing.items]),
            kinds=recognise.KINDS,
            words=words,
            unused=unused,
            most=chosen.MOST_AT_ONCE,
        )


def _again(
    document_id: int, form: DocumentForm, *, status: int = 422, conflict: str = ""
) -> Response:
    with context.db().read() as session:
        document = queries.document(session, document_id, actor(), context.now(), to_change=True)
        if conflict:
            form.version.data, form.version.raw_data = document.version, None
        return _page(session, document, form, status=status, conflict=conflict)


def _page(
    session: Session,
    document: Document,
    form: DocumentForm,
    *,
    status: int = 200,
    conflict: str = "",
) -> Response:
    past = history.of(session, "document", document.id, limit=HISTORY_SHOWN)
    return pages.page(
        "media/paper.html",
        title=shown.title(document),
        section="media",
        problems=form.problems(),
        status=status,
        document=document,
        kind=recognise.KINDS[document.kind],
        form=form,
        uses=shown.uses(session, queries.uses_of_document(session, document.id)),
        may_change=rules.may_change(actor(), document.created_by),
        history=histories.told(past, context.lang()),
        conflict=conflict,
    )


def _address(document_id: int) -> str:
    return url_for("admin.document_edit", document_id=document_id)
