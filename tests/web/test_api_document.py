"""The OpenAPI document says what the API does: its routes, their answers, and nothing else."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from jsonschema import Draft202012Validator

from feedsvc.db import Database
from feedsvc.settings import Settings
from feedsvc.web.api import asked, fields, filters, openapi, schemas
from feedsvc.web.api.opportunity import APPLICANTS
from tests.builders import make_call
from tests.support.client import Browser
from tests.support.grants import DOCUMENT, LIST, SEARCH, told

CONVERTER = re.compile(r"<(?:\w+:)?\w+>")
METHODS = ("get", "post", "put", "patch", "delete")


def refs(value: Any) -> set[str]:
    """Every schema that is referred to."""
    if isinstance(value, dict):
        own = {value["$ref"].rpartition("/")[2]} if "$ref" in value else set()
        return own.union(*(refs(part) for part in value.values()))
    return set().union(*(refs(part) for part in value)) if isinstance(value, list) else set()


def test_it_is_served_with_the_site_s_address(db: Database, client: Browser) -> None:
    answer = client.get("/api/openapi.json")
    document = answer.get_json()
    assert answer.mimetype == "application/json"
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "https://agency.example"}]
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert client.get("/api/openapi.json", headers=tag).status_code == 304


def test_it_holds_exactly_the_routes(app: Flask) -> None:
    routes = {
        CONVERTER.sub("{}", rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.endpoint != "api.nothing"
    }
    assert {re.sub(r"\{\w+\}", "{}", path) for path in DOCUMENT["paths"]} == routes


def test_it_holds_exactly_the_methods(db: Database, client: Browser) -> None:
    for path, item in DOCUMENT["paths"].items():
        address = path.replace("{oppId}", "018f2e77-3a4b-7c1d-9e2f-abcdef123456")
        allowed = {m for m in METHODS if client.open(address, method=m).status_code != 405}
        assert set(item) == allowed, path


def test_every_status_that_it_promises_is_answered(db: Database, client: Browser) -> None:
    with db.begin() as session:
        uid = make_call(session).uid
    seen = {
        (LIST, 200): client.get(LIST),
        (LIST, 400): client.get(f"{LIST}?page=0"),
        (f"{LIST}/{{oppId}}", 200): client.get(f"{LIST}/{uid}"),
        (f"{LIST}/{{oppId}}", 400): client.get(f"{LIST}/{uid}?page=1"),
        (f"{LIST}/{{oppId}}", 404): client.get(f"{LIST}/{uid[:-1]}"),
        (SEARCH, 200): client.post(SEARCH, json={}),
        (SEARCH, 400): client.post(SEARCH, data=b""),
        (SEARCH, 413): client.post(SEARCH, data=b"x" * 200_000),
        ("/api/openapi.json", 400): client.get("/api/openapi.json?page=1"),
    }
    for (path, status), answer in seen.items():
        assert answer.status_code == status
        [operation] = DOCUMENT["paths"][path].values()
        body = operation["responses"][str(status)]["content"]["application/json"]["schema"]
        told(answer, body["$ref"].rpartition("/")[2])


def test_its_schemas_are_schemas_and_all_are_there_and_used() -> None:
    components = DOCUMENT["components"]["schemas"]
    for schema in components.values():
        Draft202012Validator.check_schema(schema)
    used = refs(DOCUMENT)
    assert used - set(components) == set()
    assert set(components) - used == set()


def test_it_holds_every_filter_order_and_custom_field() -> None:
    components = DOCUMENT["components"]["schemas"]
    heard = components["OppFilters"]["properties"]
    assert set(heard) == {*filters.FILTERS, filters.CUSTOM}
    assert set(heard[filters.CUSTOM]["properties"]) == set(filters.CUSTOM_FILTERS)
    orders = components["OpportunitySearch"]["properties"]["sorting"]["properties"]["sortBy"]
    assert orders["enum"] == [*asked.SORTS, asked.CUSTOM]
    assert set(components["CustomFields"]["properties"]) == set(fields.FIELDS)


def test_the_protocol_s_kinds_of_applicant_hold_ours() -> None:
    known = schemas.MODELS["ApplicantType"]["properties"]["value"]["enum"]
    assert {kind for kinds in APPLICANTS.values() for kind in kinds} <= set(known)


def test_languages_are_those_of_the_site() -> None:
    document = openapi.document(Settings(languages=("fr", "de")))
    parameters = document["paths"][LIST]["get"]["parameters"]
    schema = next(row["schema"] for row in parameters if row["name"] == "lang")
    assert schema == {"type": "string", "enum": ["fr", "de"], "default": "fr"}
