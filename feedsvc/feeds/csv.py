"""Calls as a table (RFC 4180, UTF-8): a row for each, the names of the columns first. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from feedsvc import sheets
from feedsvc.feeds.fragments import Fragment, Frame
from feedsvc.feeds.model import FeedCall, FeedDate, FeedEntry, FeedHead, amount
from feedsvc.sheets import MEDIA_TYPE as MEDIA_TYPE

COLUMNS = (
    "id", "title", "url", "status", "reference", "series", "edition", "funders", "programme",
    "clusters", "opens", "final_deadline", "deadlines", "timezone", "deadline_model",
    "currency", "award_min", "award_max", "total_budget", "expected_awards",
    "cofinancing_min_percent", "cofinancing_max_percent", "applicants", "geographies",
    "apply_url", "published", "updated", "fit",
)  # fmt: skip


def fragment(entry: FeedEntry) -> Fragment:
    return Fragment(sheets.line(_cells(entry, entry.call)) if entry.call else b"")


def frame(_head: FeedHead, _fragments: Sequence[Fragment]) -> Frame:
    return Frame(sheets.line(COLUMNS), b"")


def _cells(entry: FeedEntry, call: FeedCall) -> list[str]:
    final = call.deadlines[-1] if call.deadlines else None
    return [
        entry.id, entry.title, entry.url, call.status, call.reference, call.series, call.edition,
        "; ".join(call.funders), call.programme, "; ".join(c.term for c in entry.categories),
        _machine(call.opens), _machine(final), "; ".join(d.machine for d in call.deadlines),
        final.zone if final else "", call.model,
        call.currency, _amount(call.award_min), _amount(call.award_max),
        _amount(call.total_budget),
        "" if call.expected_awards is None else str(call.expected_awards),
        _amount(call.cofinancing_min), _amount(call.cofinancing_max),
        "; ".join(call.applicants), "; ".join(call.geographies),
        call.apply_url, entry.published.isoformat(), entry.updated.isoformat(),
        "; ".join(call.fit),
    ]  # fmt: skip


def _machine(date: FeedDate | None) -> str:
    return date.machine if date else ""


def _amount(value: Decimal | None) -> str:
    return "" if value is None else amount(value)
