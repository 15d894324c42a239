"""The key facts of a call, each a name and a few words. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from feedsvc import urls
from feedsvc.calls import words
from feedsvc.calls.models import Call
from feedsvc.content.words import APPLICANT_NAMES, MODEL_NAMES
from feedsvc.i18n import N_
from feedsvc.web.views.reader import Reader

DIVIDER = " · "  # names begin with a capital: commas would make a wrong sentence of them


@dataclass(frozen=True)
class Fact:
    """A key fact: its name and what it is. `address` leads to more; `large` is set bigger."""

    name: str
    value: str
    address: str = ""
    large: bool = False


def key_facts(call: Call, reader: Reader) -> tuple[Fact, ...]:
    """The facts that the call states, money first; what it does not say is left out."""
    facts = [*_money_facts(call, reader), *_people_facts(call, reader)]
    if call.deadline_model:
        facts.append(
            Fact(reader.say(N_("Deadlines")), reader.say(MODEL_NAMES[call.deadline_model]))
        )
    if call.trl_min or call.trl_max:
        levels = sorted({level for level in (call.trl_min, call.trl_max) if level})
        facts.append(
            Fact(reader.say(N_("Technology readiness")), "TRL " + "–".join(map(str, levels)))
        )
    if call.reference:
        facts.append(Fact(reader.say(N_("Reference")), call.reference))
    return tuple(facts)


def _money_facts(call: Call, reader: Reader) -> list[Fact]:
    say, language = reader.say, reader.language
    facts = []
    if call.award_max is not None or call.award_min is not None:
        facts.append(Fact(say(N_("Per project")), words.funding(call, language), large=True))
    if rate := words.cofinancing(call, language):
        facts.append(
            Fact(say(N_("Co-financing")), say(N_("%(rate)s of costs"), rate=rate), large=True)
        )
    if call.total_budget is not None:
        money = language.money(call.total_budget, call.currency)
        facts.append(Fact(say(N_("Total budget")), money, large=True))
    if call.expected_awards:
        projects = reader.ngettext("%(n)s project", "%(n)s projects", call.expected_awards)
        facts.append(Fact(say(N_("Expected to fund")), projects))
    if call.aid_types:
        kinds = DIVIDER.join(say(words.AID_NAMES.get(kind, kind)) for kind in call.aid_types)
        facts.append(Fact(say(N_("Kind of aid")), kinds))
    return facts


def _people_facts(call: Call, reader: Reader) -> list[Fact]:
    say = reader.say
    facts = [Fact(say(N_("Funder")), reader.organisation(f), f.url) for f in call.funders]
    if call.programme:
        calls = urls.with_query("/calls/", [("programme", call.programme.slug)])
        facts.append(Fact(say(N_("Programme")), call.programme.name, reader.path(calls)))
    if call.edition or call.series:
        facts.append(
            Fact(say(N_("Edition")), DIVIDER.join(filter(None, (call.series, call.edition))))
        )
    if call.applicants:
        names = DIVIDER.join(say(APPLICANT_NAMES[row.applicant]) for row in call.applicants)
        facts.append(Fact(say(N_("Who can apply")), names))
    if call.geographies:
        facts.append(Fact(say(N_("Where")), _places(call.geographies, reader)))
    return facts


def _places(codes: list[str], reader: Reader) -> str:
    return DIVIDER.join(map(reader.language.place, codes))
