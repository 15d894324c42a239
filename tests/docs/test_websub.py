"""docs/websub.md holds the limits, times and ports as they are."""

from __future__ import annotations

import re

from feedsvc import worker
from feedsvc.web.public import hub
from feedsvc.websub import http, push, reach, rules
from tests.docs import pages

PAGE = "docs/websub.md"
LIMITS = {row[0].strip("`"): row[1] for row in pages.table(PAGE, "What", "How much")}


def numbers(text: str) -> set[int]:
    return {int(number) for number in re.findall(r"\d+", text)}


def test_leases_are_documented() -> None:
    leases = (rules.SHORTEST_LEASE, rules.USUAL_LEASE, rules.LONGEST_LEASE)
    assert {int(lease.total_seconds()) for lease in leases} <= numbers(LIMITS["hub.lease_seconds"])


def test_limits_are_documented() -> None:
    minutes = int(rules.ATTEMPT_WINDOW.total_seconds() / 60)
    assert {rules.ATTEMPTS_OF_CLIENT, rules.ATTEMPTS_FOR_HOST, minutes} <= numbers(
        LIMITS["requests"]
    )
    assert numbers(LIMITS["waiting for an answer"]) == {rules.PENDING_FOR_HOST, rules.PENDING}
    assert numbers(LIMITS["subscriptions"]) == {
        rules.SUBSCRIPTIONS_OF_HOST, rules.SUBSCRIPTIONS_OF_TOPIC
    }  # fmt: skip
    assert numbers(LIMITS["hub.secret"]) == {rules.SECRET_BELOW}
    assert numbers(LIMITS["body of a request"]) == {hub.LARGEST}
    assert {*reach.PORTS, rules.LONGEST_ADDRESS} == numbers(LIMITS["hub.callback"])


def test_times_are_documented() -> None:
    text = " ".join(pages.text(PAGE).split())
    *steps, last = (int(step.total_seconds() / 60) for step in rules.BACK_OFF)
    written = ", ".join(map(str, steps[:-1])) + f" and {steps[-1]} minutes"
    assert f"after {written} and then every {last // 60} hours" in text
    assert f"After {rules.GIVEN_UP_AFTER.days} days" in text
    assert f"is asked {rules.QUESTIONS} times" in text
    patience = http.PATIENCE
    assert (
        f"{patience.connect:.0f} seconds to accept a connection, {patience.read:.0f} for each step, "
        f"and {patience.whole:.0f} for the whole call"
    ) in text


def test_the_job_is_documented() -> None:
    [job] = [job for job in worker.JOBS if job.name == "push"]
    assert f"job `push`, every {job.every.seconds} seconds" in pages.text(PAGE)
    assert push.CALLS == 8
    assert "one thread of eight" in pages.text(PAGE)
