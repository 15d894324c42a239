"""The table of jobs: each runs once in order, its end is written down, and none stops the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from feedsvc import worker
from feedsvc.db import Database
from feedsvc.mail import queries as mails
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders import heartbeat
from feedsvc.settings import Settings
from feedsvc.subscriptions import queries
from feedsvc.worker import Job, Worker
from tests.builders import make_call
from tests.support.mail import scripted
from tests.support.readers import READER, follow, utc
from tests.support.returned import deliver, delivery_report


def states(db: Database) -> list[tuple[str, str]]:
    with db.read() as session:
        rows = session.execute(
            select(OutboxMail.kind, OutboxMail.state).order_by(OutboxMail.id)
        ).all()
    return [(kind, state) for kind, state in rows]


def test_one_turn_plans_and_keeps_the_mails_readable(db, settings, now) -> None:
    with db.begin() as session:
        make_call(session)
        follow(session, settings)
    assert worker.run_once(db, settings, now) == set()
    assert worker.run_once(db, settings, utc("2026-04-23 07:00")) == set()
    assert states(db) == [("confirmation", "accepted"), ("reminder", "accepted")]
    with db.read() as session:
        assert "outbox" in mails.recent(session)[0].reason


def test_every_job_says_when_it_ended_and_what_it_did(db, settings, now) -> None:
    worker.run_once(db, settings, now)
    with db.read() as session:
        beats = {row.job: (row.finished_at, row.outcome) for row in heartbeat.beats(session)}
    assert set(beats) == {job.name for job in worker.JOBS}
    assert beats["plan"] == (now, "0 occasions, 0 items, 0 mails, 0 digests")


def test_a_job_that_fails_is_noted_and_may_do_better_next_time(db, settings, now) -> None:
    outcomes = iter([RuntimeError("no"), "well"])

    def moody(_db: Database, _settings: Settings, _now: datetime) -> object:
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    running = Worker(db, settings, lambda: now)
    job = Job("moody", timedelta(seconds=1), moody)
    running.run(job)
    assert running.failed == {"moody"}
    running.beat()
    running.run(job)
    running.beat()
    assert running.failed == set()
    with db.read() as session:
        assert [row.outcome for row in heartbeat.beats(session)] == ["well"]


def test_a_mail_server_that_is_away_is_said_and_nothing_is_lost(db, settings, now) -> None:
    with scripted({"greeting": ["554 busy"] * 9}) as server:
        away = replace(settings, mail_url=f"smtp://127.0.0.1:{server.port}")
        with db.begin() as session:
            follow(session, away)
        assert worker.run_once(db, away, now) == set()
    assert states(db) == [("confirmation", "queued")]
    with db.read() as session:
        beats = {row.job: row.outcome for row in heartbeat.beats(session)}
    assert beats["send"].startswith("no mail leaves")


def test_mails_go_through_the_server_that_the_settings_name(db, settings, now) -> None:
    with scripted() as server:
        away = replace(settings, mail_url=f"smtp://127.0.0.1:{server.port}")
        with db.begin() as session:
            follow(session, away)
        worker.run_once(db, away, now)
        assert len(server.message_ids) == 1
        assert server.senders == ["calls@agency.example"]
    assert states(db) == [("confirmation", "accepted")]


def test_from_the_return_path_on_the_wire_to_the_dead_address(db, settings, now, tmp_path) -> None:
    """A mail leaves, comes back to the path that it left with, and its reader gets no other."""
    with scripted() as server:
        own = replace(
            settings,
            mail_url=f"smtp://127.0.0.1:{server.port}",
            bounce_address="bounces@agency.example",
            bounce_url=f"maildir:{tmp_path}",
        )
        with db.begin() as session:
            follow(session, own)
        deliver(tmp_path, b"", "0.empty")
        assert worker.run_once(db, own, now) == set()
        report = delivery_report(to=server.senders[0], message_id=server.message_ids[0])
    deliver(tmp_path, report)
    assert worker.bounces(db, own, now) == "1 reports: hard 1"
    assert worker.bounces(db, own, now) == "0 reports"
    assert states(db) == [("confirmation", "bounced")]
    with db.read() as session:
        assert queries.suppressed(session, READER, own)


def test_a_mailbox_that_is_away_is_said_and_nothing_fails(db, settings, now, tmp_path) -> None:
    away = replace(settings, bounce_url=f"maildir:{tmp_path / 'nowhere'}")
    assert worker.bounces(db, away, now).startswith("the mailbox cannot be read")


def test_a_setting_that_cannot_be_used_ends_the_process_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path, database_url: str
) -> None:
    monkeypatch.setenv("FEEDSVC_INSTANCE_PATH", str(tmp_path))
    monkeypatch.setenv("FEEDSVC_MAIL_URL", "smtp://mail.example?starttls=perhaps")
    with pytest.raises(worker.configuration.BadSetting, match="starttls"):
        worker.main(["--once"])
