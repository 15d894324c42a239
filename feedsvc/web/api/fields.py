"""Custom fields: what calls say and the protocol has no place for. Pure.

One row for each, of which the answers, the OpenAPI document and docs/api.md are made or held to.
The first four are of the protocol's own catalogue of custom fields, the rest are ours. What a call
does not say is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from feedsvc import markup, urls
from feedsvc.calls import calendar, rules, words
from feedsvc.calls.models import Call
from feedsvc.content.filters import DEADLINE_MODELS
from feedsvc.content.media import words as media_words
from feedsvc.content.media.models import Document
from feedsvc.urls import Site
from feedsvc.web.api import events, schemas
from feedsvc.web.views.reader import Reader

Json = dict[str, Any]
DOCUMENT = "/api/openapi.json"


@dataclass(frozen=True)
class Field:
    """A custom field. `schema` is of its value; `read` gives the value, or one that is empty."""

    description: str
    schema: Json
    read: Callable[[Call, Reader], Any]

    @property
    def type(self) -> str:
        """The protocol's `fieldType`."""
        return str(self.schema["type"])


def of(call: Call, reader: Reader) -> dict[str, Json]:
    """`customFields`: every field that the call fills."""
    found = ((name, field, field.read(call, reader)) for name, field in FIELDS.items())
    return {
        name: {
            "name": name,
            "fieldType": field.type,
            "schema": schema_url(name, reader.site),
            "value": value,
            "description": field.description,
        }
        for name, field, value in found
        if value not in ("", None, [], {})
    }


def schema_url(name: str, site: Site) -> str:
    """Where the schema of a field's value stands."""
    return f"{site.absolute(DOCUMENT)}#/components/schemas/{component(name)}"


def component(name: str) -> str:
    """The name of that schema in the document."""
    return f"Custom{name[0].upper()}{name[1:]}"


def number(value: Decimal | None) -> int | float | None:
    """A rate as JSON has it."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _said(values: Json) -> Json:
    """The object without what is not said."""
    return {name: value for name, value in values.items() if value not in ("", None)}


def _agency(call: Call, reader: Reader) -> Json:
    first = next(iter(call.funders), None)
    return {"code": first.slug, "name": reader.organisation(first)} if first else {}


def _contact(call: Call, _: Reader) -> Json:
    return _said({"name": call.contact_role, "email": call.contact_email})


def _cost_sharing(call: Call, reader: Reader) -> Json:
    """The applicant's side of co-financing: what the funder does not pay."""
    if call.cofinancing_max is None:
        return {}
    own = 100 - call.cofinancing_max
    paid = words.cofinancing(call, reader.language)
    return {"isRequired": own > 0, "percentage": number(own), "details": paid}


def _eligibility(call: Call, reader: Reader) -> Json:
    return _said({"details": section(call, reader, "eligibility")})


def section(call: Call, reader: Reader, name: str) -> str:
    """A section of the text, as plain text."""
    text = reader.text(call).text.sections.get(name)
    return markup.plain(text) if text else ""


def _next_deadline(call: Call, reader: Reader) -> Json:
    if rules.status(call, reader.now) not in ("open", "closing_soon", "forecast"):
        return {}
    date = rules.next_deadline(call.key_dates, reader.now)
    return events.facts(date, reader.language) if date else {}


def _cofinancing(call: Call, _: Reader) -> Json:
    rates = {"minimum": number(call.cofinancing_min), "maximum": number(call.cofinancing_max)}
    return _said(rates)


def _programme(call: Call, _: Reader) -> Json:
    found = call.programme
    return {"slug": found.slug, "name": found.name} if found else {}


def _clusters(call: Call, reader: Reader) -> list[Json]:
    return [{"slug": c.slug, "name": reader.cluster(c).text.name} for c in call.clusters]


def _readiness(call: Call, _: Reader) -> Json:
    return _said({"minimum": call.trl_min, "maximum": call.trl_max})


def _documents(call: Call, reader: Reader) -> list[Json]:
    links = [{"title": d["title"], "url": d["url"]} for d in call.documents]
    return [*(_handed_out(row.document, reader) for row in call.attachments), *links]


def _handed_out(document: Document, reader: Reader) -> Json:
    title = media_words.title(document, reader.language.code, reader.site.languages)
    return {"title": title, "url": reader.site.absolute(urls.document(document.name))}


def _languages(call: Call, reader: Reader) -> list[str]:
    written = {text.language for text in call.translations}
    return [code for code in reader.site.languages if code in written]


def _links(call: Call, reader: Reader) -> Json:
    page = reader.absolute(urls.call(reader.text(call).text.slug))
    dated = any(calendar.in_calendar(date) for date in call.key_dates)
    return _said(
        {
            "page": page,
            "calendar": f"{page}.ics" if dated else "",
            "feed": reader.absolute(urls.feed("/calls/", "atom")),
        }
    )


def _key_dates(call: Call, reader: Reader) -> list[Json]:
    return [events.facts(date, reader.language) for date in call.key_dates]


TEXT: Json = {"type": "string"}
WORDS: Json = {"type": "array", "items": TEXT}
RATE: Json = {"type": "number", "minimum": 0, "maximum": 100}
LEVEL: Json = {"type": "integer", "minimum": 1, "maximum": 9}
URL: Json = {"type": "string", "format": "uri"}
NAMED = schemas.closed({"slug": TEXT, "name": TEXT})

FIELDS: dict[str, Field] = {
    "agency": Field(
        "The first of the funders, for clients that do not read `funders`",
        schemas.closed({"code": TEXT, "name": TEXT}), _agency,
    ),
    "contactInfo": Field(
        "Whom to ask about the call", schemas.closed({"name": TEXT, "email": TEXT}, ()), _contact
    ),
    "costSharing": Field(
        "What applicants bear themselves, in percent of the costs: 100 less the highest "
        "co-financing rate",
        schemas.closed({"isRequired": {"type": "boolean"}, "percentage": RATE, "details": TEXT}),
        _cost_sharing,
    ),
    "eligibilityCriteria": Field(
        "Who can apply, in the call's own words", schemas.closed({"details": TEXT}), _eligibility
    ),
    "coFinancing": Field(
        "The share of the costs that is paid, in percent",
        schemas.closed({"minimum": RATE, "maximum": RATE}, ()), _cofinancing,
    ),
    "keyDates": Field(
        "Every date with its stage, zone, certainty and the instant that it means",
        {"type": "array", "items": schemas.KEY_DATE}, _key_dates,
    ),
    "nextDeadline": Field(
        "The first deadline that has not passed, while the call is open or forecasted",
        schemas.KEY_DATE, _next_deadline,
    ),
    "deadlineModel": Field(
        "How the call closes",
        {"type": "string", "enum": list(DEADLINE_MODELS)}, lambda call, _: call.deadline_model,
    ),
    "closeReason": Field(
        "Why the call closed",
        {"type": "string", "enum": list(rules.CLOSE_REASONS)}, lambda call, _: call.close_reason,
    ),
    "reference": Field("What the funder calls the call", TEXT, lambda call, _: call.reference),
    "series": Field("What the call is an edition of", TEXT, lambda call, _: call.series),
    "edition": Field("Which edition it is", TEXT, lambda call, _: call.edition),
    "programme": Field("The programme that the call belongs to", NAMED, _programme),
    "clusters": Field(
        "The sectors that the call is for", {"type": "array", "items": NAMED}, _clusters
    ),
    "aidTypes": Field(
        "What is given",
        {"type": "array", "items": {"type": "string", "enum": list(rules.AID_TYPES)}},
        lambda call, _: list(call.aid_types),
    ),
    "geographies": Field(
        "Where applicants come from: ISO 3166 codes, and EU",
        WORDS, lambda call, _: list(call.geographies),
    ),
    "technologyReadiness": Field(
        "The technology readiness levels of projects",
        schemas.closed({"minimum": LEVEL, "maximum": LEVEL}, ()), _readiness,
    ),
    "howToApply": Field(
        "How to apply, in the call's own words",
        TEXT, lambda call, reader: section(call, reader, "how_to_apply"),
    ),
    "applyUrl": Field("Where to apply", URL, lambda call, _: call.apply_url),
    "documents": Field(
        "Documents of the call",
        {"type": "array", "items": schemas.closed({"title": TEXT, "url": URL})}, _documents,
    ),
    "language": Field(
        "The language of the texts in this answer",
        TEXT, lambda call, reader: reader.text(call).language,
    ),
    "languages": Field("The languages in which the call is written", WORDS, _languages),
    "links": Field(
        "The call on this site: its page, its dates as a calendar, and the feed of all calls",
        schemas.closed({"page": URL, "calendar": URL, "feed": URL}, ("page", "feed")), _links,
    ),
    "isExample": Field(
        "The call is an example with invented facts: do not show it as real",
        {"type": "boolean"}, lambda call, _: call.is_example or None,
    ),
}  # fmt: skip
