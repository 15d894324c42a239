"""The protocol's own Python SDK against the API: its client over HTTP, its models on real calls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from common_grants_sdk.client import Client, Config
from common_grants_sdk.client.exceptions import APIError
from common_grants_sdk.schemas.pydantic import (
    Error,
    OpportunitiesSearchResponse,
    OpportunityBase,
    OpportunityDetails,
)

from feedsvc import i18n
from feedsvc.app import create_app
from feedsvc.calls import key_dates, rules
from feedsvc.calls.models import Call, CallApplicant
from feedsvc.calls.snapshots import LINES, VALUES
from feedsvc.content.models import Organisation, OrganisationText, Programme, Translation
from feedsvc.db import Database
from feedsvc.errors import Invalid
from feedsvc.imports import call_rows
from feedsvc.imports.call_rows import Understood
from feedsvc.imports.calls import import_calls
from feedsvc.imports.report import Unusable
from feedsvc.imports.rows import read
from feedsvc.settings import Settings
from feedsvc.urls import Site
from feedsvc.web.api import answers
from feedsvc.web.api.opportunity import opportunity
from feedsvc.web.views.reader import Reader
from tests.builders import deadline, make_call, make_cluster, make_organisation
from tests.support.clock import FixedClock
from tests.support.grants import SEARCH, schema
from tests.support.live import served

REAL_CALLS = Path(__file__).parents[3] / "shared" / "data" / "calls.jsonl"
NO_REAL_CALLS = pytest.mark.skipif(not REAL_CALLS.exists(), reason=f"no real calls at {REAL_CALLS}")


@contextmanager
def connected(settings: Settings, clock: FixedClock) -> Iterator[Client]:
    """The SDK's client, speaking to the app behind a real socket."""
    apps = []

    def make_app(base_url: str):
        apps.append(create_app(replace(settings, base_url=base_url), clock=clock))
        return apps[0]

    with served(make_app) as base_url:
        config = Config(base_url=base_url, api_key="none", timeout=60, list_items_limit=10_000)
        with Client(config) as client:
            yield client
    apps[0].extensions["feedsvc"].db.close()


def test_the_client_lists_gets_and_searches(
    db: Database, settings: Settings, clock: FixedClock
) -> None:
    with db.begin() as session:
        make_cluster(session, "CleanTech")
        make_organisation(session, "Example Fund")
        make_call(
            session,
            "Heat",
            funders=("example-fund",),
            clusters=("cleantech",),
            reference="H-1",
            award_max=Decimal(200_000),
            cofinancing_max=Decimal(60),
        )
        make_call(session, "Water", key_dates=(deadline("2026-02-01"),))
        for number in range(5):
            make_call(session, f"Call {number}")
    with connected(settings, clock) as client:
        listed = client.opportunities.list(page_size=3)  # the client walks the pages
        assert listed.errors == []
        assert len({item.id for item in listed.items}) == 7
        heat = next(item for item in listed.items if item.title == "Heat")
        got = client.opportunities.get(heat.id)
        assert isinstance(got, OpportunityDetails)
        assert got.model_dump(exclude={"awards"}) == heat.model_dump()
        assert got.funders
        assert got.funders.primary.name == "Example Fund"
        assert got.get_custom_field_value("coFinancing", dict) == {"maximum": 60}
        closed = client.opportunities.search(
            filters={"status": {"operator": "in", "value": ["closed"]}}
        )
        assert [item.title for item in closed.items] == ["Water"]
        ours = client.opportunities.search(
            search="heat",
            filters={
                "cluster": {"operator": "in", "value": ["cleantech"]},
                "tribe": {"operator": "in", "value": ["x"]},
            },
        )
        assert [item.title for item in ours.items] == ["Heat"]
        assert ours.filter_info.errors == ["Unsupported filter: tribe"]
        several = client.opportunities.search(page_size=2)
        assert len({item.id for item in several.items}) == 7
        answer = client.post(SEARCH, json={"filters": {"status": 5}})
        assert Error.model_validate(answer.json()).status == 400
        with pytest.raises(APIError):
            client.opportunities.get(uuid4())
        OpportunitiesSearchResponse.model_validate(client.post(SEARCH, json={}).json())


@NO_REAL_CALLS
def test_the_client_reads_real_calls(
    db: Database, settings: Settings, clock: FixedClock, tmp_path: Path
) -> None:
    lines = REAL_CALLS.read_text(encoding="utf-8").splitlines()
    sample = tmp_path / "sample.jsonl"
    sample.write_text("\n".join(lines[::60]), encoding="utf-8")
    report = import_calls(db, sample, settings=settings, now=clock())
    with connected(settings, clock) as client:
        listed = client.opportunities.list()
        found = client.opportunities.search()
    assert len(listed.items) == report.created
    assert listed.errors == found.errors == []
    assert {item.id for item in found.items} == {item.id for item in listed.items}


@NO_REAL_CALLS
def test_the_models_accept_every_real_call(settings_of_a_site: Settings, now: datetime) -> None:
    """No database is asked: each row is understood as the importer does, and rendered at once."""
    reader = Reader(
        i18n.language("en"), Site.of(settings_of_a_site), now, ZoneInfo("Europe/Luxembourg")
    )
    check = schema("OpportunityBase")
    told = refused = 0
    for line in read(REAL_CALLS):
        found = understood(line, settings_of_a_site, now)
        if found is None:
            refused += 1
            continue
        value = json.loads(answers.encoded(opportunity(call_of(found, now), reader)))
        seen = OpportunityBase.model_validate(value)
        assert str(seen.id) == value["id"]
        assert seen.title
        if told % 50 == 0:  # our own schema, more slowly, on some
            check.validate(value)
        told += 1
    assert (told, refused) == (4359, 5)


@pytest.fixture
def settings_of_a_site() -> Settings:
    return Settings(base_url="https://agency.example")


def understood(line, settings: Settings, now: datetime) -> Understood | None:
    """What the row means; None for one of the few that the importer refuses."""
    try:
        found = call_rows.understood(
            line.row, zone=settings.timezone, languages=settings.languages, clusters=(), now=now
        )
        rules.check(found.edit)
    except (Unusable, Invalid):
        return None
    return found


def call_of(found: Understood, now: datetime) -> Call:
    """The public call that it becomes, in memory only."""
    edit = found.edit
    same = {name: getattr(edit, name) for name in (*LINES, *VALUES)}
    call = Call(
        uid=str(uuid4()),
        publish_at=found.publish_at,
        created_at=now,
        updated_at=now,
        aid_types=list(edit.aid_types),
        geographies=list(edit.geographies),
        documents=[],
        clusters=[],
        is_example=False,
        applicants=[CallApplicant(applicant=kind) for kind in edit.applicants],
        funders=[organisation(*found.funder)] if found.funder else [],
        programme=Programme(slug=found.programme[0], name=found.programme[1])
        if found.programme
        else None,
        translations=[
            Translation(language=code, slug="call", title=text.title, summary=text.summary,
                        body=text.body, sections=dict(text.sections))
            for code, text in edit.texts.items()
        ],
        **same,
    )  # fmt: skip
    key_dates.assign(call, edit.key_dates, now=now)
    for date in call.key_dates:
        date.labels = date.labels or {}
    return call


def organisation(slug: str, name: str) -> Organisation:
    return Organisation(
        uid=str(uuid4()), slug=slug, texts=[OrganisationText(language="en", name=name)]
    )
