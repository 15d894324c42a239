"""What machines are told of the service: is it up, does it keep its promise, its figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Request
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update
from werkzeug.test import EnvironBuilder

from feedsvc import worker
from feedsvc.app import create_app
from feedsvc.db import Database
from feedsvc.mail.models import MailRelay, OutboxMail
from feedsvc.reminders.models import JobHeartbeat, Occasion
from feedsvc.settings import Settings
from feedsvc.subscriptions import suppression
from feedsvc.web.public import metrics
from tests.builders import make_call
from tests.docs import pages
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.support.readers import READER, follow

HERE = {"REMOTE_ADDR": "127.0.0.1"}
TOKEN = "0123456789abcdef"


def figures(client: Browser) -> dict[tuple[str, ...], float]:
    """Every figure by its name and the values of its labels."""
    text = client.get("/metrics", environ_overrides=HERE).text
    return {
        (sample.name.removeprefix("feedsvc_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def nothing(*_: object) -> str:
    return "nothing to do"


@pytest.fixture
def at_work(db: Database, settings: Settings, now: datetime) -> None:
    """A scheduler has run two jobs, and the first mail to a reader has left."""
    with db.begin() as session:
        follow(session, settings)
        session.execute(update(OutboxMail).values(state="accepted"))
    running = worker.Worker(db, settings, lambda: now)
    for name in ("plan", "send"):
        running.run(worker.Job(name, timedelta(seconds=1), nothing))
    running.beat()


def test_readiness_says_what_is_well_in_words(client: Browser, at_work: None) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.text
    lines = answer.text.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "ok      database", "ok      scheduler", "ok      plan", "ok      mail", "ok      relay",
    ]  # fmt: skip
    assert lines[1].endswith("1 known, the last sign of life 0 seconds ago")
    assert client.get("/readyz/nothing").status_code == 404


def test_readiness_is_red_without_a_scheduler(client: Browser) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "NOT OK  scheduler: none is at work; start one with `feedsvc schedule`" in answer.text
    assert client.get("/readyz/database").status_code == 200, "pages can be answered all the same"
    assert client.get("/readyz/scheduler").status_code == 503


def test_readiness_is_red_when_schedulers_fall_silent(
    client: Browser, clock: FixedClock, at_work: None
) -> None:
    clock.advance(minutes=2)
    assert client.get("/readyz/scheduler").status_code == 200
    clock.advance(seconds=1)
    assert "life 2 minutes ago" in client.get("/readyz/scheduler").text
    assert client.get("/readyz/scheduler").status_code == 503


def test_readiness_is_red_when_a_due_mail_is_late(
    db: Database, client: Browser, clock: FixedClock, at_work: None
) -> None:
    with db.begin() as session:
        session.execute(update(OutboxMail).values(state="queued"))
    assert client.get("/readyz/mail").status_code == 200
    clock.advance(minutes=14)
    answer = client.get("/readyz/mail")
    assert answer.status_code == 503
    assert answer.text == "NOT OK  mail: 1 mails are late, the first by 14 minutes\n"


def test_readiness_is_red_when_nobody_plans(
    db: Database, settings: Settings, client: Browser, clock: FixedClock, at_work: None
) -> None:
    with db.begin() as session:
        make_call(session)
    worker.plan(db, settings, clock.advance(days=52))
    with db.begin() as session:
        session.execute(update(Occasion).values(state="open", due_at=clock()))
    assert client.get("/readyz/plan").status_code == 200
    clock.advance(minutes=11)
    answer = client.get("/readyz/plan")
    assert answer.status_code == 503
    assert answer.text.endswith("are late, the first by 11 minutes\n")


def test_readiness_is_red_without_tables(settings: Settings, tmp_path) -> None:
    app = create_app(replace(settings, database_url=f"sqlite:///{tmp_path / 'empty.sqlite3'}"))
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.text) == (503, "NOT OK  database: it does not answer\n")
    app.extensions["feedsvc"].db.close()


def test_a_mail_server_that_is_away_is_shown_and_red_only_through_late_mail(
    db: Database, client: Browser, at_work: None
) -> None:
    with db.begin() as session:
        session.add(MailRelay(scope="mail.example:587", state="open", why="it is away"))
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert "relay: the mail server cannot be used now" in answer.text
    assert "mail.example" not in answer.text, "anybody may read this"
    assert figures(client)["relay_open", "mail.example:587"] == 1


def test_figures_are_those_of_the_database(
    db: Database, settings: Settings, client: Browser, clock: FixedClock, at_work: None
) -> None:
    with db.begin() as session:
        suppression.suppress(session, READER, suppression.HARD, settings=settings, now=clock())
        session.execute(update(OutboxMail).values(state="queued"))
    clock.advance(seconds=70)
    found = figures(client)
    assert found["mails_waiting", "confirmation", "queued"] == 1
    assert found["mails", "queued"] == 1
    assert found[("mail_lateness_seconds",)] == 70
    assert found[("plan_lateness_seconds",)] == 0
    assert found["suppressions", "hard_bounce"] == 1
    assert found[("schedulers",)] == 1
    assert found[("scheduler_silence_seconds",)] == 70
    assert found["job_age_seconds", "plan"] == 70
    assert found["job_runs_total", "send"] == 1
    assert found["job_failures_total", "send"] == 0
    assert found["ready", "mail"] == 1
    assert found["hub", "subscriptions"] == 0


def test_every_figure_is_documented_and_no_other(
    db: Database, settings: Settings, client: Browser, now: datetime, at_work: None
) -> None:
    with db.begin() as session:
        suppression.suppress(session, READER, suppression.HARD, settings=settings, now=now)
    documented = {
        pages.codes(row[0])[0]: set(pages.codes(row[1]))
        for row in pages.table("docs/operating.md", "Figure", "Labels", "What")
    }
    text = client.get("/metrics", environ_overrides=HERE).text
    families = list(text_string_to_metric_families(text))
    names = {
        f"{family.name}_total" if family.type == "counter" else family.name for family in families
    }
    assert names == documented.keys()
    for family in families:
        for sample in family.samples:
            assert sample.labels.keys() == documented[sample.name]


@pytest.mark.parametrize(
    ("address", "headers", "token", "allowed"),
    [
        ("127.0.0.1", {}, "", True),
        ("::1", {}, "", True),
        ("192.0.2.7", {}, "", False),
        ("", {}, "", False),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, "", False),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}, "", False),
        ("127.0.0.1", {"Authorization": "Bearer "}, "", True),
        ("192.0.2.7", {"Authorization": f"Bearer {TOKEN}"}, TOKEN, True),
        ("192.0.2.7", {"Authorization": f"Bearer {TOKEN}x"}, TOKEN, False),
        ("192.0.2.7", {"Authorization": "Bearer é"}, TOKEN, False),
        ("127.0.0.1", {}, TOKEN, False),
    ],
)
def test_figures_are_for_this_machine_or_who_knows_the_token(
    address: str, headers: Mapping[str, str], token: str, allowed: bool
) -> None:
    builder = EnvironBuilder(
        "/metrics", headers=dict(headers), environ_base={"REMOTE_ADDR": address}
    )
    asked = Request(builder.get_environ())
    assert metrics.may_read(asked, Settings(metrics_token=token)) is allowed


def test_others_are_refused_in_words(client: Browser) -> None:
    answer = client.get("/metrics", environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
    assert answer.status_code == 403
    assert "metrics_token" in answer.text


def test_a_failing_job_shows_in_the_figures(
    db: Database, settings: Settings, client: Browser, now: datetime
) -> None:
    def fails(*_: object) -> object:
        raise RuntimeError("no")

    running = worker.Worker(db, settings, lambda: now)
    for _ in range(2):
        running.run(worker.Job("plan", timedelta(seconds=1), fails))
    running.beat()
    running.run(worker.Job("plan", timedelta(seconds=1), fails))
    running.beat()
    found = figures(client)
    assert (found["job_runs_total", "plan"], found["job_failures_total", "plan"]) == (3, 3)
    with db.read() as session:
        assert session.get_one(JobHeartbeat, "plan").outcome == "failed: RuntimeError"
