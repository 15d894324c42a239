"""A call as a flat table of values by form-field name, and a call's edit made of such a table.

The history keeps what differs between two of them, so that every earlier one can be read from it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from feedsvc import urls
from feedsvc.calls.edits import CallEdit, Document, KeyDateEdit
from feedsvc.calls.models import Call
from feedsvc.content import entries

LINES = ("reference", "series", "edition", "contact_role", "contact_email")
TEXTS = ("deadline_model", "close_reason", "currency", "apply_url", "info_url")
MONEY = ("total_budget", "award_min", "award_max", "cofinancing_min", "cofinancing_max")
NUMBERS = ("expected_awards", "trl_min", "trl_max")
VALUES = (*TEXTS, *MONEY, *NUMBERS)
LISTS = ("funders", "applicants", "aid_types", "geographies")


def of(call: Call) -> dict[str, Any]:
    """The call as it stands, by form-field name, for the history and for events."""
    seen = entries.snapshot(call)
    seen |= {name: getattr(call, name) for name in (*LINES, *VALUES)}
    seen["programme"] = call.programme.slug if call.programme else None
    seen["funders"] = sorted(funder.slug for funder in call.funders)
    seen["applicants"] = sorted(row.applicant for row in call.applicants)
    seen["aid_types"], seen["geographies"] = call.aid_types, call.geographies
    seen["documents"] = [*call.documents, *seen.pop("files")]
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


def edit(values: Mapping[str, Any]) -> CallEdit:
    """The edit that makes a call what such a table says."""
    fields: dict[str, Any] = entries.fields(values)
    fields |= {name: values.get(name) or "" for name in (*LINES, *TEXTS)}
    fields |= {name: _amount(values.get(name)) for name in MONEY}
    fields |= {name: values.get(name) for name in NUMBERS}
    fields |= {name: tuple(values.get(name) or ()) for name in LISTS}
    dates = [(name.split("."), date) for name, date in sorted(values.items()) if date is not None]
    return CallEdit(
        **fields,
        programme=values.get("programme"),
        documents=tuple(
            Document(**document)
            for document in values.get("documents") or ()
            if not document["url"].startswith(urls.document(""))  # of the library: see `files`
        ),
        key_dates=tuple(_key_date(name[1], date) for name, date in dates if name[0] == "key_dates"),
    )


def standing(call: Call) -> CallEdit:
    """The edit that would leave the call as it is."""
    found = entries.knowing(call, edit(of(call)))
    assert isinstance(found, CallEdit)
    return found


def _key_date(uid: str, values: Mapping[str, Any]) -> KeyDateEdit:
    day, time = values["date"], values["time"]
    return KeyDateEdit(
        **{name: values[name] for name in ("type", "zone", "precision", "certainty", "mandatory")},
        uid=uid,
        date=dt.date.fromisoformat(day) if isinstance(day, str) else day,
        time=dt.time.fromisoformat(time) if isinstance(time, str) else time,
        labels=values["labels"],
    )


def _amount(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


def names(call: Call) -> list[str]:
    """Words by which a call is found beside its texts."""
    names = [text.name for funder in call.funders for text in funder.texts]
    programme = [call.programme.name] if call.programme else []
    return [*names, *programme, call.reference, call.series, call.edition]
