"""Answers of the API for editors, held to its own description (OpenAPI 3.1, JSON Schema 2020-12)."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from werkzeug.test import TestResponse

from feedsvc.settings import Settings
from feedsvc.web.api.editor import openapi

DOCUMENT = openapi.document(Settings())
BY_ID = {
    operation["operationId"]: operation
    for path in DOCUMENT["paths"].values()
    for operation in path.values()
}


def held_to(name: str, status: int, answer: TestResponse) -> Any:
    """What is answered, which must be as the document has it."""
    assert answer.status_code == status, answer.text
    response = BY_ID[name]["responses"][str(status)]
    if "$ref" in response:
        response = DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    [(kind, content)] = response["content"].items()
    assert answer.mimetype == kind
    whole = {**content["schema"], "components": DOCUMENT["components"]}
    value = answer.get_json()
    Draft202012Validator(whole, format_checker=FormatChecker()).validate(value)
    return value
