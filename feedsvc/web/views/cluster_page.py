"""A cluster as its page says it: its names through the years, and whom to ask. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from feedsvc import urls
from feedsvc.content.models import Cluster, FormerName
from feedsvc.i18n import N_
from feedsvc.web.views import covers
from feedsvc.web.views.reader import Reader


@dataclass(frozen=True)
class ClusterCard:
    """A cluster in a list; `open_calls` is None where nothing was counted."""

    slug: str
    name: str
    summary: str
    colour: str
    address: str
    foreign: str
    open_calls: int | None = None


@dataclass(frozen=True)
class ClusterPage:
    """A cluster's own page. `history` is a line in words, empty if nothing is known."""

    slug: str
    name: str
    summary: str
    body: str
    foreign: str
    colour: str
    art: str
    history: str
    manager_role: str
    manager_email: str


def cluster_card(cluster: Cluster, reader: Reader, open_calls: int | None = None) -> ClusterCard:
    found = reader.cluster(cluster)
    return ClusterCard(
        slug=cluster.slug,
        name=found.text.name,
        summary=found.text.summary,
        colour=cluster.colour,
        address=reader.path(urls.cluster(cluster.slug)),
        foreign=reader.foreign(found),
        open_calls=open_calls,
    )


def cluster_page(cluster: Cluster, reader: Reader) -> ClusterPage:
    found = reader.cluster(cluster)
    return ClusterPage(
        slug=cluster.slug,
        name=found.text.name,
        summary=found.text.summary,
        body=found.text.body,
        foreign=reader.foreign(found),
        colour=cluster.colour,
        art=covers.address(cluster.uid, cluster.colour),
        history=history(cluster, found.text.name, reader),
        manager_role=found.text.manager_role,
        manager_email=cluster.manager_email,
    )


def history(cluster: Cluster, name: str, reader: Reader) -> str:
    """`Founded in 2009 as EcoInnovation; CleanTech since 2019.`"""
    former = list(cluster.former_names)
    if not former:
        return (
            reader.say(N_("Founded in %(year)s."), year=cluster.founded) if cluster.founded else ""
        )
    parts = [_founding(cluster, former[0], reader)]
    parts += [_later(row, reader) for row in former[1:]]
    parts.append(_today(former[-1], name, reader))
    return reader.joined(parts)


def _founding(cluster: Cluster, first: FormerName, reader: Reader) -> str:
    year = cluster.founded or first.since
    if year is None:
        return reader.say(N_("Founded as %(name)s"), name=first.name)
    return reader.say(N_("Founded in %(year)s as %(name)s"), year=year, name=first.name)


def _later(row: FormerName, reader: Reader) -> str:
    if row.since is None:
        return reader.say(N_("then %(name)s"), name=row.name)
    return reader.say(N_("from %(year)s %(name)s"), year=row.since, name=row.name)


def _today(last: FormerName, name: str, reader: Reader) -> str:
    if last.until is None:
        return reader.say(N_("today %(name)s"), name=name)
    return reader.say(N_("%(name)s since %(year)s"), name=name, year=last.until)
