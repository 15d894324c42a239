"""What an editor wants a call to be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from feedsvc.content.edits import EntryEdit


@dataclass(frozen=True, kw_only=True)
class KeyDateEdit:
    """A date as written: local day, local time or None, IANA zone or `AoE`.

    `uid` names an existing row; without it the date is a new one. A date with a time is exact to
    the minute; without one `precision` says what is known: day, month, quarter or year.
    """

    type: str
    date: dt.date
    time: dt.time | None = None
    zone: str
    uid: str | None = None
    precision: str = "day"
    certainty: str = "confirmed"
    mandatory: bool = True
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Document:
    """A document of the call, by its address; `size` in bytes where it is known."""

    title: str
    url: str
    size: int | None = None


@dataclass(frozen=True, kw_only=True)
class CallEdit(EntryEdit):
    """A call for projects. Amounts are in `currency`, co-financing rates in percent.

    `funders` and `programme` are slugs. `reasons` (by language) say why a published date or amount
    changes, and `material` whether readers need to know.
    """

    reference: str = ""
    series: str = ""
    edition: str = ""
    programme: str | None = None
    funders: tuple[str, ...] = ()
    applicants: tuple[str, ...] = ()
    deadline_model: str = "single_stage"
    close_reason: str = ""
    key_dates: tuple[KeyDateEdit, ...] = ()
    currency: str = "EUR"
    total_budget: Decimal | None = None
    award_min: Decimal | None = None
    award_max: Decimal | None = None
    expected_awards: int | None = None
    cofinancing_min: Decimal | None = None
    cofinancing_max: Decimal | None = None
    aid_types: tuple[str, ...] = ()
    geographies: tuple[str, ...] = ()
    trl_min: int | None = None
    trl_max: int | None = None
    apply_url: str = ""
    info_url: str = ""
    contact_role: str = ""
    contact_email: str = ""
    documents: tuple[Document, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    material: bool = True
