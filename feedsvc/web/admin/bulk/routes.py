"""An act on many entries: a page that says what will happen to each, then what happened, and undo.

1. The list sends what was ticked, or its conditions, to a page that asks once more; nothing is
   written yet, and each entry that will be left is named with the reason.
2. Its form holds the numbers that were shown: what matches later is not touched unseen.
3. What was done has a page of its own, with a button that takes it back for a while.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc.content import queries
from feedsvc.content.desk import batches
from feedsvc.content.models import Cluster
from feedsvc.web import context
from feedsvc.web.admin import choices, pages
from feedsvc.web.admin.bulk import acts, chosen, doing
from feedsvc.web.admin.bulk.chosen import Chosen
from feedsvc.web.admin.forms.base import said
from feedsvc.web.admin.gate import actor, blueprint
from feedsvc.web.admin.kinds import KINDS, Kind, address
from feedsvc.web.admin.listing import listed

PLACE = "/<any(news,calls):path>/bulk"
BOTH = ["GET", "POST"]
NAMED = 100  # entries whose titles are shown


@blueprint.route(PLACE, methods=BOTH, endpoint="bulk")
def ask(path: str) -> Response:
    """Deleting has an address of its own: there it is asked once more who it is."""
    if chosen.act()[0] == "delete":
        asked: dict[str, Any] = request.args.to_dict(flat=False)
        return redirect(url_for("admin.bulk_delete", path=path, **asked), 303)
    return _answer(KINDS[path])


@blueprint.route(f"{PLACE}/delete", methods=BOTH, endpoint="bulk_delete")
def ask_to_delete(path: str) -> Response:
    return _answer(KINDS[path], only="delete")


@blueprint.get(f"{PLACE}/<int:number>", endpoint="bulk_done")
def done(path: str, number: int) -> Response:
    """What was done to each, and for how long it can be taken back."""
    kind, now = KINDS[path], context.now()
    with context.db().read() as session:
        batch = batches.loaded(session, number, actor=actor())
        lines = batches.lines(batch)
        act = acts.ACTS[batch.act]
        into = session.get(Cluster, batch.cluster_id) if batch.cluster_id is not None else None
        return pages.page(
            "bulk/done.html",
            title=context.lang().gettext(act.label),
            section=path,
            kind=kind,
            act=act,
            batch=batch,
            into=choices.name(into.texts) if into else "",
            done=[line for line in lines if not line.left],
            left=[line for line in lines if line.left],
            named=_titles(session, kind, [line.id for line in lines[:NAMED]]),
            most=NAMED,
            until=batch.at + batches.UNDONE_WITHIN,
            can_undo=act.undo is not None and batches.can_be_undone(batch, now),
            address=address,
        )


@blueprint.post(f"{PLACE}/<int:number>/undo", endpoint="bulk_undo")
def undo(path: str, number: int) -> Response:
    back, left = doing.undo(KINDS[path], number)
    ngettext = context.lang().ngettext
    sentence = ngettext("%(n)s entry is as it was.", "%(n)s entries are as they were.", back)
    if left:
        sentence += " " + ngettext(
            "%(n)s was changed since, and is left.", "%(n)s were changed since, and are left.", left
        )
    return pages.done(url_for("admin.bulk_done", path=path, number=number), sentence)


def _answer(kind: Kind, only: str = "") -> Response:
    name, act = (only, acts.ACTS[only]) if only else chosen.act()
    with context.db().read() as session:
        into = chosen.cluster(session, act)
        if request.method == "POST":
            sent = [text for text in request.form.get("ids", "").split(",") if text]
            these = chosen.of_numbers(sent, act.most)
        else:
            these = chosen.of_address(session, kind, act.most)
            return _asked(session, kind, name, these, into)
    if not these.ids or these.too_many:
        return redirect(url_for(f"admin.{kind.path}"), 303)
    number = doing.do(kind, name, these.ids, into)
    return redirect(url_for("admin.bulk_done", path=kind.path, number=number), 303)


def _asked(
    session: Session, kind: Kind, name: str, these: Chosen, into: Cluster | None
) -> Response:
    act = acts.ACTS[name]
    shown = [] if these.too_many else chosen.verdicts(session, kind, these.ids, act, into)
    return pages.page(
        "bulk/ask.html",
        title=context.lang().gettext(act.label),
        section=kind.path,
        status=200 if shown else 422,
        kind=kind,
        act=act,
        into=choices.name(into.texts) if into else "",
        ready=[one.entry for one in shown if one.hurdle is None],
        left=[one for one in shown if one.hurdle is not None],
        too_many=these.too_many,
        most=NAMED,
        minutes=int(batches.UNDONE_WITHIN.total_seconds() // 60),
        title_of=choices.title,
        said=said,
        address=address,
        back=listed.address(url_for(f"admin.{kind.path}"), chosen.asked(kind)),
    )


def _titles(session: Session, kind: Kind, ids: Sequence[int]) -> dict[int, str]:
    """Of those that are still there and seen by the actor."""
    query = select(kind.model).where(kind.model.id.in_(ids), queries.seen_by(actor()))
    return {entry.id: choices.title(entry) for entry in session.scalars(query)}
