"""What clusters, organisations, programmes and pages have in JSON: the table of `tables`, continued."""

from __future__ import annotations

from collections.abc import Mapping

from feedsvc.content.clusters import ClusterEdit, FormerNameEdit, NameEdit
from feedsvc.content.organisations import OrganisationEdit, ProgrammeEdit
from feedsvc.content.static_pages import PageEdit, PageText
from feedsvc.i18n import N_
from feedsvc.web.api.editor.objects import Field, Object
from feedsvc.web.api.editor.shapes import Languages, Many, Text, Whole
from feedsvc.web.api.editor.tables import MARKDOWN, called, in_languages

NAME = Object(
    "ClusterText",
    NameEdit,
    {
        "name": Field(shape=Text(200), empty=""),
        "summary": Field(shape=Text(), meaning=MARKDOWN),
        "body": Field(shape=Text(), meaning=MARKDOWN),
        "manager_role": Field(shape=Text(200)),
    },
)
FORMER = Object(
    "FormerName",
    FormerNameEdit,
    {
        "name": Field(shape=Text(200), needed=N_("Enter a name.")),
        "since": Field(shape=Whole(2100), meaning="Year"),
        "until": Field(shape=Whole(2100), meaning="Year"),
    },
)
SLUG = Field(shape=Text(80), meaning="Its name in addresses and filters; empty: made from the name")
CLUSTER = Object(
    "Cluster",
    ClusterEdit,
    {
        "texts": Field(shape=Languages(NAME), get=in_languages("texts"), empty={}),
        "slug": SLUG,
        "colour": Field(shape=Text(7), meaning="#rrggbb"),
        "founded": Field(shape=Whole(2100), meaning="Year"),
        "manager_email": Field(shape=Text(254)),
        "position": Field(shape=Whole(), meaning="Place in lists"),
        "former_names": Field(shape=Many(FORMER, rows=True), meaning="Their addresses lead here"),
    },
)
ORGANISATION = Object(
    "Organisation",
    OrganisationEdit,
    {
        "names": Field(
            shape=Languages(Text(300)), empty={},
            get=lambda row: {text.language: text.name for text in row.texts},
        ),
        "slug": SLUG,
        "url": Field(shape=Text(500)),
        "country": Field(shape=Text(2), meaning="ISO 3166-1 alpha-2"),
    },
)  # fmt: skip
PROGRAMME = Object(
    "Programme",
    ProgrammeEdit,
    {
        "name": Field(shape=Text(300), empty=""),
        "slug": SLUG,
        "owner": Field(shape=Text(80), get=called("owner", "slug"), meaning="Slug of its owner"),
    },
)


def _page(texts: Mapping[str, Mapping[str, str]]) -> PageEdit:
    return PageEdit(texts={code: PageText(code, **text) for code, text in texts.items()})


PAGE_TEXT = Object(
    "PageText",
    dict,
    {
        "title": Field(shape=Text(200), empty=""),
        "body": Field(shape=Text(), empty="", meaning=MARKDOWN),
    },
)
PAGE = Object(
    "Page",
    _page,
    {
        "texts": Field(
            shape=Languages(PAGE_TEXT), get=in_languages("texts"), empty={},
            meaning="A language that is left out has the text that comes with the software",
        )
    },
)  # fmt: skip
