"""docs/import.md holds every field of a row, and its examples can be imported as it says."""

from __future__ import annotations

import json
from pathlib import Path

from feedsvc.db import Database
from feedsvc.imports import call_rows, dates
from feedsvc.imports.calls import BATCH, import_calls
from feedsvc.settings import Settings
from tests.builders import BEGINNING
from tests.docs import pages

PAGE = "docs/import.md"
BROKEN = (
    {"source_id": "2026-09", "opens": "2026-09-01", "deadlines": [{"date": "2026-08-01"}]},
    {"source_id": "2026-10", "deadlines": [{"date": "2026-08-01", "tz": "Mars/Olympus"}]},
)


def test_every_field_is_documented() -> None:
    held = {name for row in pages.table(PAGE, "Field") for name in pages.codes(row[0])}
    assert held == call_rows.KNOWN_FIELDS


def test_every_kind_of_deadline_is_documented() -> None:
    assert set(dates.TYPES) <= set(pages.codes(pages.text(PAGE)))
    assert f"{BATCH} rows are a transaction" in pages.text(PAGE)


def test_the_examples_are_imported_and_reported_as_it_says(
    db: Database, settings: Settings, tmp_path: Path
) -> None:
    examples = [json.loads(example) for example in pages.fences(PAGE, "json")]
    broken = [{"source": "example-fund", "title": "Broken", **row} for row in BROKEN]
    file = tmp_path / "calls.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in [*examples, *broken]))
    report = import_calls(db, file, settings=settings, now=BEGINNING)
    assert str(report) == pages.fences(PAGE, "")[0].strip()
