"""The OpenAPI document of the API for editors is a valid one, and says what is answered."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from feedsvc.auth.rules import AUTHOR, EDITOR
from feedsvc.content.media.models import Photo
from feedsvc.db import Database
from feedsvc.web.api.editor import openapi
from feedsvc.web.api.editor.operations import OBJECTS, OPERATIONS
from feedsvc.web.api.editor.things import ENTRIES, PARTS
from tests.support import team
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.support.databases import Backends
from tests.support.described import BY_ID, DOCUMENT, held_to
from tests.support.editor import CALL, Program, program
from tests.support.uploads import image


def test_it_is_served_to_everybody_with_the_site_s_address(db: Database, client: Browser) -> None:
    served = client.get(f"{openapi.BASE}/openapi.json").get_json()
    assert served["servers"] == [{"url": "https://agency.example/api/editor/v1"}]
    assert served["paths"].keys() == DOCUMENT["paths"].keys()
    assert client.post(f"{openapi.BASE}/openapi.json").status_code == 405


def test_it_has_every_operation_once_with_what_its_address_names() -> None:
    assert list(BY_ID) == [one["operationId"] for one in operations()]
    assert set(BY_ID) == {operation.id for operation in OPERATIONS}
    for path, item in DOCUMENT["paths"].items():
        for operation in item.values():
            named = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
            assert named == set(re.findall(r"\{(\w+)\}", path)), operation["operationId"]
            assert all(set(p) >= {"name", "in", "schema"} for p in operation["parameters"])


def test_no_two_objects_have_one_name() -> None:
    """The document knows them by their names alone."""
    tables = (*(thing.table for thing in (*ENTRIES, *PARTS)), *OBJECTS)
    found = {(part.name, id(part)) for table in tables for part in table.parts()}
    assert len(found) == len({name for name, _ in found})


def test_its_schemas_are_schemas_and_all_are_there_and_used() -> None:
    components = DOCUMENT["components"]
    for schema in components["schemas"].values():
        Draft202012Validator.check_schema(schema)
    there = {f"#/components/{kind}/{name}" for kind in ("schemas", "responses")
             for name in components[kind]}  # fmt: skip
    assert set(refs(DOCUMENT)) == there


def refs(value: Any) -> Iterator[str]:
    """Everything that is referred to."""
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from refs(part)


def operations() -> Iterator[dict[str, Any]]:
    for path in DOCUMENT["paths"].values():
        yield from path.values()


@pytest.fixture
def database_url(_backends: Backends) -> Iterator[str]:
    """SQLite is enough: what is asked here is how answers look."""
    yield from _backends["sqlite"].fresh()


@pytest.fixture
def ana(app: Flask, db: Database, clock: FixedClock) -> Program:
    return program(app, db, team.join(db, "Ana", EDITOR, now=clock()), now=clock())


def test_answers_are_as_it_says(ana: Program) -> None:
    call = held_to("create_call", 201, ana.ask("POST", "/calls", CALL))
    path = f"/calls/{call['about']['uid']}"
    held_to("publish_call", 200, ana.ask("POST", f"{path}/publish", {}))
    held_to("get_call", 200, ana.ask("GET", path))
    held_to("list_calls", 200, ana.ask("GET", "/calls"))
    held_to("list_key_dates", 200, ana.ask("GET", f"{path}/key-dates"))
    held_to("history_of_call", 200, ana.ask("GET", f"{path}/history"))
    held_to("replace_call", 412, ana.ask("PUT", path, CALL, tag='"0"'))
    held_to("replace_call", 428, ana.ask("PUT", path, CALL))
    held_to("create_call", 422, ana.ask("POST", "/calls", {"titel": 1}))
    held_to("get_call", 404, ana.ask("GET", "/calls/x"))
    held_to("get_call", 401, ana.ask("GET", path, Authorization="Bearer x"))
    held_to("get_page", 200, ana.ask("GET", "/pages/imprint"))
    held_to("create_cluster", 201, ana.ask("POST", "/clusters", {"texts": {"en": {"name": "X"}}}))
    held_to("whoami", 200, ana.ask("GET", "/"))


def test_a_photo_comes_in_and_stands_with_its_entry(
    ana: Program, app: Flask, db: Database, clock: FixedClock
) -> None:
    sent = upload(ana, data=image(), content_type="image/png")
    photo = held_to("upload_photo", 201, sent)
    item = {"texts": {"en": {"title": "Heat"}}, "photo_id": photo["id"]}
    made = ana.ask("POST", "/news", item)
    path = f"/news/{made.get_json()['about']['uid']}"
    refused = held_to("publish_news_item", 422, ana.ask("POST", f"{path}/publish"))["errors"]
    assert {one["field"] for one in refused} == {"texts.en.photo_alt", "photo_credit"}
    said = {"photo_credit": "The agency", "texts": {"en": {"photo_alt": "A field"}}}
    assert ana.ask("PATCH", path, said, tag=made.headers["ETag"]).status_code == 200
    assert ana.browser.get(photo["url"]).status_code == 404, "readers see no entry that has it"
    held_to("publish_news_item", 200, ana.ask("POST", f"{path}/publish"))
    assert len(ana.browser.get(photo["url"]).data) == photo["bytes"]
    with db.read() as session:
        kept = session.get_one(Photo, photo["id"])
    assert (kept.ready, kept.credit, [text.alt for text in kept.texts]) == (
        True, "The agency", ["A field"]
    )  # fmt: skip
    again = ana.told("POST", "/news", item)["about"]["uid"]
    assert ana.told("POST", f"/news/{again}/publish")["photo_credit"] == "", "the library knows it"


def test_a_photo_is_used_by_who_may_see_it(
    ana: Program, app: Flask, db: Database, clock: FixedClock
) -> None:
    hers = upload(ana, data=image(), content_type="image/png").get_json()
    max_ = program(app, db, team.join(db, "Max", AUTHOR, now=clock()), now=clock())
    item = {"texts": {"en": {"title": "Heat"}}, "photo_id": hers["id"], "files": [1]}
    refused = max_.ask("POST", "/news", item).get_json()["errors"]
    assert [one["field"] for one in refused] == ["files.0", "photo_id"]
    assert max_.ask("GET", f"/photos/{hers['id']}").status_code == 404
    his = upload(max_, data={"photo": (io.BytesIO(image()), "heat.png")}).get_json()
    assert his["id"] != hers["id"], "of a photo that he may not see nothing is told"
    with_his = {**item, "photo_id": his["id"], "files": []}
    assert max_.told("POST", "/news", with_his)["photo_id"] == his["id"]
    assert max_.told("GET", f"/photos/{his['id']}") == his
    no_photo = upload(ana, data=b"<svg/>", content_type="image/png")
    assert held_to("upload_photo", 422, no_photo)["errors"][0]["field"] == "photo"


def upload(whose: Program, **sent: Any) -> TestResponse:
    headers = {"Authorization": f"Bearer {whose.secret}"}
    return whose.browser.post(f"{openapi.BASE}/photos", headers=headers, **sent)
