"""The pictures of the library: look through them, bring some, describe one, let it go."""

from __future__ import annotations

from flask import request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc.content import history
from feedsvc.content.media import copies, photos, queries, rules, sight
from feedsvc.content.media.models import Photo
from feedsvc.errors import Conflict, Invalid, NotFound
from feedsvc.i18n import N_
from feedsvc.web import context, handing_out
from feedsvc.web.admin import histories, pages
from feedsvc.web.admin.forms.base import ErrorLine, Form
from feedsvc.web.admin.forms.entry import whole
from feedsvc.web.admin.forms.media import PhotoForm, photo_values
from feedsvc.web.admin.gate import actor, blueprint
from feedsvc.web.admin.media import brought, chosen, shown

POINTED_AT = 280  # how wide the page shows the picture that is clicked at, in CSS pixels
HISTORY_SHOWN = 5


@blueprint.route("/media/", methods=["GET", "POST"], endpoint="media")
def index() -> Response:
    """The library; its form brings pictures."""
    if request.method == "GET":
        return _library([])
    kept, refused = brought.each("pictures", chosen.store_photo)
    if refused or not kept:
        return _library(refused or [brought.nothing("pictures")])
    if len(kept) == 1:
        return pages.done(
            _address(kept[0]), context.lang().gettext(N_("Kept. Now say what it shows."))
        )
    said = context.lang().ngettext("%(n)s picture kept.", "%(n)s pictures kept.", len(kept))
    return pages.done(url_for("admin.media"), said)


@blueprint.route("/media/<int:photo_id>", methods=["GET", "POST"], endpoint="photo_edit")
def edit(photo_id: int) -> Response:
    """What one picture shows. A click at it, which is a button, moves its focus."""
    if request.method == "GET":
        with context.db().read() as session:
            photo = queries.photo(session, photo_id, actor(), context.now())
            return _page(session, photo, PhotoForm(data=photo_values(photo)))
    form = PhotoForm(request.form)
    _point(form, photo_id)
    if not form.right():
        return _again(photo_id, form)
    try:
        with context.db().begin() as session:
            saved = photos.edit_photo(
                session, photo_id, form.edit(), actor=actor(), now=context.now()
            )
    except Conflict as conflict:
        return _again(photo_id, form, status=409, conflict=context.lang().gettext(conflict.message))
    if not saved.ready:
        copies.make(saved, context.settings().media_path)
        with context.db().begin() as session:
            copies.note(session, saved)
    return pages.done(_address(photo_id), context.lang().gettext(N_("Saved.")))


@blueprint.route("/media/<int:photo_id>/delete", methods=["GET", "POST"], endpoint="photo_delete")
def delete(photo_id: int) -> Response:
    form = Form()
    if request.method == "POST":
        try:
            with context.db().begin() as session:
                photos.delete_photo(session, photo_id, actor=actor(), now=context.now())
        except Invalid as invalid:
            form.mark(*invalid.problems)
        else:
            return pages.done(url_for("admin.media"), context.lang().gettext(N_("Deleted.")))
    with context.db().read() as session:
        photo = queries.photo(session, photo_id, actor(), context.now(), to_change=True)
        return brought.delete_page(shown.name(photo), "media", form, back=_address(photo_id))


@blueprint.get("/media/files/<name>", endpoint="media_file")
def file(name: str) -> Response:
    """A picture or a document, of a draft as well, for who may see it. Nobody keeps it."""
    with context.db().read() as session:
        now = context.now()
        photo = queries.photo_of_file(session, name)
        if photo is not None and sight.sees_photo(session, photo.id, actor(), now):
            return handing_out.picture(name)
        document = queries.document_of_file(session, name)
        if document is not None and sight.sees_document(session, document.id, actor(), now):
            return handing_out.document(document)
    raise NotFound(N_("There is no file of this name."))


def _point(form: PhotoForm, photo_id: int) -> None:
    """The point that was clicked at; a keyboard presses the button at 0, 0, and means nothing."""
    x, y = (whole(request.form.get(f"point.{axis}")) for axis in ("x", "y"))
    if not x and not y:
        return
    with context.db().read() as session:
        photo = queries.photo(session, photo_id, actor(), context.now())
        high = max(POINTED_AT * photo.height // photo.width, 1)
    form.focus_x.data, form.focus_x.raw_data = min((x or 0) * 100 // POINTED_AT, 100), None
    form.focus_y.data, form.focus_y.raw_data = min((y or 0) * 100 // high, 100), None


def _library(problems: list[ErrorLine]) -> Response:
    words, unused = request.args.get("q", "").strip(), bool(request.args.get("unused"))
    with context.db().read() as session:
        listing = queries.photos(
            session, words, unused=unused, page=whole(request.args.get("page")) or 1,
            actor=actor(), now=context.now(),
        )  # fmt: skip
        return pages.page(
            "media/pictures.html",
            title=context.lang().gettext(N_("Pictures")),
            section="media",
            problems=problems,
            status=422 if problems else 200,
            listing=listing,
            used=queries.used(session, [photo.id for photo in listing.items]),
            words=words,
            unused=unused,
            most=chosen.MOST_AT_ONCE,
        )


def _again(photo_id: int, form: PhotoForm, *, status: int = 422, conflict: str = "") -> Response:
    with context.db().read() as session:
        photo = queries.photo(session, photo_id, actor(), context.now(), to_change=True)
        if conflict:
            form.version.data, form.version.raw_data = photo.version, None
        return _page(session, photo, form, status=status, conflict=conflict)


def _page(
    session: Session, photo: Photo, form: PhotoForm, *, status: int = 200, conflict: str = ""
) -> Response:
    past = history.of(session, "photo", photo.id, limit=HISTORY_SHOWN)
    return pages.page(
        "media/picture.html",
        title=shown.name(photo),
        section="media",
        problems=form.problems(),
        status=status,
        photo=photo,
        form=form,
        uses=shown.uses(session, queries.uses_of_photo(session, photo.id)),
        may_change=rules.may_change(actor(), photo.created_by),
        pointed_at=POINTED_AT,
        history=histories.told(past, context.lang()),
        conflict=conflict,
    )


def _address(photo_id: int) -> str:
    return url_for("admin.photo_edit", photo_id=photo_id)
