"""A row of a calls file for the tests of its import."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

from feedsvc.imports import call_rows
from feedsvc.imports.call_rows import Understood
from feedsvc.imports.rows import Row

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
BRUSSELS = "Europe/Brussels"


def row(**more: Any) -> dict[str, Any]:
    return {
        "source": "eu-ft",
        "source_id": "1",
        "title": "Reuse of process heat",
        "funder": "European Commission",
        "opens": "2026-01-15",
        "deadlines": [{"kind": "submission", "date": "2026-04-30", "tz": BRUSSELS}],
        "currency": "EUR",
        "lang": "en",
        **more,
    }


def understood(**more: Any) -> Understood:
    return call_rows.understood(
        Row(json.loads(json.dumps(row(**more)), parse_float=Decimal)),
        zone="Europe/Luxembourg",
        languages=("en", "fr", "de"),
        clusters={"healthtech"},
        now=NOW,
    )
