"""Deadlines and funding for machines: the namespace `urn:feedsvc:call:1.0`, and the RSS event
module, as feedgen extensions for both XML formats.

The namespace is frozen: nothing in 1.0 is ever deleted or given another meaning, and it does not
depend on the site's address. `vocabulary` says it in words, `call-1.0.xsd` is its schema. Values stand in attributes, because common parsers drop the text of
an unknown element that has attributes, and keep only the last of repeated elements: so the final
deadline is the last one. A call's block has no text of its own.
"""

from __future__ import annotations

from typing import Any

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.util import xml_elem
from lxml import etree

from feedsvc.feeds.generator import DUBLIN_CORE
from feedsvc.feeds.model import FeedCall, FeedDate, amount
from feedsvc.markup import clean

CALL = "urn:feedsvc:call:1.0"
EVENT = "http://purl.org/rss/1.0/modules/event/"
NAMESPACES = {"call": CALL, "ev": EVENT}
KIND_OF_EVENT = "call-for-projects"


class CallFeedExtension(BaseExtension):  # type: ignore[misc]
    """Declares the namespaces on the root, once."""

    def extend_ns(self) -> dict[str, str]:
        return {**NAMESPACES, "dc": DUBLIN_CORE}


class CallEntryExtension(BaseEntryExtension):  # type: ignore[misc]
    """The block of one call; of an entry that is no call, nothing."""

    def __init__(self) -> None:
        self.call: FeedCall | None = None
        self.id = ""

    def set(self, call: FeedCall, *, entry_id: str) -> None:
        self.call, self.id = call, entry_id

    def extend_atom(self, entry: Any) -> Any:
        if self.call is not None:
            _event(entry, self.call)
            _block(entry, self.call, self.id)
        return entry

    def extend_rss(self, item: Any) -> Any:
        return self.extend_atom(item)


def _event(entry: Any, call: FeedCall) -> None:
    if call.opens:
        xml_elem(f"{{{EVENT}}}startdate", entry).text = call.opens.machine
    if call.deadlines:
        xml_elem(f"{{{EVENT}}}enddate", entry).text = call.deadlines[-1].machine
    if call.funders:
        xml_elem(f"{{{EVENT}}}organizer", entry).text = clean(", ".join(call.funders))
    xml_elem(f"{{{EVENT}}}type", entry).text = KIND_OF_EVENT


def _block(entry: Any, call: FeedCall, uid: str) -> None:
    block = _element(
        entry, "call",
        status=call.status, id=uid, model=call.model, reference=call.reference,
        series=call.series, edition=call.edition,
    )  # fmt: skip
    for funder in call.funders:
        _element(block, "funder", name=funder)
    if call.programme:
        _element(block, "programme", name=call.programme)
    if call.opens:
        _element(block, "opens", **date_values(call.opens))
    for deadline in call.deadlines:
        _element(block, "deadline", stage=deadline.type, **date_values(deadline))
    for tag, values in money_values(call).items():
        _element(block, tag, **values)
    if call.apply_url:
        _element(block, "applyLink", href=call.apply_url)


def date_values(date: FeedDate) -> dict[str, str]:
    """`at` for an instant, `date` for as much of a date as is known; what is usual goes unsaid."""
    values = {"at" if date.precision == "minute" else "date": date.machine, "tz": date.zone}
    if date.precision not in ("minute", "day"):
        values["precision"] = date.precision
    if date.certainty != "confirmed":
        values["certainty"] = date.certainty
    return values


def money_values(call: FeedCall) -> dict[str, dict[str, str]]:
    """What is known of the money, by the name of its element."""
    found: dict[str, dict[str, str]] = {}
    for name, value in (
        ("fundingCap", call.award_max),
        ("fundingMinimum", call.award_min),
        ("totalBudget", call.total_budget),
    ):
        if value is not None:
            found[name] = {"amount": amount(value), "currency": call.currency}
    low, high = call.cofinancing_min, call.cofinancing_max
    rates = {"minPercent": low, "maxPercent": high}
    if low is not None or high is not None:
        found["cofinancingRate"] = {n: amount(v) for n, v in rates.items() if v is not None}
    return found


def _element(parent: Any, tag: str, /, **values: str) -> Any:
    given = {name: said for name, value in values.items() if (said := clean(value))}
    return etree.SubElement(parent, f"{{{CALL}}}{tag}", given)
