"""What stands beside the form: what an entry lacks before it is published, and what is worth another look."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from feedsvc.calls import remarks
from feedsvc.content.lint.finding import NOTE, WARNING, Finding
from feedsvc.errors import Problem
from feedsvc.web.api.editor import reading
from feedsvc.web.api.editor.asked import Answer, Asked, Json
from feedsvc.web.api.editor.objects import Field, Object
from feedsvc.web.api.editor.problems import pointer
from feedsvc.web.api.editor.shapes import Choice, Many, Text
from feedsvc.web.api.editor.things import Thing
from feedsvc.web.api.editor.views import View

PLACE = {
    "field": Field(shape=Text(), meaning="As problems name it; empty: the entry as a whole"),
    "pointer": Field(shape=Text(), meaning="To its place in the entry’s JSON"),
    "detail": Field(shape=Text(), meaning="A sentence"),
}
LACK = Object("Lack", dict, PLACE)
REMARK = Object(
    "Remark",
    dict,
    {
        **PLACE,
        "severity": Field(
            shape=Choice(values=(WARNING, NOTE)),
            meaning="`warning`: readers may be told something wrong; `note`: it could be better",
        ),
    },
)
REMARKS = Object(
    "Remarks",
    dict,
    {
        "missing": Field(shape=Many(LACK, rows=True), meaning="Before it can be published"),
        "remarks": Field(shape=Many(REMARK, rows=True), meaning="Nothing is refused for them"),
    },
)


def of(thing: Thing) -> View:
    def view(session: Session, asked: Asked) -> Answer:
        told = thing.told(session, asked, asked.found)
        edit = reading.edit(session, thing, asked, told, told)
        assert thing.missing is not None
        found = remarks.of(
            session, edit, asked.found, languages=asked.settings.languages,
            zone=ZoneInfo(asked.settings.timezone), now=asked.now,
        )  # fmt: skip
        body = {"missing": _missing(thing.missing(edit), asked), "remarks": _remarks(found, asked)}
        return Answer(body=body, version=asked.found.version)

    return view


def _missing(problems: Sequence[Problem], asked: Asked) -> list[Json]:
    say = asked.language.gettext
    return [_placed(one.field, say(one.message, **dict(one.values))) for one in problems]


def _remarks(found: Sequence[Finding], asked: Asked) -> list[Json]:
    return [
        {**_placed(one.field, one.said(asked.language)), "severity": one.severity} for one in found
    ]


def _placed(field: str, detail: str) -> Json:
    return {"field": field, "pointer": pointer(field), "detail": detail}
