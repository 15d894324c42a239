"""Read who follows what, in rows and in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session

from feedsvc import tokens, urls
from feedsvc.content import conditions, filters, rules
from feedsvc.content import queries as content
from feedsvc.content.filters import Filter
from feedsvc.content.models import Entry
from feedsvc.content.profiles import NOBODY, Profile
from feedsvc.i18n import N_, Language, language
from feedsvc.settings import Settings
from feedsvc.statements import one_of
from feedsvc.subscriptions.models import Subscriber, Subscription, Suppression

# What a filter of each kind finds, with its conditions and without any.
TITLES: dict[str | None, tuple[str, str]] = {
    None: (
        N_("News and calls for projects: %(conditions)s"),
        N_("All news and calls for projects"),
    ),
    "call": (N_("Calls for projects: %(conditions)s"), N_("All calls for projects")),
    "news": (N_("News: %(conditions)s"), N_("All news")),
}

# Made once: the gate asks this for each group of mails.
_SUPPRESSED = select(Suppression.address).where(one_of(Suppression.address, "digests"))
_REACHED = union_all(
    select(Subscriber.uid, Subscriber.email).where(one_of(Subscriber.uid, "uids")),
    select(Suppression.address, literal("")).where(one_of(Suppression.address, "digests")),
)


@dataclass(frozen=True)
class Followed:
    """One subscription in words. `path` is local: the page of what is followed.

    `is_entry` tells a single call from a list; `profile` is whom the calls of a list are to fit.
    """

    uid: str
    title: str
    path: str
    is_entry: bool
    offsets: tuple[int, ...]
    confirmed: bool
    digest: str = ""
    next_edition: bool = False
    profile: Profile = NOBODY


def subscriber(session: Session, uid: str) -> Subscriber | None:
    return session.scalar(select(Subscriber).where(Subscriber.uid == uid))


def by_address(session: Session, address: str) -> Subscriber | None:
    return session.scalar(select(Subscriber).where(Subscriber.email == address))


def reached(
    session: Session, uids: Collection[str], addresses: Collection[str], settings: Settings
) -> tuple[dict[str, str], set[str]]:
    """The addresses of these readers, by uid; and those of the addresses to which nothing may be sent.

    Both in one question to the database: it is asked for each group of mails.
    """
    digests = {suppression_key(address, settings): address for address in addresses}
    rows = session.connection().execute(_REACHED, {"uids": uids, "digests": [*digests]}).all()
    found = {row[0]: row[1] for row in rows}
    held = {digests[key] for key in found.keys() & digests.keys()}
    return {uid: found[uid] for uid in found.keys() - digests.keys()}, held


def held(session: Session, addresses: Collection[str], settings: Settings) -> set[str]:
    """Those of the addresses to which nothing may be sent."""
    digests = {suppression_key(address, settings): address for address in addresses}
    found = session.scalars(_SUPPRESSED, {"digests": list(digests)})
    return {digests[digest] for digest in found}


def suppressed(session: Session, address: str, settings: Settings) -> bool:
    """Whether nothing may be sent to that address, whoever asks."""
    return session.get(Suppression, suppression_key(address, settings)) is not None


def suppression_key(address: str, settings: Settings) -> str:
    return tokens.keyed(settings.secret_key, "suppression", address)


def followed(
    session: Session, rows: Sequence[Subscription], code: str, settings: Settings
) -> list[Followed]:
    """Subscriptions in words of the language with that code, the oldest first."""
    said = language(code)
    return [_followed(session, row, said, settings) for row in sorted(rows, key=lambda r: r.id)]


def filter_title(session: Session, wanted: Filter, said: Language, settings: Settings) -> str:
    """`Calls for projects: CleanTech, Start-ups`."""
    parts = conditions.in_words(session, wanted, said, settings.languages)
    some, everything = TITLES["call" if wanted.only_calls else wanted.kind]
    return said.gettext(some, conditions=", ".join(parts)) if parts else said.gettext(everything)


def filter_path(wanted: Filter) -> str:
    """The page that lists what the filter finds."""
    shown = wanted.without("kind")
    if wanted.profile:
        return urls.with_query(urls.FIT, shown.pairs())
    if wanted.only_calls or wanted.kind == "news":
        return urls.with_query("/calls/" if wanted.only_calls else "/news/", shown.pairs())
    if shown.cluster and shown == Filter(cluster=shown.cluster[:1]):
        return urls.cluster(shown.cluster[0])
    return urls.with_query("/search", shown.pairs()) if shown.pairs() else "/"


def stored_filter(query: str) -> Filter:
    """The filter of a stored query string."""
    return filters.parse(parse_qsl(query))


def _followed(session: Session, row: Subscription, said: Language, settings: Settings) -> Followed:
    wanted = _present(session, row)
    title, path = _subject(session, row, wanted, said, settings)
    return Followed(
        uid=row.uid,
        title=title,
        path=path,
        is_entry=row.entry_id is not None,
        offsets=tuple(offset.days for offset in row.offsets),
        confirmed=row.confirmed_at is not None,
        digest=row.digest,
        next_edition=row.next_edition,
        profile=wanted.profile if wanted else NOBODY,
    )


def _present(session: Session, row: Subscription) -> Filter | None:
    if row.filter is None:
        return None
    wanted = stored_filter(row.filter.query)
    return replace(wanted, profile=content.present_profile(session, wanted.profile))


def _subject(
    session: Session, row: Subscription, wanted: Filter | None, said: Language, settings: Settings
) -> tuple[str, str]:
    if wanted is not None:
        return filter_title(session, wanted, said, settings), filter_path(wanted)
    entry = session.get(Entry, row.entry_id)
    assert entry is not None, "a subscription ends with its entry"
    shown = rules.localised(entry.translations, said.code, settings.languages)
    return shown.text.title, urls.entry(entry.kind, shown.text.slug)
