"""A filter in words, condition by condition: for titles of feeds, mails and pages."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.content import rules, words
from feedsvc.content.filters import Filter
from feedsvc.content.models import Cluster, Organisation, Programme
from feedsvc.content.profiles import Profile
from feedsvc.i18n import Language


def in_words(
    session: Session, wanted: Filter, said: Language, languages: Sequence[str]
) -> list[str]:
    """What the filter asks for, by the names of things: `CleanTech`, `Start-ups`, `“heat”`.

    Its kind is left out. A cluster, funder or programme that is no more goes unsaid.
    """
    names = [
        *_cluster_names(session, wanted, said.code, languages),
        *_funder_names(session, wanted, said.code, languages),
        *_programme_names(session, wanted),
        *(said.gettext(words.APPLICANT_NAMES[value]) for value in wanted.applicant),
        *(said.gettext(words.STATUS_NAMES[value]) for value in wanted.status),
        *(said.gettext(words.MODEL_NAMES[value]) for value in wanted.model),
        *(said.place(code) for code in wanted.geography),
    ]
    names += _how_much_and_when(wanted, said)
    if wanted.profile:
        description = " · ".join(described(session, wanted.profile, said, languages))
        names.append(said.gettext("fit for %(description)s", description=description))
    return names


def _how_much_and_when(wanted: Filter, said: Language) -> list[str]:
    names = []
    if wanted.award_max_from is not None:
        amount = said.number(wanted.award_max_from)
        names.append(said.gettext("funding cap from %(amount)s", amount=amount))
    if wanted.currency:
        names.append(wanted.currency)
    if wanted.cofinancing_from is not None:
        rate = said.percent(wanted.cofinancing_from)
        names.append(said.gettext("pays %(rate)s of costs or more", rate=rate))
    if wanted.closes_within is not None:
        days = wanted.closes_within
        names.append(said.ngettext("closes within %(n)s day", "closes within %(n)s days", days))
    if wanted.published_within is not None:
        names.append(within(wanted.published_within, said))
    if wanted.published:
        names.append(published(wanted, said))
    if wanted.q:
        names.append(said.gettext("“%(words)s”", words=wanted.q))
    return names


def described(
    session: Session, profile: Profile, said: Language, languages: Sequence[str]
) -> list[str]:
    """A reader's description part by part: `Start-ups`, `Luxembourg`, `CleanTech`, `“heat”`."""
    clusters = Filter(cluster=profile.clusters)
    names = [
        *(said.gettext(words.APPLICANT_NAMES[kind]) for kind in profile.kinds),
        *([said.place(profile.country)] if profile.country else []),
        *_cluster_names(session, clusters, said.code, languages),
        *(said.gettext("“%(words)s”", words=theme) for theme in profile.themes),
    ]
    if profile.amount is not None:
        amount = said.money(profile.amount, profile.currency)
        names.append(said.gettext("%(amount)s sought", amount=amount))
    if profile.share is not None:
        share = said.percent(profile.share)
        names.append(said.gettext("own share of %(share)s", share=share))
    if profile.levels:
        levels = said.list([str(level) for level in profile.levels])
        names.append(said.gettext("technology readiness %(levels)s", levels=levels))
    if profile.days is not None:
        days = profile.days
        names.append(said.ngettext("%(n)s day to apply", "%(n)s days to apply", days))
    return names


def published(wanted: Filter, said: Language) -> str:
    """`published in March 2026`; nothing where the filter says nothing of it."""
    if wanted.published_between is None:
        return ""
    first, _ = wanted.published_between
    if "-" in (wanted.published or ""):
        return said.gettext("published in %(month)s", month=said.month(first.date()))
    return said.gettext("published in %(year)s", year=first.year)


def within(days: int, said: Language) -> str:
    """`published in the last 7 days`."""
    return said.ngettext("published in the last day", "published in the last %(n)s days", days)


def _cluster_names(
    session: Session, wanted: Filter, code: str, languages: Sequence[str]
) -> list[str]:
    if not wanted.cluster:
        return []
    rows = session.scalars(
        select(Cluster).where(Cluster.slug.in_(wanted.cluster)).order_by(Cluster.position)
    )
    return [rules.localised(row.texts, code, languages).text.name for row in rows]


def _funder_names(
    session: Session, wanted: Filter, code: str, languages: Sequence[str]
) -> list[str]:
    if not wanted.funder:
        return []
    rows = session.scalars(
        select(Organisation).where(Organisation.slug.in_(wanted.funder)).order_by(Organisation.slug)
    )
    return [rules.localised(row.texts, code, languages).text.name for row in rows]


def _programme_names(session: Session, wanted: Filter) -> list[str]:
    if not wanted.programme:
        return []
    return list(
        session.scalars(
            select(Programme.name)
            .where(Programme.slug.in_(wanted.programme))
            .order_by(Programme.slug)
        )
    )
