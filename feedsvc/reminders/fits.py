"""Why a call fits the reader whom a mail is for: the reasons of the page, in one paragraph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from feedsvc import markup
from feedsvc.calls import fit, fit_queries, fit_words
from feedsvc.calls.models import Call
from feedsvc.content import rules
from feedsvc.content.profiles import Profile
from feedsvc.i18n import Language, language
from feedsvc.settings import Settings
from feedsvc.subscriptions.queries import Followed

MOST = 20  # calls of a mail that say it: Gmail cuts a long one
LONGEST = 500  # characters


def paragraphs(
    session: Session,
    calls: Sequence[Call],
    because: Sequence[Followed],
    *,
    code: str,
    settings: Settings,
    at: datetime,
) -> Mapping[int, str]:
    """By call why it fits the first of the descriptions that it fits; `at` is when the mail leaves.

    A call that another subscription found, and that fits none of them, says nothing.
    """
    profiles = [row.profile for row in because if row.profile]
    said, found = language(code), {}
    for profile in reversed(profiles):
        mentions = fit_queries.mentions(session, [call.id for call in calls], profile.themes)
        for call in calls[:MOST]:
            facts = fit.facts_of(call, at, profile=profile, mentions=mentions.get(call.id, ()))
            if not fit.rules_out(profile, facts):
                case = fit_words.Case(profile, facts, _clusters(call, said, settings), said)
                found[call.id] = _paragraph(profile, case, at)
    return found


def _paragraph(profile: Profile, case: fit_words.Case, at: datetime) -> str:
    """Without the time that is left: every mail says that first."""
    told = fit_words.told(fit.reasons(profile, case.facts, at), case)
    reasons = " ".join(reason.line for reason in told if reason.question != "when")
    if not reasons:
        return ""
    sentence = case.said.gettext("Does it fit you? %(reasons)s", reasons=reasons)
    return markup.shortened(sentence, LONGEST)


def _clusters(call: Call, said: Language, settings: Settings) -> Mapping[str, str]:
    return {
        cluster.slug: rules.localised(cluster.texts, said.code, settings.languages).text.name
        for cluster in call.clusters
    }
