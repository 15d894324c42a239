"""The API as its clients see it: its answers held to its own document."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from werkzeug.test import TestResponse

from feedsvc.settings import Settings
from feedsvc.web.api import openapi
from tests.support.client import Browser

LIST = "/common-grants/opportunities"
SEARCH = f"{LIST}/search"
DOCUMENT = openapi.document(Settings())


def schema(name: str) -> Draft202012Validator:
    """A schema of the document, by its name."""
    whole = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    return Draft202012Validator(whole, format_checker=FormatChecker())


def told(answer: TestResponse, name: str) -> Any:
    """What the answer says, which must be as the document has it."""
    assert answer.mimetype == "application/json"
    value = answer.get_json()
    schema(name).validate(value)
    assert value["status"] == answer.status_code
    return value


def search(client: Browser, query: str = "", **body: Any) -> Any:
    """The answer to a search that succeeds; its body is as the document has it, too."""
    schema("OpportunitySearch").validate(body)
    answer = client.post(SEARCH + query, json=body)
    assert answer.status_code == 200, answer.text
    return told(answer, "OpportunityResults")


def titles(value: Any) -> list[str]:
    return [item["title"] for item in value["items"]]
