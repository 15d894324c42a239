"""JSON schemas of what the API says and hears, in the protocol's names (OpenAPI 3.1). Data.

Objects that the protocol seals are sealed here as well. What is optional is left out where it is
not known; the API never answers null.
"""

from __future__ import annotations

from typing import Any

from feedsvc.calls import dates

Json = dict[str, Any]

TEXT: Json = {"type": "string"}
COUNT: Json = {"type": "integer", "minimum": 0}
DAY: Json = {"type": "string", "format": "date"}
TIME: Json = {"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}:[0-9]{2}$"}
INSTANT: Json = {"type": "string", "format": "date-time", "pattern": "Z$"}
UUID: Json = {"type": "string", "format": "uuid"}
URL: Json = {"type": "string", "format": "uri"}
YES_NO: Json = {"type": "boolean"}


def closed(members: Json, required: tuple[str, ...] | None = None) -> Json:
    """An object with those members and no others; all are there unless `required` says which."""
    return {**opened(members, required), "additionalProperties": False}


def opened(members: Json, required: tuple[str, ...] | None = None) -> Json:
    """An object that may have more members than those."""
    names = list(members if required is None else required)
    return {"type": "object", "properties": members, **({"required": names} if names else {})}


def one_of(*values: str) -> Json:
    return {"type": "string", "enum": list(values)}


def listed(items: Json) -> Json:
    return {"type": "array", "items": items}


def mapped(values: Json) -> Json:
    return {"type": "object", "additionalProperties": values}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


KEY_DATE = closed(
    {
        "uid": UUID,
        "type": one_of(*dates.KEY_DATE_TYPES),
        "name": TEXT,
        "isDeadline": YES_NO,
        "mandatory": YES_NO,
        "date": DAY,
        "time": TIME,
        "zone": {"type": "string", "description": "An IANA name, or AoE: anywhere on Earth"},
        "utc": INSTANT,
        "precision": one_of(*dates.PRECISIONS),
        "certainty": one_of(*dates.CERTAINTIES),
        "words": TEXT,
    },
    (
        "uid", "type", "name", "isDeadline", "mandatory", "date", "zone", "utc", "precision",
        "certainty", "words",
    ),
)  # fmt: skip


def _event(kind: str, members: Json, *required: str) -> Json:
    named: Json = {"name": TEXT, "eventType": {"const": kind}, **members, "description": TEXT}
    return closed(named, ("name", "eventType", *required))


def _filter(operators: Json, value: Json) -> Json:
    return closed({"operator": operators, "value": value})


def number_filter(operator: str, most: int) -> Json:
    """A filter from a whole number on, or up to it."""
    return _filter(one_of(operator), {"type": "integer", "minimum": 1, "maximum": most})


def _range(bound: Json) -> Json:
    value = {**closed({"min": bound, "max": bound}, ()), "minProperties": 1}
    return _filter(one_of("between", "outside"), value)


def _extensible(*values: str) -> Json:
    members = {"value": one_of(*values, "custom"), "customValue": TEXT, "description": TEXT}
    return closed(members, ("value",))


FIELDS: Json = {
    "Money": closed(
        {"amount": {"type": "string", "pattern": "^-?[0-9]+\\.?[0-9]*$"}, "currency": TEXT}
    ),
    "SingleDateEvent": _event("singleDate", {"date": DAY, "time": TIME}, "date"),
    "DateRangeEvent": _event(
        "dateRange",
        {"startDate": DAY, "startTime": TIME, "endDate": DAY, "endTime": TIME},
        "startDate", "endDate",
    ),
    "OtherEvent": _event("other", {"details": TEXT}),
    "Event": {
        "oneOf": [ref("SingleDateEvent"), ref("DateRangeEvent"), ref("OtherEvent")],
        "discriminator": {
            "propertyName": "eventType",
            "mapping": {
                "singleDate": "#/components/schemas/SingleDateEvent",
                "dateRange": "#/components/schemas/DateRangeEvent",
                "other": "#/components/schemas/OtherEvent",
            },
        },
    },
    "CustomField": closed(
        {
            "name": TEXT,
            "fieldType": one_of("string", "number", "integer", "boolean", "object", "array"),
            "schema": URL,
            "value": {},
            "description": TEXT,
        },
        ("name", "fieldType", "value"),
    ),
    "Identifier": closed(
        {"registry": closed({"code": TEXT, "url": URL}, ()), "id": TEXT}, ("id",)
    ),
    "OppIds": closed({"systemId": ref("Identifier"), "otherIds": mapped(ref("Identifier"))}, ()),
    "OrgRef": closed({"id": UUID, "name": TEXT}),
    "OrgRefCollection": closed(
        {"primary": ref("OrgRef"), "otherOrgs": mapped(ref("OrgRef"))}, ("primary",)
    ),
}  # fmt: skip
MODELS: Json = {
    "OppStatus": _extensible("forecasted", "open", "closed"),
    "ApplicantType": _extensible(
        "individual", "organization", "government_state", "government_county",
        "government_municipal", "government_special_district", "government_tribal",
        "organization_tribal_other", "school_district_independent", "higher_education_public",
        "higher_education_private", "non_profit_with_501c3", "nonprofit_without_501c3",
        "for_profit_small_business", "for_profit_not_small_business", "unrestricted",
    ),
    "OppFunding": closed(
        {
            "details": TEXT,
            "totalAmountAvailable": ref("Money"),
            "minAwardAmount": ref("Money"),
            "maxAwardAmount": ref("Money"),
            "estimatedAwardCount": COUNT,
        },
        (),
    ),
    "OppTimeline": closed(
        {
            "postDate": ref("Event"),
            "closeDate": ref("Event"),
            "otherDates": mapped(ref("Event")),
        },
        (),
    ),
    "OpportunityBase": closed(
        {
            "id": UUID,
            "title": TEXT,
            "identifiers": ref("OppIds"),
            "status": ref("OppStatus"),
            "description": TEXT,
            "funding": ref("OppFunding"),
            "funders": ref("OrgRefCollection"),
            "keyDates": ref("OppTimeline"),
            "acceptedApplicantTypes": listed(ref("ApplicantType")),
            "source": URL,
            "customFields": ref("CustomFields"),
            "createdAt": INSTANT,
            "lastModifiedAt": INSTANT,
        },
        (
            "id", "title", "identifiers", "status", "description", "keyDates", "source",
            "customFields", "createdAt", "lastModifiedAt",
        ),
    ),
}  # fmt: skip
FILTERS: Json = {
    "DefaultFilter": closed(
        {
            "operator": one_of(
                "eq", "neq", "gt", "gte", "lt", "lte", "in", "notIn", "between", "outside", "like",
                "notLike",
            ),
            "value": {},
        }
    ),
    "StringArrayFilter": _filter(one_of("in", "notIn"), {**listed(TEXT), "maxItems": 100}),
    "DateRangeFilter": _range({"anyOf": [DAY, {"type": "string", "format": "date-time"}]}),
    "MoneyRangeFilter": _range(ref("Money")),
}  # fmt: skip
ENVELOPES: Json = {
    "PaginatedResultsInfo": closed(
        {
            "page": {"type": "integer", "minimum": 1},
            "pageSize": {"type": "integer", "minimum": 1},
            "totalItems": COUNT,
            "totalPages": COUNT,
        }
    ),
    "SortedResultsInfo": closed(
        {
            "sortBy": TEXT,
            "customSortBy": TEXT,
            "sortOrder": one_of("asc", "desc"),
            "errors": listed(TEXT),
        },
        ("sortBy", "sortOrder", "errors"),
    ),
    "Error": closed(
        {
            "status": {"type": "integer"},
            "message": TEXT,
            "errors": listed(closed({"field": TEXT, "message": TEXT}, ("message",))),
        }
    ),
}
