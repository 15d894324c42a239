"""Import calls from a file of JSON lines, one call a line.

1. `rows.read`: the file, line by line, so that its size costs no memory.
2. `call_rows.understood`: what a row means, or why it cannot be used.
3. `calls.rules.check`: the same rules as for an editor's form.
4. `calls.changes`: create the call and publish it, or change what differs.

A call is known by (source, source_id), and what its source last said is kept as a digest: a row
that says the same again is not looked at twice, so a second run changes nothing and an editor's
corrections stay until the source itself says something new. What is refused is reported by line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.auth.rules import Actor
from feedsvc.calls import changes, rules
from feedsvc.calls.models import Call
from feedsvc.calls.survey import survey
from feedsvc.content import organisations
from feedsvc.content.models import Cluster, Organisation, Programme
from feedsvc.content.organisations import OrganisationEdit, ProgrammeEdit
from feedsvc.db import Database
from feedsvc.errors import Invalid
from feedsvc.imports import call_rows, keep, rows
from feedsvc.imports.call_rows import Understood
from feedsvc.imports.report import Refusal, Report, Unusable
from feedsvc.imports.rows import Line
from feedsvc.settings import Settings

IMPORTER = Actor(None, "Import", "administrator")
BATCH = 100  # rows in a transaction: other writers wait a second or so at most
Key = tuple[str, str]


@dataclass(frozen=True)
class Known:
    """A call that is in the database already."""

    id: int
    digest: str | None


def import_calls(
    db: Database,
    path: Path,
    *,
    settings: Settings,
    now: datetime,
    dry_run: bool = False,
    progress: Callable[[int], object] = int,
) -> Report:
    """Import the file in transactions of some hundred rows; `progress` is told of bytes done.

    Stopped half way, it keeps what was committed, and the next run does the rest. With `dry_run`
    nothing is written; a row that differs is then counted as updated.
    """
    report = Report(dry_run=dry_run)
    lines = rows.read(path)
    seen: dict[Key, int] = {}
    while batch := list(islice(lines, BATCH)):
        with db.read() if dry_run else db.begin() as session:
            ready = list(_ready(session, batch, settings, seen, report, now=now))
            _write(session, ready, report, now=now)
        progress(sum(line.size for line in batch))
    if not dry_run:
        survey(db)
    return report


def _ready(
    session: Session,
    batch: Iterable[Line],
    settings: Settings,
    seen: dict[Key, int],
    report: Report,
    *,
    now: datetime,
) -> Iterator[Understood]:
    """The rows that can be written; the others go into the report."""
    clusters = frozenset(session.scalars(select(Cluster.slug)))
    for line in batch:
        try:
            found = _understood(line, settings, clusters, now=now)
            _refuse_twice(found, line, seen)
        except (Unusable, Invalid) as error:
            report.refused.append(Refusal(line.number, _source_id(line), str(error)))
            continue
        report.notes += found.notes
        yield found


def _refuse_twice(found: Understood, line: Line, seen: dict[Key, int]) -> None:
    first = seen.setdefault(_key(found), line.number)
    if first != line.number:
        raise Unusable(f"source_id: stands in line {first} already")


def _understood(
    line: Line, settings: Settings, clusters: frozenset[str], *, now: datetime
) -> Understood:
    if line.row is None:
        raise Unusable(line.reason)
    found = call_rows.understood(
        line.row,
        zone=settings.timezone,
        languages=settings.languages,
        clusters=clusters,
        now=now,
    )
    rules.check(found.edit)
    return found


def _write(session: Session, ready: list[Understood], report: Report, *, now: datetime) -> None:
    known = _known(session, ready)
    # Held whole through the batch: the session keeps what somebody holds, and need not load it again.
    funders = {row.slug: row for row in session.scalars(select(Organisation))}
    programmes = {row.slug: row for row in session.scalars(select(Programme))}
    for found in ready:
        before, digest = known.get(_key(found)), _digest(found)
        if before is not None and before.digest == digest:
            report.unchanged += 1
        elif report.dry_run:
            report.created += before is None
            report.updated += before is not None
        else:
            _make_funder(session, found, funders, now=now)
            _make_programme(session, found, programmes, now=now)
            if before is None:
                _create(session, found, digest, now=now)
                report.created += 1
            elif _update(session, before.id, found, digest, now=now):
                report.updated += 1
            else:
                report.unchanged += 1


def _known(session: Session, ready: list[Understood]) -> dict[Key, Known]:
    ids = {found.edit.source_id for found in ready}
    query = select(Call.source, Call.source_id, Call.id, Call.source_digest)
    found = session.execute(query.where(Call.source_id.in_(ids)))
    return {(row.source, row.source_id): Known(row.id, row.source_digest) for row in found}


def _create(session: Session, found: Understood, digest: str, *, now: datetime) -> None:
    call = changes.create_call(session, found.edit, actor=IMPORTER, now=now)
    call.source_digest = digest
    changes.publish_call(session, call.id, at=found.publish_at, actor=IMPORTER, now=now)


def _update(
    session: Session, call_id: int, found: Understood, digest: str, *, now: datetime
) -> bool:
    """Whether the call differs from what it was; a withdrawn call stays withdrawn."""
    call = session.get_one(Call, call_id)
    version, call.source_digest = call.version, digest
    edit = keep.merged(call, found.edit)
    return changes.edit_call(session, call_id, edit, actor=IMPORTER, now=now).version != version


def _make_funder(
    session: Session, found: Understood, known: dict[str, Organisation], *, now: datetime
) -> None:
    if found.funder is None or found.funder[0] in known:
        return
    slug, name = found.funder
    edit = OrganisationEdit(names={_language(found): name}, slug=slug, country=found.area)
    known[slug] = organisations.create_organisation(session, edit, actor=IMPORTER, now=now)


def _make_programme(
    session: Session, found: Understood, known: dict[str, Programme], *, now: datetime
) -> None:
    if found.programme is None or found.programme[0] in known:
        return
    slug, name = found.programme
    edit = ProgrammeEdit(name=name, slug=slug, owner=found.funder[0] if found.funder else None)
    known[slug] = organisations.create_programme(session, edit, actor=IMPORTER, now=now)


def _language(found: Understood) -> str:
    return next(iter(found.edit.texts))


def _key(found: Understood) -> Key:
    return found.edit.source or "", found.edit.source_id or ""


def _source_id(line: Line) -> str:
    try:
        return line.row.line("source_id") if line.row else ""
    except Unusable:
        return ""


def _digest(found: Understood) -> str:
    """A name of all that the source says of the call, as it is understood today."""
    return hashlib.sha256(repr(found.edit).encode()).hexdigest()
