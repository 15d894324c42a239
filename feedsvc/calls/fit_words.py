"""Why a call fits, in words: each answer with the fact behind it, never a number alone. Pure.

Pages, feeds and mails give the same reasons because they all ask here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from feedsvc.calls import fit, words
from feedsvc.calls.fit import NO, PARTLY, UNSAID, YES, Facts, Reason
from feedsvc.calls.models import Call
from feedsvc.content import places
from feedsvc.content import words as content_words
from feedsvc.content.profiles import Profile
from feedsvc.i18n import N_, Language

ANSWERS = {YES: N_("yes"), PARTLY: N_("partly"), NO: N_("no"), UNSAID: N_("not said")}
QUESTIONS = {
    "who": N_("Who can apply"),
    "where": N_("Country"),
    "field": N_("Field"),
    "money": N_("Amount"),
    "share": N_("Own share"),
    "phase": N_("Phase of the project"),
    "when": N_("Time left"),
}
MOST_NAMED = 6  # things in a sentence; more are counted


@dataclass(frozen=True)
class Told:
    """A reason as readers see it: `Own share: yes.`, and the fact behind it as a sentence."""

    question: str
    answer: str  # yes | partly | no | unsaid
    label: str
    sentence: str

    @property
    def line(self) -> str:
        return f"{self.label} {self.sentence}"


@dataclass(frozen=True)
class Case:
    """What a sentence is made of. `clusters` are the names of clusters by their slugs."""

    profile: Profile
    facts: Facts
    clusters: Mapping[str, str]
    said: Language

    def named(self, names: Sequence[str]) -> str:
        """Some names, the others counted. They begin with a capital: commas would look wrong."""
        if len(names) <= MOST_NAMED:
            return " · ".join(names)
        more = self.said.ngettext("%(n)s other", "%(n)s others", len(names) - MOST_NAMED + 1)
        return " · ".join([*names[: MOST_NAMED - 1], more])

    def amount(self, value: Decimal | None) -> str:
        return self.said.money(value or Decimal(), self.facts.currency)

    def percent(self, value: Decimal | int | None) -> str:
        return self.said.percent(value or 0)


def of_call(
    call: Call,
    profile: Profile,
    said: Language,
    *,
    mentions: Collection[str],
    clusters: Mapping[str, str],
    now: datetime,
) -> tuple[Told, ...]:
    """All reasons why a call fits, or does not; `mentions` are known to the search index."""
    facts = fit.facts_of(call, now, profile=profile, mentions=mentions)
    return told(fit.reasons(profile, facts, now), Case(profile, facts, clusters, said))


def told(found: Sequence[Reason], case: Case) -> tuple[Told, ...]:
    return tuple(
        Told(
            reason.question,
            reason.answer,
            _label(reason, case.said),
            SENTENCES[reason.question](reason.answer, case),
        )
        for reason in found
    )


def _label(reason: Reason, said: Language) -> str:
    answer = said.gettext(ANSWERS[reason.answer])
    return words.labelled(said.gettext(QUESTIONS[reason.question]), answer, said) + "."


def _who(answer: str, case: Case) -> str:
    if answer == UNSAID:
        return case.said.gettext("The call does not say who can apply.")
    if answer == PARTLY:
        return case.said.gettext("It admits others than those it names: read who can apply.")
    admitted = case.facts.applicants
    if answer == YES:
        admitted = admitted & fit.kinds_met(case.profile.kinds)
    names = [
        case.said.gettext(name)
        for kind, name in content_words.APPLICANT_NAMES.items()
        if kind in admitted
    ]
    if answer == YES:
        return case.said.gettext("Open to: %(names)s.", names=case.named(names))
    return case.said.gettext("Open to these only: %(names)s.", names=case.named(names))


def _where(answer: str, case: Case) -> str:
    if answer == UNSAID:
        return case.said.gettext("The call does not say where applicants have to be.")
    country = case.profile.country
    if answer == YES:
        through = country if country in case.facts.places else places.UNION
        return case.said.gettext(
            "Open to applicants from: %(places)s.", places=case.said.place(through)
        )
    named = sorted(map(case.said.place, case.facts.places))
    return case.said.gettext(
        "Open to applicants from these places only: %(places)s.", places=case.named(named)
    )


def _field(answer: str, case: Case) -> str:
    parts = _shared(case) if answer == YES else _elsewhere(answer, case)
    return " ".join(parts)


def _shared(case: Case) -> list[str]:
    """What of the reader's field the call has."""
    profile, facts, parts = case.profile, case.facts, []
    shared = sorted(facts.clusters.intersection(profile.clusters))
    if shared:
        names = case.named([case.clusters.get(slug, slug) for slug in shared])
        parts.append(case.said.gettext("In your field: %(names)s.", names=names))
    themes = [theme for theme in profile.themes if theme in facts.mentions]
    if themes:
        quoted = [case.said.gettext("“%(words)s”", words=theme) for theme in themes]
        parts.append(case.said.gettext("It mentions %(themes)s.", themes=case.named(quoted)))
    return parts


def _elsewhere(answer: str, case: Case) -> list[str]:
    """What the call has instead; its clusters are not held against who named themes alone."""
    parts = []
    if answer == UNSAID:
        parts.append(case.said.gettext("The call belongs to no cluster."))
    elif case.profile.clusters:
        names = case.named([case.clusters.get(slug, slug) for slug in sorted(case.facts.clusters)])
        parts.append(case.said.gettext("In another field: %(names)s.", names=names))
    if case.profile.themes:
        parts.append(case.said.gettext("It mentions none of your themes."))
    return parts


def _money(answer: str, case: Case) -> str:
    facts, profile = case.facts, case.profile
    sought = case.said.money(profile.amount or Decimal(), profile.currency)
    if facts.currency != profile.currency:
        return case.said.gettext(
            "It pays in %(currency)s, which is not compared with your %(sought)s.",
            currency=facts.currency, sought=sought,
        )  # fmt: skip
    if answer == UNSAID:
        return case.said.gettext("The call does not say how much it pays at most.")
    if answer == NO:
        least = case.amount(facts.award_min)
        return case.said.gettext(
            "It pays %(least)s or more; you seek %(sought)s.", least=least, sought=sought
        )
    cap = case.amount(facts.award_max)
    if answer == PARTLY:
        return case.said.gettext(
            "It pays up to %(cap)s, a part of the %(sought)s that you seek.", cap=cap, sought=sought
        )
    return case.said.gettext("It pays up to %(cap)s; you seek %(sought)s.", cap=cap, sought=sought)


def _share(answer: str, case: Case) -> str:
    own, least, most = case.profile.share or 0, case.facts.least_share, case.facts.most_share
    if answer == UNSAID or least is None or most is None:
        return case.said.gettext("The call does not say what share of the costs you would pay.")
    values = {
        "own": case.percent(own), "least": case.percent(least), "most": case.percent(most)
    }  # fmt: skip
    if answer == NO:
        return case.said.gettext("Your %(own)s own share is below the %(least)s asked.", **values)
    if answer == PARTLY:
        return case.said.gettext(
            "It asks for %(least)s to %(most)s, depending on who applies; you have %(own)s.",
            **values,
        )
    if most == 0:
        return case.said.gettext("It asks for no own share.")
    if own == most:
        return case.said.gettext("Your %(own)s own share is what is asked.", **values)
    return case.said.gettext("Your %(own)s own share is above the %(most)s asked.", **values)


def _phase(answer: str, case: Case) -> str:
    if answer == UNSAID:
        return case.said.gettext("The call does not say which technology readiness it wants.")
    low, high = case.facts.trl_min or 1, case.facts.trl_max or 9
    span = case.said.gettext("%(low)s to %(high)s", low=low, high=high)
    values = {"span": span if low != high else low}
    if answer == YES:
        return case.said.gettext(
            "It wants technology readiness %(span)s, which is yours.", **values
        )
    if answer == PARTLY:
        return case.said.gettext(
            "It wants technology readiness %(span)s: a part of yours.", **values
        )
    return case.said.gettext(
        "It wants technology readiness %(span)s, which is not yours.", **values
    )


def _when(answer: str, case: Case) -> str:
    facts, needed = case.facts, case.profile.days
    if facts.is_over:
        return _over(case)
    if facts.next_deadline is None:
        if answer == YES:
            return case.said.gettext("You can apply at any time.")
        return " ".join([*_opening(case), case.said.gettext("No closing date is known yet.")])
    enough = []
    if needed is not None:
        enough = [case.said.ngettext("You need %(n)s day.", "You need %(n)s days.", needed)]
    if answer == NO and facts.days_left is not None and facts.days_left >= (needed or 0):
        # By the calendar there are days enough; by the clock, some hours are missing.
        return " ".join(
            [*_opening(case), case.said.gettext("It closes a little too soon."), *enough]
        )
    return " ".join([*_opening(case), _closing(case), *enough])


def _over(case: Case) -> str:
    if case.facts.status in fit.ENDED:
        status = case.said.gettext(words.STATUS_NAMES[case.facts.status])
        return case.said.gettext("Its status: %(status)s.", status=status)
    return case.said.gettext("Only those whose first stage was accepted can go on.")


def _opening(case: Case) -> list[str]:
    days = case.facts.opens_in
    if case.facts.status != "forecast":
        return []
    if days is None:
        return [case.said.gettext("It opens later.")]
    if days <= 0:
        return [case.said.gettext("It opens today.")]
    return [case.said.ngettext("It opens in %(n)s day.", "It opens in %(n)s days.", days)]


def _closing(case: Case) -> str:
    days = case.facts.days_left
    if days is None:
        return case.said.gettext("Its closing date is still to be confirmed.")
    if days <= 0:
        return case.said.gettext("It closes today.")
    if days == 1:
        return case.said.gettext("It closes tomorrow.")
    return case.said.ngettext("It closes in %(n)s day.", "It closes in %(n)s days.", days)


SENTENCES: Mapping[str, Callable[[str, Case], str]] = {
    "who": _who,
    "where": _where,
    "field": _field,
    "money": _money,
    "share": _share,
    "phase": _phase,
    "when": _when,
}
