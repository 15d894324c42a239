"""Importing a file of calls into the database, again and again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedsvc.auth.models import History
from feedsvc.calls import changes, rules
from feedsvc.calls.edits import CallEdit, KeyDateEdit
from feedsvc.calls.lists import page
from feedsvc.calls.models import Call
from feedsvc.content import generation, publication
from feedsvc.content.edits import TextEdit
from feedsvc.content.filters import Filter
from feedsvc.content.models import Entry, Organisation, Programme
from feedsvc.db import Database
from feedsvc.imports import keep
from feedsvc.imports.calls import IMPORTER, import_calls
from feedsvc.imports.report import Report
from feedsvc.settings import Settings
from tests.builders import ANA, make_cluster
from tests.support.call_rows import row

REAL_CALLS = Path(__file__).parents[3] / "shared" / "data" / "calls.jsonl"
Run = Callable[..., Report]


@pytest.fixture
def run(db: Database, settings: Settings, now: datetime, tmp_path: Path) -> Run:
    """Import these rows (objects, or lines as they stand)."""

    def run_import(*lines: dict[str, Any] | str, **more: Any) -> Report:
        file = tmp_path / "calls.jsonl"
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        file.write_text("\n".join(texts), encoding="utf-8")
        return import_calls(db, file, settings=settings, **{"now": now, **more})

    return run_import


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, len(report.refused)


def the_call(session: Session) -> Call:
    return session.scalars(select(Call)).one()


def test_a_row_becomes_a_public_call(db: Database, run: Run, now: datetime) -> None:
    report = run(
        row(programme="Horizon Europe (HORIZON)", amount_max=5000, summary="Twice the heat")
    )
    assert counts(report) == (1, 0, 0, 0)
    with db.read() as session:
        call = the_call(session)
        assert rules.status(call, now) == "open"
        assert call.translations[0].title == "Reuse of process heat"
        assert [funder.slug for funder in call.funders] == ["european-commission"]
        assert call.programme
        assert call.programme.name == "Horizon Europe"
        assert call.publish_at == datetime.fromisoformat("2026-01-14T23:00:00+00:00")
        assert [event.type for event in call.events] == ["published"]
        found = page(session, Filter(q="twice"), now=now).items
        assert [found.id for found in found] == [call.id]
        assert (
            session.scalar(
                select(func.count()).where(History.subject == "call", History.subject_id == call.id)
            )
            == 2
        )


def test_a_second_run_changes_nothing_and_says_so(db: Database, run: Run, now: datetime) -> None:
    lines = [row(source_id=str(n), title=f"Call {n}") for n in range(5)]
    run(*lines)
    with db.read() as session:
        before = generation.current(session), session.scalar(select(func.count(History.id)))
    assert counts(run(*lines, now=now + timedelta(days=1))) == (0, 0, 5, 0)
    with db.read() as session:
        after = generation.current(session), session.scalar(select(func.count(History.id)))
    assert after == before


def test_what_the_source_changes_is_changed_and_becomes_an_event(db: Database, run: Run) -> None:
    run(row())
    later = row(deadlines=[{"kind": "submission", "date": "2026-05-15", "tz": "Europe/Brussels"}])
    assert counts(run(later)) == (0, 1, 0, 0)
    with db.read() as session:
        call = the_call(session)
        assert [event.type for event in call.events] == ["published", "date_extended"]
        assert [date.sequence for date in call.key_dates if date.is_deadline] == [1]


def test_jitter_of_a_source_is_no_change(db: Database, run: Run) -> None:
    def at(time: str) -> dict[str, Any]:
        return row(deadlines=[{"date": "2026-04-30", "time": time, "tz": "Europe/Brussels"}])

    run(at("17:00:02"))
    assert counts(run(at("17:00:41"))) == (0, 0, 1, 0)


def test_an_editors_correction_stays_until_the_source_says_something_new(
    db: Database, run: Run, now: datetime
) -> None:
    run(row())
    with db.begin() as session:
        make_cluster(session, "cleantech")
        call = the_call(session)
        edit = keep.merged(call, replace(edit_of(call), clusters=("cleantech",)))
        english = replace(edit.texts["en"], title="Corrected by hand")
        german = TextEdit(title="Abwärme", body="Zweimal nutzen")
        edit = replace(edit, texts={"en": english, "de": german}, contact_role="Energy desk")
        changes.edit_call(session, call.id, edit, actor=ANA, now=now)
    assert counts(run(row())) == (0, 0, 1, 0)
    with db.read() as session:
        assert {text.title for text in the_call(session).translations} == {
            "Corrected by hand", "Abwärme"
        }  # fmt: skip
    assert counts(run(row(title="The source's new title"))) == (0, 1, 0, 0)
    with db.read() as session:
        call = the_call(session)
        titles = {text.language: text.title for text in call.translations}
        assert titles == {"en": "The source's new title", "de": "Abwärme"}
        assert [cluster.slug for cluster in call.clusters] == ["cleantech"]
        assert call.contact_role == "Energy desk"
        assert call.translations[0].slug


def edit_of(call: Call) -> Any:
    """The call as an edit that changes nothing."""
    return CallEdit(
        texts={text.language: keep.text_edit(text) for text in call.translations},
        funders=tuple(funder.slug for funder in call.funders),
        key_dates=tuple(
            KeyDateEdit(uid=d.uid, type=d.type, date=d.local_date, time=d.local_time, zone=d.zone)
            for d in call.key_dates
        ),
        geographies=tuple(call.geographies),
    )


def test_a_withdrawn_call_stays_withdrawn(db: Database, run: Run, now: datetime) -> None:
    run(row())
    with db.begin() as session:
        publication.unpublish(session, the_call(session).id, actor=ANA, now=now)
    run(row(title="Another title"))
    with db.read() as session:
        assert rules.status(the_call(session), now) == "withdrawn"


def test_refused_rows_are_reported_by_line_and_the_rest_is_imported(run: Run) -> None:
    report = run(
        row(source_id="1"),
        "{broken",
        "",
        row(source_id="3", title=""),
        row(source_id="4", opens="2026-05-01"),
        row(source_id="1", title="The same number again"),
        row(source_id="5"),
    )
    assert counts(report) == (2, 0, 0, 4)
    assert [(bad.line, bad.source_id, bad.reason.split(":")[0]) for bad in report.refused] == [
        (2, "", "is not JSON"),
        (4, "3", "title"),
        (5, "4", "key_dates.1.date"),
        (6, "1", "source_id"),
    ]
    assert report.refused[3].reason == "source_id: stands in line 1 already"


def test_a_dry_run_writes_nothing(db: Database, run: Run) -> None:
    assert counts(run(row(), row(source_id="2", title=""), dry_run=True)) == (1, 0, 0, 1)
    with db.read() as session:
        assert session.scalar(select(func.count(Entry.id))) == 0
        assert session.scalar(select(func.count(Organisation.id))) == 0
    run(row())
    assert counts(run(row(), dry_run=True)) == (0, 0, 1, 0)
    assert counts(run(row(title="New"), dry_run=True)) == (0, 1, 0, 0)


def test_progress_is_told_of_every_byte(
    db: Database, settings: Settings, now: datetime, tmp_path: Path
) -> None:
    file, told = tmp_path / "calls.jsonl", []
    file.write_text("\n".join(json.dumps(row(source_id=str(n))) for n in range(450)) + "\n\n")
    import_calls(db, file, settings=settings, now=now, dry_run=True, progress=told.append)
    assert len(told) > 1
    assert sum(told) == file.stat().st_size - 1


def test_an_import_is_one_generation_a_batch(db: Database, run: Run, now: datetime) -> None:
    with db.read() as session:
        before = generation.current(session).value
    run(*[row(source_id=str(n)) for n in range(60)])
    with db.read() as session:
        stamp = generation.current(session)
    assert stamp.value == before + 1
    assert stamp.changed_at <= now + timedelta(seconds=1)


def test_calls_of_the_same_title_get_addresses_of_their_own(db: Database, run: Run) -> None:
    run(*[row(source_id=str(n)) for n in range(3)])
    with db.read() as session:
        slugs = {call.translations[0].slug for call in session.scalars(select(Call))}
    assert slugs == {f"reuse-of-process-heat{end}" for end in ("", "-2", "-3")}


def test_real_calls_are_imported_and_nothing_is_dropped_silently(
    db: Database, settings: Settings, now: datetime, tmp_path: Path
) -> None:
    if not REAL_CALLS.exists():
        pytest.skip(f"no real calls at {REAL_CALLS}")
    lines = REAL_CALLS.read_text(encoding="utf-8").splitlines()
    sample = tmp_path / "sample.jsonl"
    sample.write_text("\n".join(lines[::100]), encoding="utf-8")
    first = import_calls(db, sample, settings=settings, now=now)
    assert first.rows == len(lines[::100])
    assert first.created == first.rows - len(first.refused)
    again = import_calls(db, sample, settings=settings, now=now)
    assert (again.created, again.updated, again.unchanged) == (0, 0, first.created)
    with db.read() as session:
        assert session.scalar(select(func.count(Call.id))) == first.created
        assert session.scalar(select(func.max(Entry.publish_at))) <= now
        assert session.scalar(select(func.count(Programme.id)))


def test_the_whole_real_file_is_understood(settings: Settings, db: Database, now: datetime) -> None:
    if not REAL_CALLS.exists():
        pytest.skip(f"no real calls at {REAL_CALLS}")
    if not db.is_sqlite:
        return  # nothing is written: one database is enough
    report = import_calls(db, REAL_CALLS, settings=settings, now=now, dry_run=True)
    assert report.rows == 4364
    assert len(report.refused) == 5
    assert {bad.reason.split(":")[0].split(".")[0] for bad in report.refused} == {
        "opens",
        "key_dates",
    }


def test_the_importer_is_named_in_the_history(db: Database, run: Run) -> None:
    run(row())
    with db.read() as session:
        assert set(session.scalars(select(History.actor_name))) == {IMPORTER.name}
