"""A call as a flat table of values by form-field name, and a call's edit made of such a table.

The history keeps what differs between two of them, so that every earlier one can be read from it.
"""

from __future__ import annotations

from typing import Any

from feedsvc.calls.models import Call
from feedsvc.content import entries

LINES = ("reference", "series", "edition", "contact_role", "contact_email")
VALUES = (
    "deadline_model", "close_reason", "currency", "total_budget", "award_min", "award_max",
    "expected_awards", "cofinancing_min", "cofinancing_max", "trl_min", "trl_max", "apply_url",
    "info_url",
)  # fmt: skip


def of(call: Call) -> dict[str, Any]:
    """The call as it stands, by form-field name, for the history and for events."""
    seen = entries.snapshot(call)
    seen |= {name: getattr(call, name) for name in (*LINES, *VALUES)}
    seen["programme"] = call.programme.slug if call.programme else None
    seen["funders"] = sorted(funder.slug for funder in call.funders)
    seen["applicants"] = sorted(row.applicant for row in call.applicants)
    seen["aid_types"], seen["geographies"] = call.aid_types, call.geographies
    seen["documents"] = call.documents
    for date in call.key_dates:
        seen[f"key_dates.{date.uid}"] = {
            "type": date.type,
            "date": date.local_date,
            "time": date.local_time,
            "zone": date.zone,
            "precision": date.precision,
            "certainty": date.certainty,
            "mandatory": date.mandatory,
            "labels": date.labels,
        }
    return seen


def names(call: Call) -> list[str]:
    """Words by which a call is found beside its texts."""
    names = [text.name for funder in call.funders for text in funder.texts]
    programme = [call.programme.name] if call.programme else []
    return [*names, *programme, call.reference, call.series, call.edition]
