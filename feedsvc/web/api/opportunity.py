"""A call as the protocol's opportunity. Pure: the same call, reader and time are the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from feedsvc import markup, urls
from feedsvc.calls import rules, words
from feedsvc.calls.models import Call
from feedsvc.content import rules as entry_rules
from feedsvc.content.words import APPLICANT_NAMES, STATUS_NAMES
from feedsvc.i18n import N_
from feedsvc.web.api import events, fields
from feedsvc.web.views.reader import Reader

Json = dict[str, Any]

STATUSES = {
    "forecast": "forecasted",
    "open": "open",
    "closing_soon": "open",
    "closed": "closed",
    "archived": "closed",
}  # every other one is custom
# The protocol's kinds of applicant are those of one country: what has no likeness is custom.
APPLICANTS = {
    "company": ("for_profit_small_business", "for_profit_not_small_business"),
    "sme": ("for_profit_small_business",),
    "university": ("higher_education_public", "higher_education_private"),
    "municipality": ("government_municipal",),
    "individual": ("individual",),
}
CUSTOM = "custom"
REFERENCE = "opp:{host}:reference"  # as the protocol names registries: schema, scope, property


def opportunity(call: Call, reader: Reader) -> Json:
    """What is said of a call, in lists and alone; what it does not say is left out."""
    found = reader.text(call)
    said = {
        "id": call.uid,
        "title": found.text.title,
        "identifiers": _identifiers(call, reader),
        "status": status(call, reader),
        "description": _description(call, reader),
        "funding": _funding(call, reader),
        "funders": _funders(call, reader),
        "keyDates": events.timeline(call, reader),
        "acceptedApplicantTypes": list(_applicants(call, reader)),
        "source": call.info_url or reader.absolute(urls.call(found.text.slug)),
        "customFields": fields.of(call, reader),
        "createdAt": events.instant(call.publish_at or call.created_at),
        "lastModifiedAt": events.instant(entry_rules.updated(call)),
    }
    return {name: value for name, value in said.items() if value or name == "description"}


def status(call: Call, reader: Reader) -> Json:
    ours = rules.status(call, reader.now)
    if ours in STATUSES:
        return {"value": STATUSES[ours]}
    return {"value": CUSTOM, "customValue": ours, "description": reader.say(STATUS_NAMES[ours])}


def _identifiers(call: Call, reader: Reader) -> Json:
    found: Json = {"systemId": {"id": call.uid}}
    if call.reference:
        code = REFERENCE.format(host=_host(reader))
        found["otherIds"] = {code: {"registry": {"code": code}, "id": call.reference}}
    return found


def _host(reader: Reader) -> str:
    return reader.site.base_url.partition("://")[2].partition("/")[0].partition(":")[0]


def _description(call: Call, reader: Reader) -> str:
    """The whole text, summary first, as plain text."""
    text = reader.text(call).text
    return "\n\n".join(part for part in (text.summary.strip(), markup.plain(text.body)) if part)


def _funding(call: Call, reader: Reader) -> Json:
    found = {
        "details": _details(call, reader),
        "totalAmountAvailable": _money(call.total_budget, call),
        "minAwardAmount": _money(call.award_min, call),
        "maxAwardAmount": _money(call.award_max, call),
        "estimatedAwardCount": call.expected_awards,
    }
    return {name: value for name, value in found.items() if value not in (None, "")}


def _details(call: Call, reader: Reader) -> str:
    rate = words.cofinancing(call, reader.language)
    share = reader.say(N_("%(rate)s of costs"), rate=rate) if rate else ""
    parts = (share, fields.section(call, reader, "funding"))
    return "\n\n".join(part for part in parts if part)


def _money(amount: Decimal | None, call: Call) -> Json | None:
    """A decimal number as text, never in scientific notation."""
    if amount is None:
        return None
    whole = amount == amount.to_integral_value()
    return {"amount": f"{amount:.0f}" if whole else f"{amount:.2f}", "currency": call.currency}


def _funders(call: Call, reader: Reader) -> Json:
    found = [{"id": f.uid, "name": reader.organisation(f)} for f in call.funders]
    if not found:
        return {}
    slugs = [funder.slug for funder in call.funders]
    others = dict(zip(slugs[1:], found[1:], strict=True))
    return {"primary": found[0], **({"otherOrgs": others} if others else {})}


def _applicants(call: Call, reader: Reader) -> Iterator[Json]:
    """Each kind once; its description is what it is called here."""
    told = set()
    for row in call.applicants:
        name = reader.say(APPLICANT_NAMES[row.applicant])
        for value in APPLICANTS.get(row.applicant, ()):
            if value not in told:
                told.add(value)
                yield {"value": value, "description": name}
        if row.applicant not in APPLICANTS:
            yield {"value": CUSTOM, "customValue": row.applicant, "description": name}
