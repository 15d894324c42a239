"""Do an act to many entries, and take it back: some at a time, each for itself.

A transaction holds a few entries, so that nobody waits long to write; an entry that refuses is left,
and the others go on. What was done is kept in the transaction that did it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from sqlalchemy.orm import Session

from feedsvc.content import generation, rules
from feedsvc.content.desk import batches
from feedsvc.content.desk.batches import Line
from feedsvc.content.models import Cluster, Entry
from feedsvc.errors import Conflict, FeedsvcError, Forbidden, Invalid, NotFound
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin.bulk import acts, chosen
from feedsvc.web.admin.bulk.acts import Act, Target
from feedsvc.web.admin.bulk.chosen import Verdict
from feedsvc.web.admin.forms.base import said
from feedsvc.web.admin.gate import actor
from feedsvc.web.admin.kinds import Kind

T = TypeVar("T")
AT_ONCE = 25


def do(kind: Kind, name: str, ids: Sequence[int], into: Cluster | None) -> int:
    """Do it to each that it can be done to; the number of the act."""
    act, now = acts.ACTS[name], context.now()
    with context.db().begin() as session:
        number = batches.begin(
            session, kind.name, name, into.id if into else None, actor=actor(), now=now
        )
    for some in _portions(ids):
        with context.db().begin() as session:
            generation.advance(session, now)  # once for all that follow
            here = session.get(Cluster, into.id) if into else None
            verdicts = chosen.verdicts(session, kind, some, act, here)
            lines = [_done(session, kind, act, verdict, here) for verdict in verdicts]
            batches.add(batches.loaded(session, number, actor=actor()), lines)
    return number


def undo(kind: Kind, number: int) -> tuple[int, int]:
    """Take back what nobody has touched since; how many that are, and how many are left.

    Raises: NotFound; Conflict, if it is too late.
    """
    with context.db().begin() as session:
        batch = batches.loaded(session, number, actor=actor())
        act = acts.ACTS[batch.act]
        if (
            act.undo is None
            or batch.kind != kind.name
            or not batches.can_be_undone(batch, context.now())
        ):
            raise Conflict(N_("It is too late to undo this."))
        batch.undone_at = context.now()
        done = [line for line in batches.lines(batch) if not line.left]
        cluster_id = batch.cluster_id
    back = 0
    for some in _portions(done):
        with context.db().begin() as session:
            generation.advance(session, context.now())
            into = session.get(Cluster, cluster_id) if cluster_id is not None else None
            back += sum(_undone(session, kind, act, line, into) for line in some)
    return back, len(done) - back


def _done(session: Session, kind: Kind, act: Act, verdict: Verdict, into: Cluster | None) -> Line:
    entry, hurdle = verdict.entry, verdict.hurdle
    if hurdle is not None:
        return Line(entry.id, left=said(hurdle))
    line = _before(entry)
    try:
        with session.begin_nested():
            act.do(Target(session, kind, entry, into))
    except FeedsvcError as error:
        return Line(line.id, left=_why(error))
    return Line(
        line.id, version=entry.version, state=line.state,
        publish_at=line.publish_at, leaves_at=line.leaves_at,
    )  # fmt: skip


def _undone(session: Session, kind: Kind, act: Act, line: Line, into: Cluster | None) -> bool:
    """Whether one entry is as it was before."""
    entry = session.get(kind.model, line.id)
    if entry is None or entry.version != line.version or (act.of_cluster and into is None):
        return False
    target = Target(session, kind, entry, into)
    try:
        with session.begin_nested():
            acts.require(target, act)
            assert act.undo is not None
            act.undo(target, line)
    except (Conflict, Forbidden, Invalid, NotFound):
        return False
    return True


def _before(entry: Entry) -> Line:
    now = context.now()
    leaves = rules.leaves_at(entry, now)
    return Line(
        entry.id, state=rules.state(entry, now),
        publish_at=entry.publish_at.isoformat() if entry.publish_at else "",
        leaves_at=leaves.isoformat() if leaves else "",
    )  # fmt: skip


def _why(error: FeedsvcError) -> str:
    if isinstance(error, Invalid):
        return " ".join(said(problem) for problem in error.problems)
    return context.lang().gettext(error.message, **error.values)


def _portions(things: Sequence[T]) -> Iterator[Sequence[T]]:
    for first in range(0, len(things), AT_ONCE):
        yield things[first : first + AT_ONCE]
