"""What can be done to many entries at once: whom it asks for, what stands in its way, how it is undone.

Each act goes through the door by which it is done to one entry: rights, checks, history and notices
are the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from feedsvc.content import entries, rights, rules
from feedsvc.content.desk import letters, reviews, two_persons
from feedsvc.content.desk.batches import MOST, Line
from feedsvc.content.models import Cluster, Entry
from feedsvc.content.rights import DELETE, EDIT, PUBLISH, SUBMIT
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import publication
from feedsvc.web.admin.gate import actor
from feedsvc.web.admin.kinds import Kind

MAILED = 50  # entries of an act that writes a mail about each
Hurdle = Problem | None


@dataclass(frozen=True)
class Target:
    """One entry of the act; `cluster` is the one that the act is about, if it is about any."""

    session: Session
    kind: Kind
    entry: Entry
    cluster: Cluster | None

    @property
    def state(self) -> str:
        return rules.state(self.entry, context.now())


@dataclass(frozen=True, kw_only=True)
class Act:
    """`label` names it in the list, `button` on the page that asks once more.

    `hurdle` says why an entry is left, `undo` takes it back from what was kept of it.
    """

    label: str
    button: str
    right: str
    says: str
    hurdle: Callable[[Target], Hurdle]
    do: Callable[[Target], object]
    undo: Callable[[Target, Line], object] | None
    undoing: str = ""
    of_cluster: bool = False
    most: int = MOST


def barred(target: Target, act: Act) -> Hurdle:
    """Why the act is not done to the entry, if it is not."""
    if not rights.may(actor(), act.right, rights.facts(target.entry, context.now())):
        return Problem("", rights.REFUSED)
    return act.hurdle(target)


def require(target: Target, act: Act) -> None:
    """Whether the actor may still do it, to take it back. Raises: NotFound, Forbidden."""
    rights.require(actor(), act.right, rights.facts(target.entry, context.now()))


def _to_publish(target: Target) -> Hurdle:
    if target.state not in ("draft", "rejected", "withdrawn"):
        words = {
            "published": N_("It is public already."),
            "scheduled": N_("It becomes public by itself at its time."),
            "review": N_("It waits for an answer. Read it, and answer."),
        }
        return Problem("", words[target.state])
    if two_persons.bars(target.session, target.entry, actor=actor(), settings=context.settings()):
        return Problem("", two_persons.LAST)
    return _missing(target)


def _missing(target: Target) -> Hurdle:
    edit = target.kind.edit_of(target.kind.snapshot(target.entry))
    return next(iter(target.kind.missing(entries.knowing(target.entry, edit))), None)


def _publish(target: Target) -> None:
    publication.publish(target.session, target.kind, target.entry.id, at=context.now(), until=None)


def _to_withdraw(target: Target) -> Hurdle:
    if target.state in ("published", "scheduled"):
        return None
    return Problem("", N_("It is not on the site."))


def _withdraw(target: Target, _: Line | None = None) -> None:
    if target.state not in ("published", "scheduled"):
        raise Invalid(Problem("", N_("It is not on the site.")))
    target.kind.withdraw(target.session, target.entry.id, actor=actor(), now=context.now())


def _bring_back(target: Target, was: Line) -> None:
    """Public again, or to become so at the time that was planned, until the day that was set."""
    now = context.now()
    planned = _instant(was.publish_at) or now
    leaves = _instant(was.leaves_at)
    publication.publish(
        target.session, target.kind, target.entry.id, at=max(now, planned),
        until=leaves if leaves is not None and leaves > now else None,
    )  # fmt: skip


def _to_submit(target: Target) -> Hurdle:
    if target.state in ("draft", "rejected"):
        return None
    return Problem("", N_("It is no draft."))


def _submit(target: Target) -> None:
    asking: dict[str, Any] = {"comment": "", "actor": actor(), "now": context.now()}
    entry = reviews.submit(target.session, target.entry.id, **asking)
    letters.ask(target.session, entry, settings=context.settings(), **asking)


def _take_back(target: Target, _: Line) -> None:
    if target.state != "review":
        raise Invalid(Problem("", N_("Somebody has answered already.")))
    reviews.take_back(target.session, target.entry.id, actor=actor(), now=context.now())


def _to_delete(target: Target) -> Hurdle:
    if target.state in ("draft", "rejected"):
        return None
    return Problem("", N_("It is no draft. Delete it by itself, on its own page."))


def _delete(target: Target) -> None:
    target.kind.delete(target.session, target.entry.id, actor=actor(), now=context.now())


def _to_add(target: Target) -> Hurdle:
    if target.cluster in target.entry.clusters:
        return Problem("", N_("It is in this cluster already."))
    return _to_edit(target)


def _to_remove(target: Target) -> Hurdle:
    if target.cluster not in target.entry.clusters:
        return Problem("", N_("It is not in this cluster."))
    return _to_edit(target)


def _to_edit(target: Target) -> Hurdle:
    if target.state == "scheduled" and context.settings().two_persons:
        return Problem(
            "", N_("It is scheduled, and would become a draft again. Edit it by itself.")
        )
    return None if rules.may_lack(target.entry, context.now()) else _missing(target)


def _add(target: Target, _: Line | None = None) -> None:
    _assign(target, {cluster.slug for cluster in target.entry.clusters} | {_slug(target)})


def _remove(target: Target, _: Line | None = None) -> None:
    _assign(target, {cluster.slug for cluster in target.entry.clusters} - {_slug(target)})


def _assign(target: Target, slugs: set[str]) -> None:
    """An edit of the entry as it stands, with other clusters. Raises: Invalid."""
    kind, entry, now = target.kind, target.entry, context.now()
    edit = kind.edit_of(kind.snapshot(entry))
    edit = replace(edit, clusters=tuple(sorted(slugs)), version=entry.version)
    kind.edit(target.session, entry.id, edit, actor=actor(), now=now)
    rights.check_written(actor(), rights.facts(entry, now))


def _slug(target: Target) -> str:
    assert target.cluster is not None
    return target.cluster.slug


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


ACTS: dict[str, Act] = {
    "publish": Act(
        label=N_("Publish"), button=N_("Publish them now"), right=PUBLISH,
        says=N_("Readers see them at once, in pages, feeds and calendars."),
        hurdle=_to_publish, do=_publish, undo=_withdraw,
        undoing=N_("To undo takes them off the site again. Who has seen them has seen them."),
    ),
    "withdraw": Act(
        label=N_("Take off the site"), button=N_("Take them off the site"), right=PUBLISH,
        says=N_("Their pages say that they were taken away. What is scheduled becomes a draft."),
        hurdle=_to_withdraw, do=_withdraw, undo=_bring_back,
        undoing=N_("To undo publishes them again, with the date that they had."),
    ),
    "submit": Act(
        label=N_("Have them read"), button=N_("Ask for them to be read"), right=SUBMIT,
        says=N_("Whoever may publish them gets a mail about each."),
        hurdle=_to_submit, do=_submit, undo=_take_back, most=MAILED,
        undoing=N_("To undo makes them drafts again. Mails that have left have left."),
    ),
    "add": Act(
        label=N_("Add to a cluster"), button=N_("Add them to the cluster"), right=EDIT,
        says=N_("It is an edit of each, and its followers in that cluster see it."),
        hurdle=_to_add, do=_add, undo=_remove, of_cluster=True,
        undoing=N_("To undo takes them out of the cluster again."),
    ),
    "remove": Act(
        label=N_("Take out of a cluster"), button=N_("Take them out of the cluster"), right=EDIT,
        says=N_("It is an edit of each. Who follows that cluster no longer sees it there."),
        hurdle=_to_remove, do=_remove, undo=_add, of_cluster=True,
        undoing=N_("To undo adds them to the cluster again."),
    ),
    "delete": Act(
        label=N_("Delete drafts"), button=N_("Delete them"), right=DELETE,
        says=N_("They are gone for good, with everything that was typed. This cannot be undone."),
        hurdle=_to_delete, do=_delete, undo=None,
    ),
}  # fmt: skip
