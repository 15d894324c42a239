"""Forms of clusters, organisations and programmes."""

from __future__ import annotations

from typing import Any

import wtforms
from wtforms import FieldList, FormField, HiddenField, StringField
from wtforms.widgets import TextInput

from feedsvc.content.clusters import DEFAULT_COLOUR, ClusterEdit, FormerNameEdit, NameEdit
from feedsvc.content.models import Cluster, Organisation, Programme, StaticPage
from feedsvc.content.organisations import OrganisationEdit, ProgrammeEdit
from feedsvc.content.static_pages import PageEdit, PageText
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin.forms.base import Area, Form, Line, One
from feedsvc.web.admin.forms.entry import MOST_ROWS, in_languages, whole
from feedsvc.web.admin.forms.fields import NumberField

TEXTS = ("name", "summary", "body", "manager_role")


class NameForm(wtforms.Form):
    """A cluster in one language; wholly empty, the language is missing."""

    name = Line(N_("Name"))
    summary = Area(N_("Summary"))
    body = Area(N_("Text"))
    manager_role = Line(N_("Relationship manager, by role"))

    @property
    def is_empty(self) -> bool:
        return not any((field.data or "").strip() for field in self)

    def edit(self) -> NameEdit:
        return NameEdit(
            self.name.data or "",
            self.summary.data or "",
            self.body.data or "",
            self.manager_role.data or "",
        )


class FormerNameForm(wtforms.Form):
    name = Line(N_("Former name"))
    since = NumberField(N_("From year"))
    until = NumberField(N_("Until year"))


class ClusterForm(Form):
    texts = FormField(in_languages(NameForm), N_("Texts"))
    founded = NumberField(N_("Founded in"))
    former_names = FieldList(FormField(FormerNameForm), N_("Former names"), max_entries=MOST_ROWS)
    manager_email = Line(N_("Relationship manager, e-mail address"), most=254)
    colour = StringField(N_("Colour"), default=DEFAULT_COLOUR, widget=TextInput("color"))
    position = NumberField(N_("Place in lists"))
    slug = Line(N_("Address"), most=80)
    version = HiddenField()

    def edit(self) -> ClusterEdit:
        filled = {code: self.texts[code].form for code in context.settings().languages}
        return ClusterEdit(
            texts={code: text.edit() for code, text in filled.items() if not text.is_empty},
            slug=self.slug.data or "",
            colour=self.colour.data or DEFAULT_COLOUR,
            founded=self.founded.data,
            manager_email=self.manager_email.data or "",
            position=self.position.data,
            former_names=self._former_names(),
            version=whole(self.version.data),
        )

    def _former_names(self) -> tuple[FormerNameEdit, ...]:
        rows = [row.form for row in self.former_names]
        kept = [number for number, row in enumerate(rows) if (row.name.data or "").strip()]
        self.rows["former_names"] = kept
        return tuple(
            FormerNameEdit(rows[n].name.data or "", rows[n].since.data, rows[n].until.data)
            for n in kept
        )


class OneNameForm(wtforms.Form):
    name = Line(N_("Name"), most=300)


class OrganisationForm(Form):
    names = FormField(in_languages(OneNameForm), N_("Names"))
    url = Line(N_("Web address"), most=500)
    country = Line(N_("Country, by its code"))
    slug = Line(N_("Address"), most=80)
    version = HiddenField()

    def edit(self) -> OrganisationEdit:
        codes = context.settings().languages
        return OrganisationEdit(
            names={code: self.names[code].form.name.data or "" for code in codes},
            slug=self.slug.data or "",
            url=self.url.data or "",
            country=self.country.data or "",
            version=whole(self.version.data),
        )


class ProgrammeForm(Form):
    name = Line(N_("Name"), most=300)
    owner = One(N_("Owner"))
    slug = Line(N_("Address"), most=80)
    version = HiddenField()

    def edit(self) -> ProgrammeEdit:
        return ProgrammeEdit(
            name=self.name.data or "",
            slug=self.slug.data or "",
            owner=self.owner.data or None,
            version=whole(self.version.data),
        )


class PageTextForm(wtforms.Form):
    """A page in one language; wholly empty, the text is as it came with the software."""

    title = Line(N_("Title"))
    body = Area(N_("Text"))

    @property
    def is_empty(self) -> bool:
        return not any((field.data or "").strip() for field in self)


class PageForm(Form):
    texts = FormField(in_languages(PageTextForm), N_("Texts"))
    version = HiddenField()

    def edit(self) -> PageEdit:
        filled = {code: self.texts[code].form for code in context.settings().languages}
        return PageEdit(
            texts={
                code: PageText(code, text.title.data or "", text.body.data or "")
                for code, text in filled.items()
                if not text.is_empty
            },
            version=whole(self.version.data),
        )


def page_values(page: StaticPage) -> dict[str, Any]:
    return {
        "version": page.version,
        "texts": {row.language: {"title": row.title, "body": row.body} for row in page.texts},
    }


def cluster_values(cluster: Cluster) -> dict[str, Any]:
    names = ("slug", "colour", "founded", "manager_email", "position", "version")
    return {
        **{name: getattr(cluster, name) for name in names},
        "texts": {
            text.language: {name: getattr(text, name) for name in TEXTS} for text in cluster.texts
        },
        "former_names": [
            {"name": row.name, "since": row.since, "until": row.until}
            for row in cluster.former_names
        ],
    }


def organisation_values(organisation: Organisation) -> dict[str, Any]:
    return {
        **{name: getattr(organisation, name) for name in ("slug", "url", "country", "version")},
        "names": {text.language: {"name": text.name} for text in organisation.texts},
    }


def programme_values(programme: Programme) -> dict[str, Any]:
    return {
        "name": programme.name,
        "slug": programme.slug,
        "owner": programme.owner.slug if programme.owner else "",
        "version": programme.version,
    }
