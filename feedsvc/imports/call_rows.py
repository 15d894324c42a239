"""What a row of a calls file means: a `CallEdit`, and what was understood in part only. Pure.

- The source's own status is not copied, because status follows from the dates. It is believed in
  two cases: a call that its source calls closed is closed whatever its dates say (the first stage
  of two excepted), and the dates of a forecast are estimates.
- A call without a deadline is rolling or permanent if the row says so in words, permanent if it
  is open and names no date at all, and otherwise its deadline is to be announced. A call that
  says neither that it is open nor when it opens is not shown as open.
- `call_title` (or `call`) is the series: the call that several topics belong to.
- `cluster` is the source's own division and becomes one of ours only by `sources.CLUSTERS`.
- `sectors`, `cycle`, `matching` and the like have no field of their own and are kept in words.
  `change_notes` are the source's talk to itself, and `last_seen` is the reader's; both stay out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from feedsvc.calls import rules
from feedsvc.calls.edits import CallEdit
from feedsvc.content.filters import APPLICANTS
from feedsvc.imports import call_texts, dates, money, texts
from feedsvc.imports.dates import Dates
from feedsvc.imports.report import Unusable
from feedsvc.imports.rows import Row
from feedsvc.imports.sources import APPLICANT_TYPES, CLUSTERS, SOURCES, UNRESTRICTED, Source

OPEN_WORDS = {"accepting applications", "active", "open", "open for submission", "posted"}
CLOSED_WORDS = {"archived", "closed"}
ESTIMATED_WORDS = {"forecast", "forecasted"}  # grants.gov: “Estimated Application Due Date”
ROLLING_WORDS = ("ongoing", "rolling")
PERMANENT_WORDS = ("always open", "continuous", "year round")
KNOWN_FIELDS = {
    "action_type", "amount_max", "amount_min", "amount_text", "applicant_types", "call",
    "call_title", "change_notes", "cluster", "currency", "cycle", "deadline_model",
    "deadline_text", "deadlines", "expected_awards", "first_seen", "funder", "kind", "lang",
    "last_seen", "loi", "matching", "opens", "programme", "reference", "rolling", "sectors",
    "source", "source_id", "status", "summary", "title", "total_budget", "total_budget_text",
    "url",
}  # fmt: skip

OPEN_WITHOUT_DATES = "no date at all, but open in the source's word: permanent"
WITHOUT_DATES = "no date at all: to be announced"
WITHOUT_DEADLINE = "no deadline, and no word of one: to be announced"
PERHAPS_OPEN = "neither status nor opening: not shown as open, its deadline an estimate"
STAGE_UNKNOWN = "two stages but one deadline: which stage it ends is not said"
SAID_CLOSED = "closed in the source's word although its deadline has not passed"
UNKNOWN_APPLICANT = "unknown kind of applicant kept as “other”"
UNKNOWN_FIELD = "unknown field left out"
UNKNOWN_SOURCE = "unknown source: dates without a zone are in the zone of this site"


@dataclass(frozen=True)
class Understood:
    """A call ready to be written.

    `funder` and `programme` are (slug, name) of things to be made if they are new; `area` is
    where the funder is. `publish_at` is when it opened, was first seen or closed, or else `now`.
    """

    edit: CallEdit
    funder: tuple[str, str] | None
    programme: tuple[str, str] | None
    area: str
    publish_at: datetime
    notes: Counter[str]


def understood(
    row: Row, *, zone: str, languages: Collection[str], clusters: Collection[str], now: datetime
) -> Understood:
    """`zone` is for sources that are not known here; `clusters` are the slugs that exist.

    Raises: Unusable, naming the field.
    """
    notes: Counter[str] = Counter()
    name = _needed(row, "source", 60)
    source = SOURCES.get(name) or Source(zone=zone, area="")
    notes[UNKNOWN_SOURCE] += name not in SOURCES
    status = row.line("status").lower()
    unsure = not status and not row.raw("opens")
    found = dates.read(row, source, estimated=unsure or status in ESTIMATED_WORDS, notes=notes)
    model = _deadline_model(row, found, status, notes)
    closed = status in CLOSED_WORDS and model != "two_stage"
    notes[SAID_CLOSED] += closed and not _has_passed(found, now)
    funder, programme = call_texts.funder(row, source, notes), call_texts.programme(row)
    edit = replace(
        _edit(row, source, languages, clusters, notes),
        source=name,
        key_dates=found.edits,
        deadline_model=model,
        close_reason="deadline" if closed else "",
        funders=(funder[0],) if funder else (),
        programme=programme[0] if programme else None,
    )
    for field in row.values.keys() - KNOWN_FIELDS:
        notes[f"{UNKNOWN_FIELD}: {texts.cut(texts.line(field), 60)}"] += 1
    return Understood(edit, funder, programme, source.area, _publish_at(row, found, now), +notes)


def _edit(
    row: Row,
    source: Source,
    languages: Collection[str],
    clusters: Collection[str],
    notes: Counter[str],
) -> CallEdit:
    amounts = money.read(row, notes)
    cluster = CLUSTERS.get(row.line("cluster"))
    return CallEdit(
        texts={_language(row, languages): call_texts.read(row, amounts.words, notes)},
        clusters=(cluster,) if cluster in clusters and cluster else (),
        source_id=_needed(row, "source_id", 200),
        reference=texts.cut(row.line("reference"), 200),
        series=call_texts.series(row),
        applicants=_applicants(row, notes),
        currency=row.line("currency").upper() or "EUR",
        total_budget=amounts.total_budget,
        award_min=amounts.award_min,
        award_max=amounts.award_max,
        expected_awards=amounts.expected_awards,
        aid_types=_aid_types(row),
        geographies=(source.area,) if source.area else (),
        info_url=call_texts.address(row),
    )


def _needed(row: Row, field: str, limit: int) -> str:
    value = row.line(field)
    if not value:
        raise Unusable(f"{field}: is missing")
    if len(value) > limit:
        raise Unusable(f"{field}: is longer than {limit} characters")
    return value


def _language(row: Row, languages: Collection[str]) -> str:
    code = row.line("lang") or "en"
    if code not in languages:
        raise Unusable(f"lang: “{texts.cut(code, 60)}” is no language of this site")
    return code


def _deadline_model(row: Row, found: Dates, status: str, notes: Counter[str]) -> str:
    types = [date.type for date in found.deadlines]
    if not types:
        return _without_deadline(row, found, status, notes)
    if "stage_2" in types or row.line("deadline_model") == "two-stage":
        notes[STAGE_UNKNOWN] += types == ["submission"]
        return "two_stage"
    if "cut_off" in types:
        return "multiple_cut_off"
    if found.opening is None and not status:
        notes[PERHAPS_OPEN] += 1
        return "to_be_announced"
    return "single_stage"


def _without_deadline(row: Row, found: Dates, status: str, notes: Counter[str]) -> str:
    words = f"{row.line('cycle')} {row.line('deadline_text')}".lower()
    if row.flag("rolling") or any(word in words for word in ROLLING_WORDS):
        return "rolling"
    if found.no_end or any(word in words for word in PERMANENT_WORDS):
        return "permanent"
    if found.opening is None and status in OPEN_WORDS:
        notes[OPEN_WITHOUT_DATES] += 1
        return "permanent"
    notes[WITHOUT_DEADLINE if found.opening else WITHOUT_DATES] += 1
    return "to_be_announced"


def _applicants(row: Row, notes: Counter[str]) -> tuple[str, ...]:
    wanted: set[str] = set()
    for name in row.lines("applicant_types"):
        if name.lower() == UNRESTRICTED:
            return APPLICANTS
        known = APPLICANT_TYPES.get(name.lower())
        wanted.add(known or "other")
        if known is None:
            notes[f"{UNKNOWN_APPLICANT}: {texts.cut(name, 60)}"] += 1
    return tuple(sorted(wanted))


def _aid_types(row: Row) -> tuple[str, ...]:
    """The EU portal names its types of action; other sources say nothing of the kind."""
    action = row.line("action_type")
    if "Prize" in action or action.endswith("IPr"):
        return ("prize",)
    return ("grant",) if action or row.line("kind") == "Grant" else ()


def _has_passed(found: Dates, now: datetime) -> bool:
    instants = [rules.written_instant(date) for date in found.deadlines]
    return bool(instants) and max(instants) <= now


def _publish_at(row: Row, found: Dates, now: datetime) -> datetime:
    """When the call became news: in the past, so that a list of the newest is in right order."""
    opened = rules.written_instant(found.opening) if found.opening else None
    closed = [rules.written_instant(date) for date in found.deadlines]
    candidates = (opened, _instant(row.line("first_seen")), min(closed, default=None))
    return next((at for at in candidates if at is not None and at <= now), now)


def _instant(text: str) -> datetime | None:
    """An instant like 2026-03-13T10:41:14.011Z; it only orders lists, so anything else is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC).replace(microsecond=0) if at.tzinfo else None
