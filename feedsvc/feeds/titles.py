"""What a feed is called: its filter in words."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.content import rules, words
from feedsvc.content.filters import Filter
from feedsvc.content.models import Cluster, Organisation, Programme
from feedsvc.feeds.model import FeedHead
from feedsvc.feeds.query import CALLS, NEWS, SEARCH, Query
from feedsvc.i18n import Language, language
from feedsvc.settings import Settings
from feedsvc.urls import Site


def head_of(session: Session, query: Query, settings: Settings) -> FeedHead:
    """The head of a feed; `updated` is the document's to say."""
    site, said = Site.of(settings), language(query.language)
    return FeedHead(
        id=query.id,
        title=title(session, query, settings),
        description=_description(query, said),
        language=query.language,
        self_url=site.absolute(query.address, query.language),
        page_url=site.absolute(query.page_address, query.language),
        site_name=settings.site_name,
        site_url=site.absolute("/", query.language),
    )


def title(session: Session, query: Query, settings: Settings) -> str:
    """`Innovation Agency – Calls for projects – CleanTech, Open`."""
    said = language(query.language)
    if query.call_uid:
        return settings.site_name
    parts = [settings.site_name, _list_name(query, said)]
    conditions = _conditions(session, query.filter, said, settings.languages)
    parts.append(", ".join(conditions))
    return " – ".join(part for part in parts if part)


def _list_name(query: Query, said: Language) -> str:
    if query.page == NEWS or query.filter.kind == "news":
        return said.gettext("News")
    if query.page == CALLS or query.wanted.only_calls:
        return said.gettext("Calls for projects")
    return said.gettext("Search") if query.page == SEARCH else ""


def _description(query: Query, said: Language) -> str:
    if query.wanted.kind == "news":
        return said.gettext("News as it is published, the newest first.")
    if query.format == "ics":
        return said.gettext("The key dates of calls for projects.")
    if query.wanted.only_calls:
        return said.gettext("Calls for projects with their deadlines, the newest first.")
    return said.gettext("News and calls for projects, the newest first.")


def _conditions(
    session: Session, found: Filter, said: Language, languages: Sequence[str]
) -> list[str]:
    names = [
        *_cluster_names(session, found, said.code, languages),
        *_funder_names(session, found, said.code, languages),
        *_programme_names(session, found),
        *(said.gettext(words.APPLICANT_NAMES[value]) for value in found.applicant),
        *(said.gettext(words.STATUS_NAMES[value]) for value in found.status),
        *(said.gettext(words.MODEL_NAMES[value]) for value in found.model),
    ]
    if found.award_max_from is not None:
        amount = said.number(found.award_max_from)
        names.append(said.gettext("funding cap from %(amount)s", amount=amount))
    if found.currency:
        names.append(found.currency)
    if found.closes_within is not None:
        days = found.closes_within
        names.append(said.ngettext("closes within %(n)s day", "closes within %(n)s days", days))
    if found.q:
        names.append(f"“{found.q}”")
    return names


def _cluster_names(
    session: Session, found: Filter, code: str, languages: Sequence[str]
) -> list[str]:
    if not found.cluster:
        return []
    rows = session.scalars(
        select(Cluster).where(Cluster.slug.in_(found.cluster)).order_by(Cluster.position)
    )
    return [rules.localised(row.texts, code, languages).text.name for row in rows]


def _funder_names(
    session: Session, found: Filter, code: str, languages: Sequence[str]
) -> list[str]:
    if not found.funder:
        return []
    rows = session.scalars(
        select(Organisation).where(Organisation.slug.in_(found.funder)).order_by(Organisation.slug)
    )
    return [rules.localised(row.texts, code, languages).text.name for row in rows]


def _programme_names(session: Session, found: Filter) -> list[str]:
    if not found.programme:
        return []
    return list(
        session.scalars(
            select(Programme.name)
            .where(Programme.slug.in_(found.programme))
            .order_by(Programme.slug)
        )
    )
