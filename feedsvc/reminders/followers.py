"""Who is to be told of a call: those who follow the call itself, and those whose filter finds it.

The keys of the entry meet the keys of the filters in an index (`subscriptions.rules`); amounts are
compared beside that, and each different search text of a candidate is asked of the search index
once. Statements are built once and given values: a planner asks them thousands of times.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from feedsvc.calls import queries
from feedsvc.calls.models import Call, CallApplicant, CallPlace, call_funder
from feedsvc.content import generation
from feedsvc.content.models import Entry, entry_cluster
from feedsvc.reminders import fitting
from feedsvc.reminders.models import Occasion
from feedsvc.search import index
from feedsvc.statements import one_of
from feedsvc.subscriptions import rules
from feedsvc.subscriptions.models import (
    FilterKey,
    StoredFilter,
    Subscription,
    SubscriptionOffset,
)

CALL = Call.__table__.c
# Looked up first, and by itself: a PostgreSQL without statistics of the table, after a restore for
# one, would go through all filters to compare their keys.
_MEETING = (
    select(FilterKey.filter_id)
    .where(one_of(FilterKey.key, "keys"))
    .distinct()
    .cte("meeting")
    .prefix_with("MATERIALIZED")
)
_MET: tuple[ColumnElement[bool], ...] = (
    or_(
        StoredFilter.award_max_from.is_(None), StoredFilter.award_max_from <= bindparam("award_max")
    ),
    or_(StoredFilter.currency.is_(None), StoredFilter.currency == bindparam("currency")),
    or_(
        StoredFilter.cofinancing_from.is_(None),
        StoredFilter.cofinancing_from <= bindparam("cofinancing"),
    ),
    or_(StoredFilter.kind.is_(None), StoredFilter.kind == bindparam("kind")),
)
_CANDIDATES = (
    select(StoredFilter.id)
    .select_from(_MEETING.join(StoredFilter, StoredFilter.id == _MEETING.c.filter_id))
    .where(*_MET)
)
# Ids of the stored filters that find an entry; its values are those of `Audience.values`.
FILTERS = _CANDIDATES.where(
    or_(StoredFilter.q == "", StoredFilter.q.in_(bindparam("texts", expanding=True))),
    or_(StoredFilter.profile == "", one_of(StoredFilter.profile, "profiles")),
)
_TEXTS = _CANDIDATES.with_only_columns(StoredFilter.q).where(StoredFilter.q != "").distinct()
_PROFILES = (
    _CANDIDATES.with_only_columns(StoredFilter.profile).where(StoredFilter.profile != "").distinct()
)
_LAST_FILTER = select(func.max(StoredFilter.id))
MOST_READ = 2_000  # some kilobytes each
MOST_NAMED = 500
_NAMED = _CANDIDATES.with_only_columns(StoredFilter.id, StoredFilter.q, StoredFilter.profile).limit(
    MOST_NAMED + 1
)
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_FACTS = (
    select(
        Entry.id,
        Entry.kind,
        CALL.programme_id,
        CALL.deadline_model,
        CALL.award_max,
        CALL.currency,
        queries.highest_rate(),
    )
    .outerjoin(Call.__table__, CALL.id == Entry.id)
    .where(Entry.id.in_(_IDS))
)
_FACETS: tuple[Select[int, Any], ...] = tuple(
    select(entry_id, value).where(entry_id.in_(_IDS))
    for entry_id, value in (
        (entry_cluster.c.entry_id, entry_cluster.c.cluster_id),
        (call_funder.c.call_id, call_funder.c.organisation_id),
        (CallApplicant.call_id, CallApplicant.applicant),
        (CallPlace.call_id, CallPlace.place),
    )
)


@dataclass(frozen=True)
class Audience:
    """By what filters find an entry. `texts` are those of their search texts that do.

    `profiles` are those of their descriptions of readers whom the call does not rule out.
    `filters` are the filters themselves, None if they are too many to name. News has no amount and
    no currency: a filter that asks for them finds none.
    """

    call_id: int
    kind: str
    keys: tuple[str, ...]
    award_max: Decimal | None
    currency: str | None
    cofinancing: Decimal | None = None
    texts: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    filters: tuple[int, ...] | None = None

    @property
    def values(self) -> dict[str, Any]:
        return {
            "call_id": self.call_id,
            "kind": self.kind,
            "keys": self.keys,
            "award_max": self.award_max,
            "currency": self.currency,
            "cofinancing": self.cofinancing,
            "texts": self.texts,
            "profiles": self.profiles,
        }


def asks() -> ColumnElement[bool]:
    """Whether a subscription is about the call: by itself, or by a filter that finds it."""
    return or_(follows(), finds())


def follows() -> ColumnElement[bool]:
    """Whether a subscription is to the call itself."""
    return Subscription.entry_id == bindparam("call_id")


def finds() -> ColumnElement[bool]:
    """Whether a subscription's filter finds the call."""
    return Subscription.filter_id.in_(FILTERS)


def audiences(session: Session, entry_ids: Collection[int]) -> dict[int, Audience]:
    """The audiences of these calls and news, by id; of what is gone there is none."""
    if not entry_ids:
        return {}
    ids = {"ids": entry_ids}
    rows = session.execute(_FACTS, ids).all()
    clusters, funders, applicants, places = (
        _grouped(session.execute(pairs, ids)) for pairs in _FACETS
    )
    found: dict[int, Audience] = {}
    for entry_id, kind, programme_id, model, award_max, currency, rate in rows:
        facets: dict[str, Sequence[str]] = {
            "cluster": clusters.get(entry_id, ()),
            "funder": funders.get(entry_id, ()),
            "programme": [str(programme_id)] if programme_id else [],
            "applicant": applicants.get(entry_id, ()),
            "model": [model] if model else [],
            "geography": places.get(entry_id, ()),
        }
        one = Audience(entry_id, kind, tuple(rules.entry_keys(facets)), award_max, currency, rate)
        found[entry_id] = completed(session, one, facets)
    return found


class Audiences:
    """The audiences that one turn of a job has read. Read anew once an entry or a filter is written."""

    def __init__(self) -> None:
        self._stand: tuple[int, int | None] | None = None
        self._read: dict[int, Audience] = {}

    def of(self, session: Session, entry_ids: Collection[int]) -> Mapping[int, Audience]:
        """Those of these calls and news, and maybe of others."""
        stand = generation.current(session).value, session.scalar(_LAST_FILTER)
        if stand != self._stand or len(self._read) > MOST_READ:
            self._stand, self._read = stand, {}
        self._read |= audiences(session, set(entry_ids) - self._read.keys())
        return self._read


def filters_of(session: Session, call: Call) -> Select[int]:
    """Ids of the stored filters that find the call, whoever follows them."""
    return FILTERS.params(audiences(session, [call.id])[call.id].values)


def filters(session: Session, one: Audience) -> Sequence[int]:
    """Ids of the stored filters that find its entry."""
    return session.scalars(FILTERS, one.values).all() if one.filters is None else one.filters


def subscription_of(session: Session, occasion: Occasion, subscriber_id: int) -> int | None:
    """The subscription by which one reader is to be told now; None if there is none any more.

    Where and when the reader lives by now does not matter: the reminder is planned.
    """
    found = select(func.min(Subscription.id)).where(
        Subscription.subscriber_id == subscriber_id,
        Subscription.confirmed_at <= occasion.followed_by,
        asks(),
    )
    if occasion.key_date.type != "opens":
        found = found.join(
            SubscriptionOffset, SubscriptionOffset.subscription_id == Subscription.id
        ).where(SubscriptionOffset.days == occasion.days)
    audience = audiences(session, [occasion.call_id])[occasion.call_id]
    return session.scalar(found, audience.values)


def completed(session: Session, one: Audience, facets: Mapping[str, Sequence[str]]) -> Audience:
    """With those of the candidates' search texts and descriptions that find the entry.

    And with the filters that do, if the candidates are not too many to be looked at one by one.
    """
    candidates = session.execute(_NAMED, one.values).all()
    named = len(candidates) <= MOST_NAMED
    if named:
        texts = {row.q for row in candidates} - {""}
        profiles = {row.profile for row in candidates} - {""}
    else:
        texts, profiles = (set(session.scalars(each, one.values)) for each in (_TEXTS, _PROFILES))
    texts = {text for text in texts if _holds(session, one.call_id, text)}
    profiles = set(fitting.fitting(session, one.call_id, facets, sorted(profiles)))
    one = replace(one, texts=tuple(texts), profiles=tuple(profiles))
    if not named:
        return one
    finding = (
        row.id for row in candidates if row.q in {"", *texts} and row.profile in {"", *profiles}
    )
    return replace(one, filters=tuple(finding))


def _holds(session: Session, entry_id: int, text: str) -> bool:
    """Whether an entry has all words of a search text."""
    found = select(Entry.id).where(
        Entry.id == entry_id, Entry.id.in_(index.matching(session, text))
    )
    return session.scalar(found) is not None


def _grouped(pairs: Iterable[Row[int, Any]]) -> Mapping[int, Sequence[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for entry_id, value in pairs:
        found[entry_id].append(str(value))
    return found
