"""Write clusters: names in each language, former names that redirect, the relationship manager."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from feedsvc import colours, markup
from feedsvc.auth.rules import Actor
from feedsvc.content import addresses, generation, history
from feedsvc.content.models import Cluster, ClusterText, Entry, FormerName, entry_cluster
from feedsvc.errors import Conflict, Invalid, NotFound, Problem
from feedsvc.i18n import N_

DEFAULT_COLOUR = "#0b5d4e"


@dataclass(frozen=True)
class NameEdit:
    """A cluster in one language; `body` is Markdown. The relationship manager is named by role."""

    name: str
    summary: str = ""
    body: str = ""
    manager_role: str = ""


@dataclass(frozen=True)
class FormerNameEdit:
    """A name that the cluster had, from year to year where known."""

    name: str
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, kw_only=True)
class ClusterEdit:
    """What an editor wants a cluster to be. `founded` is a year, `colour` is #rrggbb."""

    texts: Mapping[str, NameEdit]
    slug: str = ""
    colour: str = DEFAULT_COLOUR
    founded: int | None = None
    manager_email: str = ""
    position: int | None = None
    former_names: tuple[FormerNameEdit, ...] = field(default=())
    version: int | None = None


def create_cluster(session: Session, edit: ClusterEdit, *, actor: Actor, now: datetime) -> Cluster:
    """A new cluster, at the end of the list unless told. Raises: Invalid."""
    _check(session, edit, None)
    last = session.scalar(select(func.max(Cluster.position))) or 0
    cluster = Cluster(uid=str(uuid4()), slug="", position=last + 1, version=0)
    _assign(session, cluster, edit)
    _kept(session, cluster, "created", {"slug": (None, cluster.slug)}, actor=actor, now=now)
    return cluster


def edit_cluster(
    session: Session, cluster_id: int, edit: ClusterEdit, *, actor: Actor, now: datetime
) -> Cluster:
    """Change a cluster; its entries' rendered forms count as changed. Raises: Invalid, Conflict."""
    cluster = _loaded(session, cluster_id)
    if edit.version is not None and edit.version != cluster.version:
        raise Conflict(N_("Somebody else changed this while you were editing it."))
    _check(session, edit, cluster)
    before = snapshot(cluster)
    _assign(session, cluster, edit)
    changes = history.differences(before, snapshot(cluster))
    if changes:
        touched = select(entry_cluster.c.entry_id).where(entry_cluster.c.cluster_id == cluster.id)
        session.execute(
            update(Entry).where(Entry.id.in_(touched)).values(revision=Entry.revision + 1)
        )
        _kept(session, cluster, "edited", changes, actor=actor, now=now)
    return cluster


def delete_cluster(session: Session, cluster_id: int, *, actor: Actor, now: datetime) -> None:
    """Delete a cluster; its entries stay, its addresses answer 410."""
    cluster = _loaded(session, cluster_id)
    slugs = [("", cluster.slug), *(("", markup.slug(row.name)) for row in cluster.former_names)]
    uid = cluster.uid
    history.record(
        session, "cluster", cluster.id, "deleted", {"slug": (cluster.slug, None)},
        actor=actor, now=now,
    )  # fmt: skip
    touched = select(entry_cluster.c.entry_id).where(entry_cluster.c.cluster_id == cluster.id)
    session.execute(update(Entry).where(Entry.id.in_(touched)).values(revision=Entry.revision + 1))
    session.delete(cluster)
    session.flush()
    addresses.bury(session, uid, addresses.CLUSTER, cluster_id, slugs, now=now)
    generation.advance(session, now)


def snapshot(cluster: Cluster) -> dict[str, Any]:
    """The cluster as it stands, by form-field name."""
    seen: dict[str, Any] = {
        name: getattr(cluster, name)
        for name in ("slug", "colour", "founded", "manager_email", "position")
    }
    for text in cluster.texts:
        for name in ("name", "summary", "body", "manager_role"):
            seen[f"texts.{text.language}.{name}"] = getattr(text, name)
    seen["former_names"] = [[row.name, row.since, row.until] for row in cluster.former_names]
    return seen


def _check(session: Session, edit: ClusterEdit, cluster: Cluster | None) -> None:
    problems = [*_name_problems(edit), *_fact_problems(edit)]
    taken = session.scalar(select(Cluster.id).where(Cluster.slug == _slug(edit)))
    if taken is not None and taken != (cluster.id if cluster else None):
        problems.append(Problem("slug", N_("Another cluster has this address; choose another.")))
    if problems:
        raise Invalid(*problems)


def _name_problems(edit: ClusterEdit) -> Iterator[Problem]:
    if not edit.texts:
        yield Problem("texts", N_("Write the name in one language at least."))
    for code, text in edit.texts.items():
        if not text.name.strip():
            yield Problem(f"texts.{code}.name", N_("Enter a name."))


def _fact_problems(edit: ClusterEdit) -> Iterator[Problem]:
    if not colours.is_colour(edit.colour):
        yield Problem("colour", N_("Enter a colour like #0b5d4e."))
    if edit.founded is not None and not 1800 <= edit.founded <= 2100:
        yield Problem("founded", N_("Enter a year, like 2008."))
    for number, former in enumerate(edit.former_names):
        if former.since and former.until and former.since > former.until:
            yield Problem(f"former_names.{number}.until", N_("This year is before the first one."))


def _slug(edit: ClusterEdit) -> str:
    name = next((text.name for text in edit.texts.values()), "")
    return markup.slug(edit.slug) or markup.slug(name)


def _assign(session: Session, cluster: Cluster, edit: ClusterEdit) -> None:
    old, cluster.slug = cluster.slug, _slug(edit)
    cluster.colour, cluster.founded = edit.colour.lower(), edit.founded
    cluster.manager_email = markup.one_line(edit.manager_email)
    if edit.position is not None:
        cluster.position = edit.position
    _assign_texts(cluster, edit.texts)
    wanted = [(markup.one_line(row.name), row.since, row.until) for row in edit.former_names]
    if wanted != [(row.name, row.since, row.until) for row in cluster.former_names]:
        cluster.former_names = [
            FormerName(name=name, since=since, until=until) for name, since, until in wanted
        ]
    session.add(cluster)
    session.flush()
    session.refresh(cluster, ["former_names"])
    addresses.forget(session, addresses.CLUSTER, "", cluster.slug)
    formers = [old, *(markup.slug(row.name) for row in cluster.former_names)]
    for slug in dict.fromkeys(formers):
        if slug and slug != cluster.slug:
            addresses.remember(session, addresses.CLUSTER, "", slug, cluster.id)


def _assign_texts(cluster: Cluster, texts: Mapping[str, NameEdit]) -> None:
    rows = {text.language: text for text in cluster.texts}
    for code in rows.keys() - texts.keys():
        cluster.texts.remove(rows[code])
    for code, text in texts.items():
        row = rows.get(code)
        if row is None:
            row = ClusterText(language=code)
            cluster.texts.append(row)
        row.name = markup.one_line(text.name)
        row.summary = markup.clean(text.summary).strip()
        row.body = markup.clean(text.body).strip()
        row.manager_role = markup.one_line(text.manager_role)


def _kept(
    session: Session,
    cluster: Cluster,
    act: str,
    changes: Mapping[str, tuple[Any, Any]],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    cluster.version += 1
    session.flush()
    history.record(session, "cluster", cluster.id, act, changes, actor=actor, now=now)
    generation.advance(session, now)


def _loaded(session: Session, cluster_id: int) -> Cluster:
    cluster = session.get(Cluster, cluster_id)
    if cluster is None:
        raise NotFound(N_("There is no cluster with this number."))
    return cluster
