"""Does a call fit a reader? Reasons, each yes, partly, no or not said; never a score. Pure.

Two kinds of questions are asked (decision record 0023):
- What readers **are** decides whether they can take part: who can apply, where, in which field, and
  whether the call can still be answered. A "no" here rules the call out.
- What they can **change** is an obstacle at most: the amount, the own share, the phase of the
  project, the time that is left. A "no" here is said, and orders the call lower.

What a call does not say is "not said" and never "no". `fit_sets` says the same of all calls at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from feedsvc.calls import dates, rules
from feedsvc.calls.models import Call, KeyDate
from feedsvc.content import places
from feedsvc.content.profiles import Profile

YES, PARTLY, NO, UNSAID = "yes", "partly", "no", "unsaid"
# Questions, in the order in which they are answered to readers.
QUESTIONS = ("who", "where", "field", "money", "share", "phase", "when")
DECIDING = ("who", "where", "field")  # and `when`, of a call that is over
FITS, WITH_OBSTACLE, SAYS_LITTLE, MISSES, OVER = SHELVES = (
    "fits", "obstacle", "little", "misses", "over"
)  # fmt: skip
POSSIBLE, REFUSED = SHELVES[:3], SHELVES[3:]
OTHER = "other"
# Who is also what: a call for companies is open to small ones.
ALSO: Mapping[str, tuple[str, ...]] = {
    "sme": ("company",),
    "start_up": ("company", "sme"),
    "university": ("research",),
    "municipality": ("public_body",),
}
ENDED = ("closed", "archived", "cancelled", "suspended")
ANY_TIME = ("rolling", "permanent", "until_exhausted")


@dataclass(frozen=True)
class Facts:
    """What a call says to the questions. `mentions` are those of the reader's themes that it holds.

    `next_deadline` is the deadline that counts for who begins now; `days_left` are the calendar
    days to it, and `opens_in` those to the opening, where a day is named and certain.
    """

    applicants: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    clusters: frozenset[str] = frozenset()
    mentions: frozenset[str] = frozenset()
    currency: str = "EUR"
    award_min: Decimal | None = None
    award_max: Decimal | None = None
    rate_min: Decimal | None = None
    rate_max: Decimal | None = None
    trl_min: int | None = None
    trl_max: int | None = None
    status: str = "open"
    invited_only: bool = False
    model: str = "single_stage"
    next_deadline: datetime | None = None
    days_left: int | None = None
    opens_in: int | None = None

    @property
    def is_over(self) -> bool:
        """Whether nobody can begin an application any more."""
        return self.status in ENDED or self.invited_only

    @property
    def least_share(self) -> Decimal | None:
        """The percent of the costs that every applicant has to pay."""
        return None if self.rate_max is None else 100 - self.rate_max

    @property
    def most_share(self) -> Decimal | None:
        return None if self.rate_min is None else 100 - self.rate_min

    @property
    def levels(self) -> range:
        """Of technology readiness; of an end that is not said, all."""
        return range(self.trl_min or 1, (self.trl_max or 9) + 1)


@dataclass(frozen=True)
class Reason:
    """An answer to one of the questions."""

    question: str
    answer: str


def facts_of(
    call: Call, now: datetime, *, profile: Profile, mentions: Collection[str] = ()
) -> Facts:
    """What the row of a call says; `mentions` are known to the search index."""
    upcoming = _deadline_that_counts(call, profile, now)
    opening = next((d for d in call.key_dates if d.type == "opens" and d.utc_at > now), None)

    def days_to(date: KeyDate | None) -> int | None:
        if date is None or date.certainty == "estimated" or not rules.names_a_day(date.precision):
            return None
        today = now.astimezone(dates.zone(date.zone)).date()
        return (date.local_date - today).days

    low, high = call.cofinancing_min, rules.highest_rate(call)
    return Facts(
        applicants=frozenset(row.applicant for row in call.applicants),
        places=frozenset(places.kept(call.geographies)),
        clusters=frozenset(cluster.slug for cluster in call.clusters),
        mentions=frozenset(mentions),
        currency=call.currency,
        award_min=call.award_min,
        award_max=call.award_max,
        rate_min=high if low is None else low,
        rate_max=high,
        trl_min=call.trl_min,
        trl_max=call.trl_max,
        status=rules.status(call, now),
        invited_only=rules.invited_only(call, now),
        model=call.deadline_model,
        next_deadline=upcoming.utc_at if upcoming else None,
        days_left=days_to(upcoming),
        opens_in=days_to(opening),
    )


def reasons(profile: Profile, facts: Facts, now: datetime) -> tuple[Reason, ...]:
    """An answer to each question that the reader's description asks, and to when it closes."""
    asked = {
        "who": _who(profile.kinds, facts) if profile.kinds else None,
        "where": _where(profile.country, facts) if profile.country else None,
        "field": _field(profile, facts) if profile.clusters or profile.themes else None,
        "money": _money(profile.amount, profile.currency, facts),
        "share": _share(profile.share, facts),
        "phase": _phase(profile.levels, facts) if profile.levels else None,
        "when": _when(profile.days, facts, now),
    }
    return tuple(Reason(name, answer) for name, answer in asked.items() if answer is not None)


def rules_out(profile: Profile, facts: Facts) -> bool:
    """Whether such a reader cannot take part, whenever and with whatever project."""
    return (
        (bool(profile.kinds) and _who(profile.kinds, facts) == NO)
        or (bool(profile.country) and _where(profile.country, facts) == NO)
        or (bool(profile.clusters or profile.themes) and _field(profile, facts) == NO)
    )


def shelf(found: Sequence[Reason], *, is_over: bool) -> str:
    """On which shelf of the list a call with these reasons stands."""
    answers = {reason.question: reason.answer for reason in found}
    if is_over:
        return OVER
    if any(answers.get(name) == NO for name in DECIDING):
        return MISSES
    if NO in answers.values():
        return WITH_OBSTACLE
    asked = [answer for name, answer in answers.items() if name != "when"]
    says = any(answer in (YES, PARTLY) for answer in asked)
    return FITS if says or not asked else SAYS_LITTLE


def kinds_met(kinds: Collection[str]) -> frozenset[str]:
    """The kinds of applicant by which a call is open to such readers."""
    return frozenset(kinds).union(*(ALSO.get(kind, ()) for kind in kinds))


def _who(kinds: Collection[str], facts: Facts) -> str:
    if not facts.applicants:
        return UNSAID
    if kinds_met(kinds) & facts.applicants:
        return YES
    return PARTLY if OTHER in facts.applicants else NO


def _where(country: str, facts: Facts) -> str:
    if not facts.places:
        return UNSAID
    return YES if facts.places.intersection(places.meeting((country,))) else NO


def _field(profile: Profile, facts: Facts) -> str:
    """One of the reader's clusters, or one of their themes: either is enough."""
    if facts.mentions.intersection(profile.themes) or facts.clusters.intersection(profile.clusters):
        return YES
    return UNSAID if profile.clusters and not facts.clusters else NO


def _money(amount: Decimal | None, currency: str, facts: Facts) -> str | None:
    if amount is None:
        return None
    if facts.currency != currency:
        return UNSAID  # rates of exchange change, and a call says none
    if facts.award_min is not None and amount < facts.award_min:
        return NO
    if facts.award_max is None:
        return UNSAID
    return YES if amount <= facts.award_max else PARTLY


def _share(own: int | None, facts: Facts) -> str | None:
    if own is None:
        return None
    if facts.least_share is None or facts.most_share is None:
        return UNSAID
    if own >= facts.most_share:
        return YES
    return PARTLY if own >= facts.least_share else NO


def _phase(levels: Collection[int], facts: Facts) -> str:
    if facts.trl_min is None and facts.trl_max is None:
        return UNSAID
    covered = [level for level in levels if level in facts.levels]
    if len(covered) == len(levels):
        return YES
    return PARTLY if covered else NO


def _when(needed: int | None, facts: Facts, now: datetime) -> str:
    if facts.is_over:
        return NO
    if facts.next_deadline is None:
        return YES if facts.model in ANY_TIME and facts.status != "forecast" else UNSAID
    if needed is not None and facts.next_deadline < now + timedelta(days=needed):
        return NO
    return UNSAID if facts.days_left is None else YES  # nobody should plan by an expected date


def _deadline_that_counts(call: Call, profile: Profile, now: datetime) -> KeyDate | None:
    """The next deadline; of several cut-off dates the first that leaves time enough, if one does."""
    ahead = [date for date in rules.deadlines(call.key_dates) if date.utc_at > now]
    if call.deadline_model == "multiple_cut_off" and profile.days is not None:
        early = now + timedelta(days=profile.days)
        ahead = [date for date in ahead if date.utc_at >= early] or ahead
    return next(iter(ahead), None)
