"""Which descriptions of readers do not rule a call out: asked for each different one of them once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from feedsvc.calls import fit, fit_queries
from feedsvc.calls.fit import Facts
from feedsvc.content.addresses import CLUSTER
from feedsvc.content.models import Cluster, SlugHistory
from feedsvc.content.profiles import Profile
from feedsvc.subscriptions import queries


def fitting(
    session: Session, call_id: int, facets: Mapping[str, Sequence[str]], stored: Sequence[str]
) -> tuple[str, ...]:
    """Those of the stored descriptions that such a call fits; `facets` are its values by facet."""
    if not stored:
        return ()
    profiles = {text: _profile(text) for text in stored}
    themes = dict.fromkeys(theme for one in profiles.values() for theme in one.themes)
    facts = Facts(
        applicants=frozenset(facets["applicant"]),
        places=frozenset(facets["geography"]),
        clusters=_slugs(session, facets["cluster"]),
        mentions=frozenset(fit_queries.mentions(session, [call_id], themes).get(call_id, ())),
    )
    return tuple(text for text, one in profiles.items() if not fit.rules_out(one, facts))


@lru_cache(maxsize=10_000)
def _profile(text: str) -> Profile:
    return queries.stored_filter(text).profile


def _slugs(session: Session, cluster_ids: Sequence[str]) -> frozenset[str]:
    """The present and the former names of clusters: a stored description has those of its day."""
    ids = [int(one) for one in cluster_ids]
    return frozenset(
        session.scalars(
            union_all(
                select(Cluster.slug).where(Cluster.id.in_(ids)),
                select(SlugHistory.slug).where(
                    SlugHistory.kind == CLUSTER, SlugHistory.target_id.in_(ids)
                ),
            )
        )
    )
