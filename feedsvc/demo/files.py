"""Content written by hand: a folder of TOML files, read into edits. Reads files, else pure.

    clusters.toml        [[cluster]] slug, founded, colour, manager_email,
                         former = [{ name, since, until }];
                         [cluster.en] name, summary, body, manager_role
    organisations.toml   [[organisation]] slug, url, country, names = { en, fr, de }
    programmes.toml      [[programme]] slug, name, owner
    news/NAME.toml       one news item a file
    calls/NAME.toml      one call a file

An entry says when it was `published`, to which `clusters` it belongs and which other entries are
`related` (as "news/NAME" or "calls/NAME"), and has a table for each language:

    published = 2024-03-28
    clusters = ["cleantech"]

    [en]
    title = "Waste heat: time to take action"
    summary = "One sentence."
    body = \"\"\"Markdown.\"\"\"
    [en.sections]                        # calls: eligibility, how_to_apply, funding
    [[en.quotes]]                        # text, source

A call has the fields of the call form under the form's names; its money stands in `[funding]`,
whom to ask in `[contact]` (role, email), its dates and documents in `[[key_dates]]` and
`[[documents]]` (title, url, size in bytes). `optional = true` marks a date that excludes nobody who
misses it, `example = true` a call that does not exist. A call that changed after it was published
says so, and then has a history to show:

    [key_dates.moved]                    # of the last [[key_dates]] above it
    from = 2024-04-16                    # the date that was published first
    on = 2024-04-02                      # when it was moved
    because = { en = "...", fr = "..." }

    [cancelled]
    on = 2024-04-20
    because = { en = "..." }

Wherever a date stands, a whole number stands for so many days from today: `date = +12`.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from feedsvc.calls.edits import CallEdit
from feedsvc.content.clusters import DEFAULT_COLOUR, ClusterEdit, FormerNameEdit, NameEdit
from feedsvc.content.edits import Quote, TextEdit
from feedsvc.content.organisations import OrganisationEdit, ProgrammeEdit
from feedsvc.demo import call_files
from feedsvc.demo.call_files import Change
from feedsvc.demo.tables import BadContent, Table
from feedsvc.i18n import LOCALES
from feedsvc.news.edits import NewsEdit

KINDS = ("news", "calls")
Edit = NewsEdit | CallEdit


@dataclass(frozen=True, kw_only=True)
class EntryFile:
    """An entry as written. `name` is its file, like "news/waste-heat", and `related` names others."""

    name: str
    published: dt.date
    related: tuple[str, ...]
    edit: Edit
    changes: tuple[Change, ...] = ()

    @property
    def kind(self) -> str:
        """The kind of entry, as the domain calls it."""
        return "call" if isinstance(self.edit, CallEdit) else "news"


@dataclass(frozen=True, kw_only=True)
class Content:
    """A whole folder."""

    clusters: tuple[ClusterEdit, ...]
    organisations: tuple[OrganisationEdit, ...]
    programmes: tuple[ProgrammeEdit, ...]
    entries: tuple[EntryFile, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.clusters or self.organisations or self.programmes or self.entries)


def read(folder: Path, *, today: dt.date) -> Content:
    """Everything in the folder, entries in the order of their names. Raises: BadContent."""
    return Content(
        clusters=tuple(map(_cluster, _rows(folder, "cluster", today))),
        organisations=tuple(map(_organisation, _rows(folder, "organisation", today))),
        programmes=tuple(map(_programme, _rows(folder, "programme", today))),
        entries=tuple(
            _entry(name, table)
            for kind in KINDS
            for path in sorted((folder / kind).glob("*.toml"))
            for name, table in [(f"{kind}/{path.stem}", _table(path, today))]
        ),
    )


def _rows(folder: Path, name: str, today: dt.date) -> list[Table]:
    path = folder / f"{name}s.toml"
    if not path.exists():
        return []
    table = _table(path, today)
    rows = table.tables(name)
    table.done()
    return rows


def _table(path: Path, today: dt.date) -> Table:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise BadContent("%(path)s: %(error)s", path=path.name, error=error) from error
    return Table(values, f"{path.parent.name}/{path.name}", today=today)


def _cluster(row: Table) -> ClusterEdit:
    edit = ClusterEdit(
        slug=row.text("slug"),
        founded=row.whole("founded"),
        colour=row.text("colour") or DEFAULT_COLOUR,
        manager_email=row.text("manager_email"),
        former_names=tuple(map(_former_name, row.tables("former"))),
        texts={code: _name(table) for code, table in _languages(row)},
    )
    row.done()
    return edit


def _former_name(row: Table) -> FormerNameEdit:
    edit = FormerNameEdit(row.text("name"), since=row.whole("since"), until=row.whole("until"))
    row.done()
    return edit


def _name(table: Table) -> NameEdit:
    edit = NameEdit(*(table.text(key) for key in ("name", "summary", "body", "manager_role")))
    table.done()
    return edit


def _organisation(row: Table) -> OrganisationEdit:
    edit = OrganisationEdit(
        names=row.words("names"),
        slug=row.text("slug"),
        url=row.text("url"),
        country=row.text("country"),
    )
    row.done()
    return edit


def _programme(row: Table) -> ProgrammeEdit:
    edit = ProgrammeEdit(
        name=row.text("name"), slug=row.text("slug"), owner=row.text("owner") or None
    )
    row.done()
    return edit


def _entry(name: str, table: Table) -> EntryFile:
    shared: dict[str, Any] = {
        "clusters": table.texts("clusters"),
        "texts": {code: _text(inner) for code, inner in _languages(table)},
        "is_example": table.flag("example"),
    }
    about: dict[str, Any] = {
        "name": name,
        "published": table.day("published"),
        "related": table.texts("related"),
    }
    file = EntryFile(**about, edit=NewsEdit(**shared))
    if name.startswith("calls/"):
        call, changes = call_files.read(table, shared)
        file = replace(file, edit=call, changes=changes)
    table.done()
    return file


def _languages(table: Table) -> list[tuple[str, Table]]:
    found = [(code, table.table(code)) for code in LOCALES]
    return [(code, inner) for code, inner in found if inner is not None]


def _text(table: Table) -> TextEdit:
    edit = TextEdit(
        title=table.text("title"),
        slug=table.text("slug"),
        summary=table.text("summary"),
        body=table.text("body"),
        sections=table.words("sections"),
        quotes=tuple(map(_quote, table.tables("quotes"))),
    )
    table.done()
    return edit


def _quote(row: Table) -> Quote:
    quote = Quote(row.text("text"), row.text("source"))
    row.done()
    return quote
