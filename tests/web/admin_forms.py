"""Forms of the admin as a browser without scripts sends them: every field of the page, as shown."""

from __future__ import annotations

from typing import Any

from lxml import html
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.support.client import Browser


def shown(answer: TestResponse) -> MultiDict[str, Any]:
    """What the editor's form of a page would send if nothing were typed."""
    forms = html.fromstring(answer.text).xpath("//main//form[@method='post']")
    form = max(forms, key=lambda form: len(form.form_values()))
    # The line break after <textarea> belongs to the markup; browsers send CRLF for the others.
    values = [(name, text.removeprefix("\n")) for name, text in form.form_values()]
    return MultiDict((name, text.replace("\n", "\r\n")) for name, text in values)


def send(
    client: Browser, address: str, page: TestResponse | None = None, **typed: Any
) -> TestResponse:
    """Open the page (or go on from `page`), type into fields, press the button `action`.

    A `__` in a name stands for the `-` of the field: `texts__en__title`. None clears a field; a
    list ticks several boxes.
    """
    fields = shown(page or client.get(address))
    typed.setdefault("action", "save")
    for name, value in typed.items():
        field = name.replace("__", "-")
        fields.poplist(field)
        values = value if isinstance(value, list) else [value]
        for one in values:
            if one is not None:
                fields.add(field, one)
    return client.post(address, data=fields, content_type="multipart/form-data")


def title(answer: TestResponse) -> str:
    return str(html.fromstring(answer.text).findtext(".//title"))


def problems(answer: TestResponse) -> dict[str, str]:
    """The lines of the error summary: the sentence by the field that it links to."""
    links = html.fromstring(answer.text).xpath("//*[@id='problems']//li/a")
    return {link.get("href").removeprefix("#"): link.text_content() for link in links}


def value(answer: TestResponse, field: str) -> str | None:
    """What a field of the page holds."""
    found = shown(answer).get(field)
    return found.replace("\r\n", "\n") if found is not None else None


def has_id(answer: TestResponse, place: str) -> bool:
    return bool(html.fromstring(answer.text).xpath("//*[@id=$place]", place=place))
