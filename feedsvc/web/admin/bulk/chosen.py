"""Which entries an act is about: those that were ticked, or all that match the list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.content import queries
from feedsvc.content.desk import asked as desk_asked
from feedsvc.content.desk.asked import Asked
from feedsvc.content.models import Cluster, Entry
from feedsvc.errors import BadRequest, Forbidden, Problem
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin.bulk import acts
from feedsvc.web.admin.bulk.acts import Act, Target
from feedsvc.web.admin.gate import LARGEST_ID, actor
from feedsvc.web.admin.kinds import Kind
from feedsvc.web.admin.listing import found, listed, orders

OWN_NAMES = ("act", "into", "id", "all", "after", "view")  # beside the conditions of the list


@dataclass(frozen=True)
class Chosen:
    """Entries in the order of the list; `too_many` if there are more than the act takes."""

    ids: tuple[int, ...]
    too_many: bool


@dataclass(frozen=True)
class Verdict:
    """One entry, and what stands in the act's way, if anything does."""

    entry: Entry
    hurdle: Problem | None


def asked(kind: Kind) -> Asked:
    """The list that the entries were chosen in. Raises: BadFilter."""
    return desk_asked.parse(
        request.args.items(multi=True),
        kind=kind.name, languages=context.settings().languages, ignore=OWN_NAMES,
    )  # fmt: skip


def act() -> tuple[str, Act]:
    """Raises: BadRequest for an act that there is not."""
    name = request.args.get("act", "")
    if name not in acts.ACTS:
        raise BadRequest(N_("Choose what is to be done."))
    return name, acts.ACTS[name]


def cluster(session: Session, wanted: Act) -> Cluster | None:
    """The cluster that the act is about. Raises: BadRequest, Forbidden."""
    if not wanted.of_cluster:
        return None
    slug = request.args.get("into", "")
    row = session.scalar(select(Cluster).where(Cluster.slug == slug))
    if row is None:
        raise BadRequest(N_("Choose a cluster."))
    if actor().clusters and row.id not in actor().clusters:
        raise Forbidden(N_("This is not one of your clusters."))
    return row


def of_address(session: Session, kind: Kind, most: int) -> Chosen:
    """What the address names: numbers, or all that match."""
    if "all" not in request.args:
        return of_numbers(request.args.getlist("id"), most)
    wanted = listed.present(session, asked(kind))
    matching = found.matching(session, kind.name, wanted, actor=actor(), now=context.now())
    place = orders.page(
        session, matching, wanted, languages=listed.languages(), now=context.now(), limit=most
    )
    return Chosen(place.ids, too_many=place.next is not None)


def of_numbers(texts: Iterable[str], most: int) -> Chosen:
    """Raises: BadRequest for what is no number."""
    if not all(
        text.isascii() and text.isdigit() and int(text[:20]) <= LARGEST_ID for text in texts
    ):
        raise BadRequest(N_("The request cannot be understood. Check the address."))
    numbers = tuple(dict.fromkeys(int(text) for text in texts))
    return Chosen(numbers[:most], too_many=len(numbers) > most)


def verdicts(
    session: Session, kind: Kind, ids: Sequence[int], wanted: Act, into: Cluster | None
) -> list[Verdict]:
    """Of those that the actor sees: whether the act can be done."""
    query = select(kind.model).where(kind.model.id.in_(ids), queries.seen_by(actor()))
    by_id = {entry.id: entry for entry in session.scalars(query)}
    entries = [by_id[number] for number in ids if number in by_id]
    return [
        Verdict(entry, acts.barred(Target(session, kind, entry, into), wanted)) for entry in entries
    ]
