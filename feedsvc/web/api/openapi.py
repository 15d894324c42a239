"""The OpenAPI 3.1 document of the API. Data: what it says is held to the routes by tests."""

from __future__ import annotations

from typing import Any

from feedsvc.content.filters import MAX_QUERY
from feedsvc.settings import Settings
from feedsvc.web.api import asked, fields, filters, schemas
from feedsvc.web.api.schemas import TEXT, UUID, closed, listed, one_of, opened, ref

Json = dict[str, Any]

PATH = fields.DOCUMENT
VERSION = "1.0.0"  # of this API
PROTOCOL = "https://commongrants.org"
ABOUT = (
    "Calls for projects by the CommonGrants protocol. Public: no key is needed, and any site's "
    "script may ask. What the protocol has no place for is in custom fields."
)
PAGE: Json = {
    "type": "integer", "minimum": 1, "maximum": asked.LARGEST_PAGE_NUMBER, "default": 1
}  # fmt: skip
SIZE: Json = {
    "type": "integer", "minimum": 1, "maximum": asked.LARGEST_PAGE, "default": asked.LARGEST_PAGE
}  # fmt: skip
PAGING = [("page", "The page to return", PAGE), ("pageSize", "Opportunities on a page", SIZE)]


def document(settings: Settings) -> Json:
    """The whole document, for the site of these settings."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{settings.site_name}: calls for projects",
            "version": VERSION,
            "description": ABOUT,
        },
        "externalDocs": {"url": PROTOCOL, "description": "The CommonGrants protocol"},
        "servers": [{"url": settings.base_url.rstrip("/")}],
        "tags": [
            {"name": "Opportunities", "description": "Calls for projects"},
            {"name": "required", "description": "What every API of the protocol has"},
            {"name": "optional", "description": "What an API of the protocol may have"},
        ],
        "paths": _paths(_language(settings)),
        "components": {"schemas": _components()},
    }


def _paths(language: Json) -> Json:
    return {
        "/common-grants/opportunities": {
            "get": {
                "operationId": "Opportunities_list",
                "summary": "List opportunities",
                "description": "All public calls, the one that changed last first.",
                "tags": ["Opportunities", "required"],
                "parameters": [*(_query(*row) for row in PAGING), language],
                "responses": _responses("OpportunityList", 400),
            }
        },
        "/common-grants/opportunities/{oppId}": {
            "get": {
                "operationId": "Opportunities_read",
                "summary": "View opportunity details",
                "description": "One call, with everything that lists say of it.",
                "tags": ["Opportunities", "required"],
                "parameters": [
                    {"name": "oppId", "in": "path", "required": True, "schema": UUID,
                     "description": "The id of the opportunity"},
                    language,
                ],
                "responses": _responses("OpportunityData", 400, 404, 410),
            }
        },
        "/common-grants/opportunities/search": {
            "post": {
                "operationId": "Opportunities_search",
                "summary": "Search opportunities",
                "description": "The calls that meet every condition. Changes nothing.",
                "tags": ["Opportunities", "optional"],
                "parameters": [*(_query(*row) for row in PAGING), language],
                "requestBody": {"required": True, "content": _json("OpportunitySearch")},
                "responses": _responses("OpportunityResults", 400, 413),
            }
        },
        PATH: {
            "get": {
                "operationId": "Document_read",
                "summary": "View this document",
                "description": "This document.",
                "parameters": [language],
                "responses": {
                    "200": {
                        "description": "The document",
                        "content": {"application/json": {"schema": {"type": "object"}}},
                    },
                    **_errors(400),
                },
            }
        },
    }  # fmt: skip


REASONS = {
    400: "The request says something that means nothing here",
    404: "There is no such opportunity",
    410: "The opportunity was taken away",
    413: "The body is too large",
}


def _responses(name: str, *errors: int) -> Json:
    return {"200": {"description": "Success", "content": _json(name)}, **_errors(*errors)}


def _errors(*statuses: int) -> Json:
    return {
        str(status): {"description": REASONS[status], "content": _json("Error")}
        for status in statuses
    }


def _json(name: str) -> Json:
    return {"application/json": {"schema": ref(name)}}


def _query(name: str, description: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _language(settings: Settings) -> Json:
    choice = {**one_of(*settings.languages), "default": settings.default_language}
    return _query("lang", "The language of the texts, where they are written in it", choice)


def _components() -> Json:
    return {
        **schemas.FIELDS,
        **schemas.MODELS,
        "CustomFields": closed({name: _custom(name) for name in fields.FIELDS}, ("language",)),
        **{
            fields.component(name): {**field.schema, "description": field.description}
            for name, field in fields.FIELDS.items()
        },
        **schemas.FILTERS,
        "OppFilters": _filters(),
        "OpportunitySearch": _search(),
        **schemas.ENVELOPES,
        "OpportunityList": _envelope({"items": listed(ref("OpportunityBase"))}, "pagination"),
        "OpportunityData": _envelope({"data": ref("OpportunityBase")}),
        "OpportunityResults": _envelope(
            {"items": listed(ref("OpportunityBase"))}, "pagination", "sort", "filter"
        ),
    }


def _custom(name: str) -> Json:
    """A custom field: the protocol's frame around a value of our own schema."""
    field = fields.FIELDS[name]
    own = {
        "name": {"const": name},
        "fieldType": {"const": field.type},
        "value": ref(fields.component(name)),
    }
    return {"allOf": [ref("CustomField"), opened(own)]}


INFOS: Json = {
    "pagination": ref("PaginatedResultsInfo"),
    "sort": ref("SortedResultsInfo"),
    "filter": closed({"filters": {"type": "object"}, "errors": listed(TEXT)}),
}


def _envelope(content: Json, *infos: str) -> Json:
    told = {f"{name}Info": INFOS[name] for name in infos}
    return closed({"status": {"const": 200}, "message": TEXT, **content, **told})


FILTER_SCHEMAS = {
    "status": "StringArrayFilter",
    "closeDateRange": "DateRangeFilter",
    "totalFundingAvailableRange": "MoneyRangeFilter",
    "minAwardAmountRange": "MoneyRangeFilter",
    "maxAwardAmountRange": "MoneyRangeFilter",
}


def _filters() -> Json:
    """Filters that are named here are heard; others are left out, and told in the answer."""
    own = {name: ref("StringArrayFilter") for name in filters.FACETS} | {
        name: schemas.number_filter(operator, most)
        for name, (_, operator, most) in filters.NUMBERS.items()
    }
    custom = {**opened(own, ()), "additionalProperties": ref("DefaultFilter")}
    named = {name: ref(schema) for name, schema in FILTER_SCHEMAS.items()}
    return {
        **opened({**named, filters.CUSTOM: custom}, ()),
        "additionalProperties": ref("DefaultFilter"),
    }


def _search() -> Json:
    sorting = {
        "sortBy": one_of(*asked.SORTS, asked.CUSTOM),
        "customSortBy": {
            "type": "string", "description": f"One of: {', '.join(asked.CUSTOM_SORTS)}"
        },
        "sortOrder": {**one_of(*asked.ORDERS), "default": "desc"},
    }  # fmt: skip
    return closed(
        {
            "search": {"type": "string", "maxLength": MAX_QUERY},
            "filters": ref("OppFilters"),
            "sorting": closed(sorting, ()),
            "pagination": closed({"page": PAGE, "pageSize": SIZE}, ()),
        },
        (),
    )
