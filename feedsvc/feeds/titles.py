"""What a feed is called: its filter in words."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc import urls
from feedsvc.calls.models import Call, StruckDate
from feedsvc.content import conditions, rules
from feedsvc.content.media import logos
from feedsvc.content.rules import in_language
from feedsvc.feeds import vocabulary
from feedsvc.feeds.model import FeedHead, Logo
from feedsvc.feeds.query import CALLS, NEWS, SEARCH, Query
from feedsvc.i18n import ALL, Language, language
from feedsvc.settings import Settings
from feedsvc.urls import Site


def head_of(session: Session, query: Query, settings: Settings) -> FeedHead:
    """The head of a feed; what depends on its entries is the document's to say."""
    site, said = Site.of(settings), _said(query, settings)
    several = query.language == ALL
    return FeedHead(
        id=query.id,
        title=title(session, query, settings),
        description=_description(query, said),
        language="" if several else query.language,
        self_url=site.absolute(query.address, query.language),
        page_url=site.absolute(query.page_address, said.code),
        site_name=settings.named(said.code),
        site_url=site.absolute("/", said.code),
        namespace_url=site.absolute(vocabulary.PATH, said.code),
        schema_url=site.absolute(vocabulary.SCHEMA_PATH),
        logo=_logo(settings),
    )


def _logo(settings: Settings) -> Logo | None:
    found = logos.pixels(settings.media_path / settings.logo) if settings.logo else None
    if found is None:
        return None
    return Logo(urls.logo(settings), *found.size, urls.logo(settings, square=True))


def title(session: Session, query: Query, settings: Settings) -> str:
    """`Innovation Agency – Calls for projects – CleanTech, Open`."""
    said = _said(query, settings)
    parts = [settings.named(said.code), _list_name(query, said)]
    if query.call_uid:
        parts.append(_call_title(session, query, settings))
    said_conditions = conditions.in_words(session, query.filter, said, settings.languages)
    parts.append(", ".join(said_conditions))
    if query.language == ALL:
        parts.append(said.list([language(code).name for code in settings.languages]))
    return " – ".join(part for part in parts if part)


def _said(query: Query, settings: Settings) -> Language:
    """The language in which the feed speaks of itself."""
    return language(settings.default_language if query.language == ALL else query.language)


def _call_title(session: Session, query: Query, settings: Settings) -> str:
    """The title of the only call, which may be gone."""
    code = _said(query, settings).code
    call = session.scalar(select(Call).where(Call.uid == query.call_uid))
    if call is not None:
        return rules.localised(call.translations, code, settings.languages).text.title
    found = session.scalar(select(StruckDate).where(StruckDate.call_uid == query.call_uid))
    return in_language(found.titles, code, settings.languages) if found else ""


def _list_name(query: Query, said: Language) -> str:
    if query.own:
        return said.gettext("What I follow")
    if query.is_of_changes:
        return said.gettext("Changes") if query.call_uid else said.gettext("Changes to calls")
    if query.call_uid:
        return ""
    if query.page == NEWS or query.filter.kind == "news":
        return said.gettext("News")
    if query.page == CALLS or query.wanted.only_calls:
        return said.gettext("Calls for projects")
    return said.gettext("Search") if query.page == SEARCH else ""


def _description(query: Query, said: Language) -> str:
    if query.is_of_changes:
        return said.gettext("What has changed: deadlines, cancellations, money, who can apply.")
    if query.own and query.format == "ics":
        return said.gettext("The key dates of the calls for projects that I follow.")
    if query.own:
        return said.gettext("The calls for projects that I follow, the newest first.")
    if query.wanted.kind == "news":
        return said.gettext("News as it is published, the newest first.")
    if query.format == "ics":
        return said.gettext("The key dates of calls for projects.")
    if query.wanted.only_calls:
        return said.gettext("Calls for projects with their deadlines, the newest first.")
    return said.gettext("News and calls for projects, the newest first.")
