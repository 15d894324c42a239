"""The service in figures, in the text form that Prometheus reads. The only module that writes it.

Nothing is counted in this process: what a scheduler did is in the database, and each answer reads
it from there, so that it does not matter which of several web processes is asked.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from flask import Blueprint, Request, Response, request
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector, CollectorRegistry
from sqlalchemy.orm import Session

from feedsvc.mail import figures
from feedsvc.mail import queries as mails
from feedsvc.reminders import health, heartbeat, ledger
from feedsvc.settings import Settings
from feedsvc.subscriptions import suppression
from feedsvc.web import context
from feedsvc.websub import queries as hub

blueprint = Blueprint("metrics", __name__)

# What a proxy adds to a request that it passes on: such a one comes from somewhere else.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
NOT_FOR_YOU = (
    "/metrics is for programs on this machine that ask without a proxy in between, "
    "or for those that know metrics_token: see docs/operating.md.\n"
)


class _Figures(Collector):
    """Figures that are read already, in the shape that the library asks for."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


@blueprint.get("/metrics")
def metrics() -> Response:
    """The figures, for who may know them."""
    if not may_read(request, context.settings()):
        return Response(NOT_FOR_YOU, 403, mimetype="text/plain", headers=_headers())
    with context.db().read() as session:
        families = list(_families(session, context.settings(), context.now()))
    registry = CollectorRegistry()
    registry.register(_Figures(families))
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return Response(encode(registry), content_type=content_type, headers=_headers())


def may_read(asked: Request, settings: Settings) -> bool:
    """With a token, who says it; without one, a program on this machine that asks directly.

    The address alone is not enough: behind a proxy on this machine everybody comes from here.
    """
    if settings.metrics_token:
        given = asked.headers.get("Authorization", "").partition(" ")[2].strip()
        return hmac.compare_digest(given.encode(), settings.metrics_token.encode())
    return not any(name in asked.headers for name in FORWARDED) and _is_here(asked.remote_addr)


def _is_here(address: str | None) -> bool:
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


def _families(session: Session, settings: Settings, now: datetime) -> Iterator[Metric]:
    yield from _mails(session, now)
    yield from _readers(session)
    yield from _schedulers(session, now)
    yield from _hub(session, now)
    checks = {check.name: int(check.well) for check in health.checks(session, settings, now)}
    yield _gauge("ready", "Whether a check of /readyz is well.", "check", checks)


def _mails(session: Session, now: datetime) -> Iterator[Metric]:
    waiting = GaugeMetricFamily(
        "feedsvc_mails_waiting", "Mails on their way.", labels=("state", "kind")
    )
    for labels, number in figures.waiting(session).items():
        waiting.add_metric(labels, number)
    yield waiting
    yield _gauge("mails", "Mails that are kept, by state.", "state", mails.counts(session))
    yield _lateness("mail", "The mail that waits longest is late by this.",
                    figures.late(session, now).since, now)  # fmt: skip
    yield _lateness("plan", "What waits longest to be planned is late by this.",
                    health.overdue_plans(session, now).since, now)  # fmt: skip
    relays = {scope: int(state != "closed") for scope, state in figures.relays(session).items()}
    yield _gauge("relay_open", "Whether the breaker keeps mails from a server.", "scope", relays)
    yield _counter("reports", "Messages read in the mailbox of returned mail.", "outcome",
                   figures.reports(session))  # fmt: skip


def _readers(session: Session) -> Iterator[Metric]:
    yield _gauge("reminders", "Reminders that were planned.", "state", ledger.tally(session))
    yield _gauge("suppressions", "Addresses that get no mail.", "reason",
                 suppression.counts(session))  # fmt: skip


def _schedulers(session: Session, now: datetime) -> Iterator[Metric]:
    number, silent = health.silence(session, now)
    yield GaugeMetricFamily("feedsvc_schedulers", "Schedulers that are known.", number)
    if silent is not None:
        yield GaugeMetricFamily(
            "feedsvc_scheduler_silence_seconds",
            "Time since the last sign of life of any scheduler.",
            _seconds(silent),
        )
    beats = {row.job: row for row in heartbeat.beats(session)}
    yield _gauge("job_age_seconds", "Time since the job last came to its end.", "job",
                 {job: _seconds(now - row.finished_at) for job, row in beats.items()})  # fmt: skip
    yield _gauge("job_last_seconds", "How long its last turn took.", "job",
                 {job: row.milliseconds / 1000 for job, row in beats.items()})  # fmt: skip
    for name, words in (
        ("runs", "Turns of the job."),
        ("failures", "Turns that failed."),
        ("skipped", "Turns that fell out because the one before still ran."),
    ):
        yield _counter(f"job_{name}", words, "job",
                       {job: getattr(row, name) for job, row in beats.items()})  # fmt: skip


def _hub(session: Session, now: datetime) -> Iterator[Metric]:
    yield _gauge("hub", "Subscriptions of our hub, and those that are owed a version.", "what",
                 hub.tally(session, now))  # fmt: skip


def _gauge(name: str, words: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"feedsvc_{name}", words, labels=(label,))
    for value, number in values.items():
        family.add_metric((value,), number)
    return family


def _counter(name: str, words: str, label: str, values: Mapping[str, float]) -> Metric:
    family = CounterMetricFamily(f"feedsvc_{name}", words, labels=(label,))
    for value, number in values.items():
        family.add_metric((value,), number)
    return family


def _lateness(name: str, words: str, since: datetime | None, now: datetime) -> Metric:
    late = _seconds(now - since) if since is not None else 0
    return GaugeMetricFamily(f"feedsvc_{name}_lateness_seconds", words, late)


def _seconds(span: timedelta) -> float:
    return max(0.0, span.total_seconds())


def _headers() -> dict[str, str]:
    return {"Cache-Control": "no-store"}
