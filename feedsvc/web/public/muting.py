"""Hear nothing more of one call, by the link of a mail; and take that back."""

from __future__ import annotations

from flask import Blueprint, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc import urls
from feedsvc.calls.models import Call
from feedsvc.errors import Gone
from feedsvc.i18n import N_
from feedsvc.subscriptions import links, queries, silence
from feedsvc.subscriptions.models import Subscriber
from feedsvc.web import context
from feedsvc.web.public import owners
from feedsvc.web.views import follow as view
from feedsvc.web.views.reader import here

blueprint = Blueprint("muting", __name__, template_folder="templates")
blueprint.after_request(owners.keep_private)


@blueprint.get("/mute/<token>")
def ask_mute(token: str) -> str:
    with context.db().read() as session:
        reader, call = _who(session, token)
        return _page(session, reader, call)


@blueprint.post("/mute/<token>")
def mute(token: str) -> str:
    """`act=undo` lets the reader hear of the call again. Both may be repeated."""
    settings, now = context.settings(), context.now()
    with context.db().begin() as session:
        reader, call = _who(session, token)
        if request.form.get("act") == "undo":
            silence.unmute(session, reader, call.id, settings=settings, now=now)
        else:
            silence.mute(session, reader, call.id, settings=settings, now=now)
        return _page(session, reader, call, undone=request.form.get("act") == "undo")


def _who(session: Session, token: str) -> tuple[Subscriber, Call]:
    """Raises: BadToken; Gone for an address or a call that was deleted."""
    reader_uid, call_uid = links.who_mutes(context.settings(), token, now=context.now())
    reader = queries.subscriber(session, reader_uid)
    if reader is None:
        raise Gone(owners.GONE)
    call = session.scalar(select(Call).where(Call.uid == call_uid))
    if call is None:
        raise Gone(N_("This call has been deleted."))
    return reader, call


def _page(session: Session, reader: Subscriber, call: Call, *, undone: bool = False) -> str:
    is_muted = silence.is_muted(session, reader, call.id)
    title = N_("You will hear no more of this call") if is_muted else N_("No more of this call?")
    text = here().text(call).text
    return owners.render(
        "follow/mute.html",
        N_("You will hear of this call again") if undone else title,
        call=text.title,
        address=here().path(urls.call(text.slug)),
        to=view.masked(reader),
        is_muted=is_muted,
        undone=undone,
        manage=owners.manage_path(reader),
    )
