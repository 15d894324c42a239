"""Lists under a name: everybody has their own, and sees those that administrators share."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from feedsvc.auth.rules import ADMINISTRATOR, Actor
from feedsvc.content.desk.asked import Asked
from feedsvc.content.desk.models import View
from feedsvc.errors import Invalid, NotFound, Problem
from feedsvc.i18n import N_
from feedsvc.markup import one_line

LONGEST = 60  # characters of a name
LONGEST_QUERY = 2000  # characters of the list's address
MOST = 20  # of one person and kind: more are no help in finding

# Asked with each page of a list.
_OWN, _KIND = View.account_id == bindparam("who"), View.kind == bindparam("kind")
_SEEN = (
    select(View)
    .where(_KIND, or_(_OWN, View.shared))
    .order_by(~_OWN, func.lower(View.name), View.id)
)
_FIRST = select(View.query).where(_OWN, _KIND, View.first)


def seen(session: Session, kind: str, *, actor: Actor) -> Sequence[View]:
    """Their own first, then those that are shared by others, by name."""
    return session.scalars(_SEEN, {"kind": kind, "who": actor.id}).all()


def first(session: Session, kind: str, *, actor: Actor) -> str | None:
    """The query of the one that the actor's list of that kind opens with."""
    return session.scalar(_FIRST, {"kind": kind, "who": actor.id})


def save(
    session: Session,
    kind: str,
    name: str,
    asked: Asked,
    *,
    opens: bool,
    shared: bool,
    actor: Actor,
) -> View:
    """Keep the list under that name, in place of what had it. Raises: Invalid (name, query)."""
    name = one_line(name)
    if not name or len(name) > LONGEST:
        words = N_("Give it a name of up to %(most)s characters.")
        raise Invalid(Problem("name", words, (("most", LONGEST),)))
    query = asked.query()
    if len(query) > LONGEST_QUERY:
        words = N_("This list has too many conditions to be kept. Take some of them away.")
        raise Invalid(Problem("query", words))
    mine = and_(View.account_id == actor.id, View.kind == kind)
    view = session.scalar(select(View).where(mine, View.name == name))
    if view is None:
        _check_room(session.scalar(select(func.count()).select_from(View).where(mine)) or 0)
        view = View(account_id=actor.id, kind=kind, name=name, query="")
        session.add(view)
    if opens:
        session.execute(update(View).where(mine).values(first=False))
    view.query, view.first = query, opens
    view.shared = shared and actor.role == ADMINISTRATOR
    session.flush()
    return view


def remove(session: Session, view_id: int, *, actor: Actor) -> None:
    """One's own; administrators take away what is shared as well. Raises: NotFound."""
    view = session.get(View, view_id)
    if view is None or not may_remove(view, actor):
        raise NotFound(N_("This view is not there any more."))
    session.delete(view)


def may_remove(view: View, actor: Actor) -> bool:
    return view.account_id == actor.id or (view.shared and actor.role == ADMINISTRATOR)


def _check_room(number: int) -> None:
    if number >= MOST:
        words = N_("There are %(most)s views already. Remove one first.")
        raise Invalid(Problem("name", words, (("most", MOST),)))
