"""Feeds for tests: a head, a call, a news item, and one with nothing but what it must have."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from feedsvc.calls.calendar import DateEvent
from feedsvc.feeds.model import Category, FeedCall, FeedDate, FeedEntry, FeedHead, Image, Logo

ATOM = "http://www.w3.org/2005/Atom"
SITE = "https://agency.example"

HEAD = FeedHead(
    id="urn:uuid:00000000-0000-5000-8000-000000000000",
    title="Innovation Agency",
    description="News and calls for projects, newest first.",
    language="en",
    self_url=f"{SITE}/feed.",
    page_url=f"{SITE}/",
    site_name="Innovation Agency",
    site_url=f"{SITE}/",
    namespace_url=f"{SITE}/ns/call/1.0",
    schema_url=f"{SITE}/ns/call/1.0.xsd",
    updated=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
    logo=Logo(f"{SITE}/media/0a.png", 480, 160, f"{SITE}/media/0a-square.png"),
)
CLEANTECH = Category("cleantech", "CleanTech", f"{SITE}/clusters/")
OPENS = FeedDate(
    type="opens", name="Opens", words="Monday 15 January 2024", machine="2024-01-15",
    zone="Europe/Luxembourg", precision="day", certainty="confirmed", is_deadline=False,
)  # fmt: skip
CLOSES = FeedDate(
    type="submission", name="Closes",
    words="Tuesday 30 April 2024, 17:00 (Luxembourg time)", machine="2024-04-30T17:00:00+02:00",
    zone="Europe/Luxembourg", precision="minute", certainty="confirmed", is_deadline=True,
)  # fmt: skip
OUTLINE = replace(
    CLOSES, type="stage_1", name="First stage closes", words="February 2024",
    machine="2024-02", precision="month", certainty="estimated",
)  # fmt: skip
EVENTS = tuple(
    DateEvent(
        uid=uid, summary=f"{name}: Business Partnership Facility, 11th edition",
        description=f"{name}: {words}\nFunding: up to €200,000\n{SITE}/calls/bpf-11",
        url=f"{SITE}/calls/bpf-11", day=day, at=at, zone="Europe/Luxembourg",
        is_deadline=at is not None, updated_at=datetime(2024, 3, 15, 9, 0, tzinfo=UTC),
    )
    for uid, name, words, day, at in (
        ("a0000000-0000-4000-8000-000000000001", "Opens", OPENS.words, date(2024, 1, 15), None),
        ("a0000000-0000-4000-8000-000000000002", "Closes", CLOSES.words, date(2024, 4, 30),
         datetime(2024, 4, 30, 15, 0, tzinfo=UTC)),
    )
)  # fmt: skip
CALL = FeedEntry(
    uid="b0000000-0000-4000-8000-000000000001",
    url=f"{SITE}/calls/bpf-11",
    title="Business Partnership Facility, 11th edition",
    summary="Closes Tuesday 30 April 2024, 17:00 (Luxembourg time). Funding: up to €200,000.",
    content="<ul><li><strong>Status:</strong> Open</li></ul><p>Partnerships &amp; more.</p>",
    language="en",
    published=datetime(2024, 3, 15, 9, 0, tzinfo=UTC),
    updated=datetime(2024, 3, 16, 10, 30, tzinfo=UTC),
    categories=(CLEANTECH,),
    image=Image(f"{SITE}/media/bpf.webp", "image/webp", 1234),
    call=FeedCall(
        about=f"{SITE}/ns/call/1.0", status="open", status_name="Open", model="two_stage", reference="BPF/11",
        edition="11", funders=("Luxembourg Cooperation",),
        programme="Business Partnership Facility", dates=(OPENS, OUTLINE, CLOSES),
        award_max=Decimal("200000.00"), cofinancing_max=Decimal("50.00"),
        money="up to €200,000", share="up to 50%", applicants=("company", "sme"),
        geographies=("LU",), apply_url="https://bpf.example/apply?a=1&b=2",
        calendar_url=f"{SITE}/calls/bpf-11.ics",
    ),
    events=EVENTS,
)  # fmt: skip
NEWS = FeedEntry(
    uid="b0000000-0000-4000-8000-000000000002",
    url=f"{SITE}/news/waste-heat",
    title="Waste heat: time to take action",
    summary="What leaves through the chimney could warm a district.",
    content="<p>What leaves through the chimney could warm a district.</p>",
    language="en",
    published=datetime(2024, 3, 28, 9, 0, tzinfo=UTC),
    updated=datetime(2024, 3, 28, 9, 0, tzinfo=UTC),
    categories=(CLEANTECH, Category("healthtech", "HealthTech", f"{SITE}/clusters/")),
)
PLAIN = FeedEntry(
    uid="b0000000-0000-4000-8000-000000000003",
    url=f"{SITE}/fr/calls/appel",
    title="Appel",
    summary="",
    content="<p>À venir.</p>",
    language="fr",
    published=datetime(2026, 1, 1, tzinfo=UTC),
    updated=datetime(2026, 1, 1, tzinfo=UTC),
    call=FeedCall(
        about=f"{SITE}/ns/call/1.0",
        status="forecast",
        status_name="Opens soon",
        model="to_be_announced",
    ),
)


def spoilt(text: str) -> FeedEntry:
    """The call with `text` wherever somebody could have typed it."""
    assert CALL.call is not None
    return replace(
        CALL, title=text, summary=text, content=f"<p>{text}</p>",
        categories=(Category("x", text, f"{SITE}/clusters/"),),
        call=replace(CALL.call, reference=text, funders=(text,), programme=text, edition=text),
        events=tuple(replace(e, summary=text, description=text) for e in EVENTS),
    )  # fmt: skip


def namespaces(text: bytes) -> list[bytes]:
    return re.findall(rb"xmlns:\w+", text)
