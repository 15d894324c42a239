"""What clusters, funders and programmes are called: read once in each generation and language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from feedsvc.content import queries
from feedsvc.content.desk.asked import Asked
from feedsvc.web import context
from feedsvc.web.admin import choices


@dataclass(frozen=True)
class Names:
    """By their slugs, in the order in which they are offered; `clusters` have their numbers as well."""

    clusters: tuple[tuple[int, str, str], ...]
    funders: Mapping[str, str]
    programmes: Mapping[str, str]

    def include(self, asked: Asked) -> bool:
        """Whether all that is asked for goes by its present name."""
        clusters = {slug for _, slug, _ in self.clusters}
        return (
            clusters.issuperset(asked.cluster)
            and self.funders.keys() >= {*asked.funder}
            and self.programmes.keys() >= {*asked.programme}
        )


def names(session: Session, generation: int) -> Names:
    """`generation` is one that was there before the session began: what is kept under it is never
    older, for whoever renames one of them advances it."""
    shelf, code = context.runtime().called, context.lang().code
    held: tuple[int, Names] | None = shelf.get(code)
    if held is None or held[0] != generation:
        held = generation, _read(session)
        shelf.put(code, held)
    return held[1]


def _read(session: Session) -> Names:
    return Names(
        tuple((row.id, row.slug, choices.name(row.texts)) for row in queries.clusters(session)),
        dict(choices.organisations(session)),
        {row.slug: row.name for row in queries.programmes(session)},
    )
