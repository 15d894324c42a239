"""Which calls do not rule a reader out, in SQL; and which of their themes calls mention."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from feedsvc.calls import fit
from feedsvc.calls.models import Call, CallApplicant, CallPlace
from feedsvc.content import places
from feedsvc.content.models import Cluster, entry_cluster
from feedsvc.content.profiles import Profile
from feedsvc.search import index


def conditions(session: Session, profile: Profile) -> Iterator[ColumnElement[bool]]:
    """What `fit.rules_out` says, the other way round: a call that says nothing is kept."""
    if profile.kinds:
        met = (*fit.kinds_met(profile.kinds), fit.OTHER)
        named = exists().where(CallApplicant.call_id == Call.id)
        yield or_(~named, named.where(CallApplicant.applicant.in_(met)))
    if profile.country:
        named = exists().where(CallPlace.call_id == Call.id)
        yield or_(~named, named.where(CallPlace.place.in_(places.meeting((profile.country,)))))
    if profile.clusters or profile.themes:
        yield or_(*_field(session, profile))


def _field(session: Session, profile: Profile) -> Iterator[ColumnElement[bool]]:
    for theme in profile.themes:
        yield Call.id.in_(index.matching(session, theme))
    if profile.clusters:
        named = exists().where(entry_cluster.c.entry_id == Call.id)
        yield ~named
        yield Call.id.in_(
            select(entry_cluster.c.entry_id)
            .join(Cluster, Cluster.id == entry_cluster.c.cluster_id)
            .where(Cluster.slug.in_(profile.clusters))
        )


def mentions(
    session: Session, call_ids: Collection[int], themes: Iterable[str]
) -> Mapping[int, Collection[str]]:
    """By call those of the themes that it mentions, in their order."""
    found: dict[int, list[str]] = defaultdict(list)
    for theme in themes:
        matching = index.matching(session, theme)
        for call_id in session.scalars(
            select(Call.id).where(Call.id.in_(call_ids), Call.id.in_(matching))
        ):
            found[call_id].append(theme)
    return found
