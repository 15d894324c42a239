"""Our hub as a subscriber sees it; the cases of the public test suite websub.rocks among them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import insert, update

from feedsvc import tokens, worker
from feedsvc.calls import changes as calls
from feedsvc.content import clusters, publication
from feedsvc.db import Database
from feedsvc.settings import Settings
from feedsvc.websub import asking, changes, leases, rules
from feedsvc.websub.http import Patience
from feedsvc.websub.models import HubRequest, HubSubscription
from feedsvc.websub.push import push_due
from tests.builders import ANA, call_edit, deadline, make_call, make_cluster, make_news
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.support.hub import ask, hub_of, subscriptions, turn
from tests.support.subscriber import Ping, Subscriber, echo, subscriber

SITE = "https://agency.example"
TOPIC = f"{SITE}/feed.atom"
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Subscribers of these tests are on this machine."""
    return replace(settings, websub_private_callbacks=True)


@pytest.fixture
def reader() -> Iterator[Subscriber]:
    with subscriber() as one:
        yield one


def subscribed(
    db: Database, settings: Settings, client: Browser, reader: Subscriber, now: datetime,
    topic: str = TOPIC, **more: str,
) -> None:  # fmt: skip
    assert ask(client, reader.callback, topic, **more).status_code == 202
    turn(db, settings, now)
    assert len(subscriptions(db)) >= 1


def publish(db: Database, now: datetime, title: str = "Heat") -> None:
    with db.begin() as session:
        make_news(session, title, now=now, publish_at=now)


def lasts(row: HubSubscription, until: datetime) -> bool:
    """Until then, or some seconds longer: a lease begins with the answer."""
    return timedelta(0) <= row.expires_at - until < MINUTE


# --- Subscribing (sections 5.1 to 5.3)


def test_a_subscription_begins_when_the_callback_agrees(db, settings, client, reader, now) -> None:
    answer = ask(client, reader.callback, TOPIC)
    assert (answer.status_code, answer.mimetype) == (202, "text/plain")
    assert reader.questions == [], "the answer comes before the question"
    assert subscriptions(db) == []
    turn(db, settings, now)
    [question] = reader.questions
    assert question["hub.mode"] == "subscribe"
    assert question["hub.topic"] == TOPIC
    assert question["hub.lease_seconds"] == "864000"
    assert len(question["hub.challenge"]) >= 40
    [row] = subscriptions(db)
    assert row.callback == reader.callback
    assert lasts(row, now + 10 * DAY)


def test_nothing_is_asked_twice_and_nothing_sent_that_is_not_new(
    db, settings, client, reader, now
) -> None:
    subscribed(db, settings, client, reader, now)
    assert turn(db, settings, now + MINUTE) == 0
    assert turn(db, settings, now + DAY) == 0
    assert (len(reader.questions), reader.pings) == (1, [])


@pytest.mark.parametrize(
    "answer",
    [
        lambda query: (200, b"no"),
        lambda query: (200, query["hub.challenge"].encode() + b"\n"),
        lambda query: (200, query["hub.challenge"].encode() * 1000),
        lambda query: (404, query["hub.challenge"].encode()),
        lambda query: (302, query["hub.challenge"].encode()),
        lambda query: (500, query["hub.challenge"].encode()),
    ],
    ids=["wrong", "with a line feed", "oversized", "404", "redirect", "500"],
)
def test_whoever_does_not_echo_the_challenge_is_not_subscribed(
    db, settings, client, reader, now, answer
) -> None:
    reader.answer = answer
    reader.headers = {"Location": reader.base + "/elsewhere"}
    assert ask(client, reader.callback, TOPIC).status_code == 202
    for minutes in (0, 1, 30):
        turn(db, settings, now + minutes * MINUTE)
    assert subscriptions(db) == []
    assert reader.targets == [reader.targets[0]], "asked once, and no redirect was followed"


def test_the_callbacks_own_query_is_kept(db, settings, client, reader, now) -> None:
    callback = reader.callback + "?key=a%2Fb&empty="
    ask(client, callback, TOPIC)
    turn(db, settings, now)
    publish(db, now)
    turn(db, settings, now)
    assert reader.targets[0].startswith("/callback?key=a%2Fb&empty=&hub.mode=subscribe&")
    assert reader.targets[1] == "/callback?key=a%2Fb&empty="


def test_fields_that_nobody_knows_are_ignored(db, settings, client, reader, now) -> None:
    """Case 102."""
    fields = {
        "hub.mode": "subscribe", "hub.topic": TOPIC, "hub.callback": reader.callback,
        "foo": "bar", "hub.foo": "hub.bar", "hub.verify": ["async", "sync"],
    }  # fmt: skip
    assert client.post("/hub", data=fields).status_code == 202
    turn(db, settings, now)
    assert len(subscriptions(db)) == 1


def test_a_callback_that_is_away_is_asked_three_times(db, settings, client, now) -> None:
    with subscriber() as away:
        pass  # nobody listens there any more
    ask(client, away.callback, TOPIC)
    calls = [turn(db, settings, now + minutes * MINUTE) for minutes in (0, 0.5, 2, 13, 60, 600)]
    assert calls == [1, 0, 1, 1, 0, 0]
    assert subscriptions(db) == []


def test_what_changes_between_request_and_agreement_is_sent_at_once(
    db, settings, client, reader, now
) -> None:
    ask(client, reader.callback, TOPIC)
    publish(db, now)
    turn(db, settings, now)
    assert len(reader.pings) == 1


@pytest.mark.parametrize(
    ("asked", "given"),
    [("", 864_000), ("1", 300), ("3600", 3600), ("99999999999999", 2_592_000)],
)
def test_a_lease_is_what_was_asked_within_limits(
    db, settings, client, reader, now, asked: str, given: int
) -> None:
    ask(client, reader.callback, TOPIC, lease_seconds=asked)
    turn(db, settings, now)
    assert reader.questions[0]["hub.lease_seconds"] == str(given)
    assert lasts(subscriptions(db)[0], now + timedelta(seconds=given))


# --- Renewing, ending


def test_asking_again_renews_and_does_not_double(
    db, settings, client, clock: FixedClock, reader, now
) -> None:
    """Case 103."""
    subscribed(db, settings, client, reader, now)
    ask(client, reader.callback, TOPIC)
    turn(db, settings, now + 5 * DAY)
    [row] = subscriptions(db)
    assert lasts(row, now + 15 * DAY)
    publish(db, now + 6 * DAY)
    turn(db, settings, now + 6 * DAY)
    assert len(reader.pings) == 1


def test_a_new_secret_counts_once_its_owner_agrees(db, settings, client, reader, now) -> None:
    subscribed(db, settings, client, reader, now, secret="old")
    reader.answer = lambda query: (404, b"")
    ask(client, reader.callback, TOPIC, secret="stolen")
    turn(db, settings, now)
    publish(db, now, "One")
    turn(db, settings, now)
    assert reader.pings[0].is_signed_with("old")
    reader.answer = echo
    ask(client, reader.callback, TOPIC, secret="new")
    turn(db, settings, now)
    publish(db, now, "Two")
    turn(db, settings, now)
    assert reader.pings[1].is_signed_with("new")
    assert not reader.pings[1].is_signed_with("old")


def test_a_subscription_ends_when_its_owner_agrees(db, settings, client, reader, now) -> None:
    """Case 104."""
    subscribed(db, settings, client, reader, now)
    reader.answer = lambda query: (404, b"")
    assert ask(client, reader.callback, TOPIC, "unsubscribe").status_code == 202
    turn(db, settings, now)
    assert len(subscriptions(db)) == 1, "anybody may ask, its owner decides"
    reader.answer = echo
    ask(client, reader.callback, TOPIC, "unsubscribe")
    turn(db, settings, now)
    assert reader.modes == ["subscribe", "unsubscribe", "unsubscribe"]
    assert "hub.lease_seconds" not in reader.questions[1]
    assert subscriptions(db) == []
    publish(db, now)
    turn(db, settings, now)
    assert reader.pings == []


def test_a_newer_request_takes_the_place_of_the_older(db, settings, client, reader, now) -> None:
    ask(client, reader.callback, TOPIC)
    ask(client, reader.callback, TOPIC, "unsubscribe")
    turn(db, settings, now)
    assert reader.modes == ["unsubscribe"]
    assert subscriptions(db) == []


def test_an_answer_to_a_replaced_question_counts_for_nothing(
    db, settings, client, reader, now
) -> None:
    """While the callback thinks about it, its owner asks for the opposite."""

    def late(query):
        if query["hub.mode"] == "subscribe":
            ask(client, reader.callback, TOPIC, "unsubscribe")
        return echo(query)

    reader.answer = late
    ask(client, reader.callback, TOPIC)
    turn(db, settings, now)
    assert reader.modes == ["subscribe", "unsubscribe"]
    assert subscriptions(db) == []


def test_a_lease_that_ends_ends_the_subscription(db, settings, client, reader, now) -> None:
    subscribed(db, settings, client, reader, now, lease_seconds="3600")
    end = subscriptions(db)[0].expires_at
    publish(db, end)
    assert turn(db, settings, end) == 0
    assert reader.pings == []
    worker.housekeep(db, settings, end)
    assert subscriptions(db) == []


def test_who_subscribes_again_after_the_end_begins_anew(db, settings, client, reader, now) -> None:
    subscribed(db, settings, client, reader, now, lease_seconds="3600")
    later = now + DAY
    publish(db, now)
    ask(client, reader.callback, TOPIC)
    turn(db, settings, later)
    assert reader.pings == [], "it has fetched the feed when it asked"
    [row] = subscriptions(db)
    assert lasts(row, later + 10 * DAY)


# --- Distribution (section 7)


@pytest.mark.parametrize(
    "path",
    [
        "/feed.atom", "/feed.rss", "/feed.json", "/calls.ics", "/calls.csv", "/fr/feed.atom",
        "/calls.atom?status=open", "/search.rss?q=heat+pump", "/clusters/cleantech.json",
        "/calls/reuse-of-process-heat.ics", "/calls/reuse-of-process-heat/changes.rss",
        "/changes.atom?cluster=cleantech", "/all/feed.atom", "/all/calls/reuse-of-process-heat.ics",
    ],
)  # fmt: skip
def test_a_ping_is_what_a_get_gives(db, settings, client, reader, clock, path: str) -> None:
    """Cases 100, 105 and 106: the same bytes and the same type, whatever the format."""
    now = clock()
    with db.begin() as session:
        make_cluster(session)
        call = make_call(session, clusters=("cleantech",))
    subscribed(db, settings, client, reader, now, topic=SITE + path)
    now = clock.advance(hours=1)
    with db.begin() as session:
        edit = call_edit(
            "Reuse of process heat", key_dates=(deadline("2026-05-30"),), clusters=("cleantech",)
        )
        calls.edit_call(session, call.id, edit, actor=ANA, now=now)
        make_call(session, "Heat pump", now=now, publish_at=now, clusters=("cleantech",))
    turn(db, settings, now)
    [ping] = reader.pings
    got = client.get(path)
    assert ping.body == got.data
    assert ping.headers["Content-Type"] == got.headers["Content-Type"]
    assert ping.headers["Link"] == f'<{SITE}/hub>; rel="hub", <{SITE + path}>; rel="self"'
    assert "X-Hub-Signature" not in ping.headers, "no secret, no signature"
    assert ping.path == "/callback"


@pytest.mark.parametrize(
    ("path", "pushed"),
    [
        ("/feed.atom", True), ("/de/news.rss", True), ("/all/changes.json", True),
        ("/calls.ics", True), ("/clusters/cleantech.atom?status=open", True),
        ("/calls/reuse-of-process-heat/changes.atom", True),
        ("/feed.atom?before=1-1", False), ("/news.atom?published=2026-02", False),
        ("/calls.ics?alarm=P7D", False), ("/feeds.opml", False),
    ],
)  # fmt: skip
def test_the_hub_takes_whatever_names_it(db, client, reader, path: str, pushed: bool) -> None:
    """Parts of a feed do not: what is new comes with the feed itself."""
    with db.begin() as session:
        make_cluster(session)
        make_call(session, clusters=("cleantech",))
    answer = client.get(path)
    link = answer.headers.get("Link", "")
    assert (f'<{SITE}/hub>; rel="hub"' in link) is pushed
    assert ('rel="hub"' in answer.text) is (
        pushed and path.partition("?")[0].endswith(("atom", "rss"))
    )
    if pushed:
        assert f'<{SITE + path}>; rel="self"' in link
        assert ask(client, reader.callback, SITE + path).status_code == 202


def test_a_secret_signs_each_ping(db, settings, client, reader, now) -> None:
    """Case 101."""
    secret = "é" * 99
    subscribed(db, settings, client, reader, now, secret=secret)
    publish(db, now)
    turn(db, settings, now)
    [ping] = reader.pings
    assert ping.headers["X-Hub-Signature"].startswith("sha256=")
    assert ping.is_signed_with(secret)
    assert not ping.is_signed_with("another")


def test_time_alone_sends_a_ping(db, settings, client, reader, now) -> None:
    """A scheduled entry becomes public and nobody does anything."""
    with db.begin() as session:
        make_news(session, now=now, publish_at=now + timedelta(hours=2))
    subscribed(db, settings, client, reader, now)
    assert turn(db, settings, now + timedelta(hours=1)) == 0
    assert turn(db, settings, now + timedelta(hours=2)) == 1
    assert b"Waste heat" in reader.pings[0].body


def test_a_change_elsewhere_sends_nothing(db, settings, client, reader, now) -> None:
    subscribed(db, settings, client, reader, now, topic=f"{SITE}/calls.atom")
    publish(db, now)
    assert turn(db, settings, now) == 0


def test_a_feed_that_changed_back_before_the_ping_sends_nothing(
    db, settings, client, reader, now
) -> None:
    subscribed(db, settings, client, reader, now)
    hub = hub_of(db, settings)
    with db.begin() as session:
        cluster = make_cluster(session, "Cleantech")
    hub.looker.look_at_all(now)
    with db.begin() as session:
        clusters.delete_cluster(session, cluster.id, actor=ANA, now=now)
    push_due(hub, now)
    assert reader.pings == []


def test_410_ends_the_subscription(db, settings, client, reader, now) -> None:
    subscribed(db, settings, client, reader, now)
    reader.receive = lambda _: (410, b"")
    publish(db, now)
    turn(db, settings, now)
    assert subscriptions(db) == []
    publish(db, now, "More")
    turn(db, settings, now)
    assert len(reader.pings) == 1


@pytest.mark.parametrize("status", [301, 307, 400, 404, 500, 503])
def test_any_other_answer_is_tried_again(db, settings, client, reader, now, status: int) -> None:
    subscribed(db, settings, client, reader, now)
    reader.headers = {"Location": reader.base + "/elsewhere"}
    reader.receive = lambda _: (status, b"")
    publish(db, now)
    assert turn(db, settings, now) == 1
    assert [row.reason for row in subscriptions(db)] == [f"answered {status}"]
    assert turn(db, settings, now + MINUTE / 2) == 0
    reader.receive = lambda _: (200, b"")
    assert turn(db, settings, now + 2 * MINUTE) == 1
    assert turn(db, settings, now + DAY) == 0
    assert [ping.path for ping in reader.pings] == ["/callback"] * 2
    assert len({ping.body for ping in reader.pings}) == 1


def test_tries_become_rarer_and_end_after_three_days(db, settings, client, reader, now) -> None:
    subscribed(db, settings, client, reader, now, lease_seconds="2592000")
    reader.receive = lambda _: (503, b"")
    publish(db, now)
    tries = [
        minute for minute in range(0, 5 * 24 * 60, 30) if turn(db, settings, now + minute * MINUTE)
    ]
    gaps = [later - earlier for earlier, later in pairwise(tries)]
    assert tries[0] == 0
    assert max(gaps) <= 320, "every four hours, a fifth more or less, and half an hour of ours"
    assert 3 * 24 * 60 <= tries[-1] <= 3 * 24 * 60 + 320
    assert len(tries) == len(reader.pings) < 30
    reader.receive = lambda _: (200, b"")
    publish(db, now + 6 * DAY, "New")
    assert turn(db, settings, now + 6 * DAY) == 1, "the next version begins anew"
    assert b"New" in reader.pings[-1].body


def test_a_newer_version_takes_the_place_of_the_one_that_waits(
    db, settings, client, reader, now
) -> None:
    subscribed(db, settings, client, reader, now)
    reader.receive = lambda _: (503, b"")
    publish(db, now, "First")
    turn(db, settings, now)
    reader.receive = lambda _: (200, b"")
    publish(db, now, "Second")
    assert turn(db, settings, now) == 0, "who is busy is not asked more often for it"
    assert turn(db, settings, now + 2 * MINUTE) == 1
    assert turn(db, settings, now + DAY) == 0
    assert b"Second" in reader.pings[-1].body


def test_a_subscriber_that_is_back_need_not_wait(db, settings, client, reader, now) -> None:
    subscribed(db, settings, client, reader, now)
    reader.receive = lambda _: (503, b"")
    publish(db, now)
    turn(db, settings, now)
    reader.receive = lambda _: (200, b"")
    ask(client, reader.callback, TOPIC)
    turn(db, settings, now)
    assert len(reader.pings) == 2


def test_what_is_published_while_a_ping_is_on_its_way_follows_it(
    db, settings, client, reader, now
) -> None:
    subscribed(db, settings, client, reader, now)

    def publish_once(_ping: Ping) -> tuple[int, bytes]:
        if len(reader.pings) == 1:
            publish(db, now, "Second")
        return 200, b""

    reader.receive = publish_once
    publish(db, now, "First")
    turn(db, settings, now)
    assert [b"Second" in ping.body for ping in reader.pings] == [False, True]


def test_a_slow_subscriber_keeps_nobody_waiting(db, settings, client, reader, now) -> None:
    """It answers only when the other one has got this version and the next."""
    with subscriber() as slow:
        for one in (slow, reader):
            ask(client, one.callback, TOPIC)
        turn(db, settings, now)
        in_time: list[bool] = []

        def wait_for_the_other(_ping: Ping) -> tuple[int, bytes]:
            if len(slow.pings) == 1:
                in_time.append(reader.has_pings(1))
                publish(db, now, "Second")
                in_time.append(reader.has_pings(2))
            return 200, b""

        slow.receive = wait_for_the_other
        publish(db, now, "First")
        turn(db, settings, now, patience=Patience(connect=5, read=40, whole=60))
        assert in_time == [True, True]
        assert len(slow.pings) == 2


def test_many_callbacks_of_one_slow_host_leave_room_for_others(
    db, settings, client, reader, now
) -> None:
    with subscriber() as slow:
        for number in range(20):
            ask(client, f"{slow.base}/{number}", TOPIC)
        ask(client, reader.callback.replace("127.0.0.1", "localhost"), TOPIC)
        for _ in range(2):
            turn(db, settings, now)
        assert len(subscriptions(db)) == 21
        at_once: list[int] = []
        inside = threading.Semaphore(0)
        lock, now_inside = threading.Lock(), [0]

        def crowd(_ping: Ping) -> tuple[int, bytes]:
            with lock:
                now_inside[0] += 1
                at_once.append(now_inside[0])
            reader.has_pings(1)
            with lock:
                now_inside[0] -= 1
            inside.release()
            return 200, b""

        slow.receive = crowd
        publish(db, now)
        turn(db, settings, now, patience=Patience(connect=5, read=40, whole=60))
        assert len(reader.pings) == 1
        assert len(slow.pings) == 20
        assert max(at_once) <= leases.CALLS_OF_HOST


# --- Several processes, and their end


def test_two_schedulers_send_each_version_once(db, settings, client, reader, now) -> None:
    for number in range(30):
        ask(client, f"{reader.base}/{number}", TOPIC)
    both(db, settings, now)
    assert len(reader.questions) == 30
    publish(db, now)
    both(db, settings, now)
    assert sorted(ping.path for ping in reader.pings) == sorted(f"/{n}" for n in range(30))


def both(db: Database, settings: Settings, now: datetime) -> None:
    """Two schedulers with nothing in common but the database, at once."""
    start = threading.Barrier(2)

    def run() -> None:
        own = Database(settings.database_url)
        hub = hub_of(own, settings)
        start.wait(10)
        push_due(hub, now)
        own.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_what_a_dead_process_held_is_sent_after_its_lease(
    db, settings, client, reader, now
) -> None:
    subscribed(db, settings, client, reader, now)
    publish(db, now)
    hub_of(db, settings).looker.look_at_all(now)
    with db.begin() as session:  # the process dies with its claim, before or after it has sent
        assert len(leases.claim_deliveries(session, "dead", now, most=9)) == 1
    assert turn(db, settings, now + MINUTE) == 0
    assert turn(db, settings, now + leases.LEASE) == 1
    assert len(reader.pings) == 1


def test_a_process_that_slept_past_its_lease_changes_nothing(
    db, settings, client, reader, now
) -> None:
    subscribed(db, settings, client, reader, now)
    publish(db, now)
    hub_of(db, settings).looker.look_at_all(now)
    with db.begin() as session:
        [row] = leases.claim_deliveries(session, "asleep", now, most=9)
    turn(db, settings, now + leases.LEASE)
    [before] = subscriptions(db)
    with db.begin() as session:
        changes.delivered(session, row.id, "asleep", "old tag")
        changes.gone(session, row.id, "asleep")
    [after] = subscriptions(db)
    assert (after.tag, after.send_after) == (before.tag, before.send_after)


def test_a_question_whose_process_died_is_asked_again(db, settings, client, reader, now) -> None:
    ask(client, reader.callback, TOPIC)
    with db.begin() as session:
        leases.claim_requests(session, "dead", now, most=9)
    assert turn(db, settings, now) == 0
    assert turn(db, settings, now + leases.LEASE) == 1
    assert len(subscriptions(db)) == 1


def test_one_who_is_told_to_stop_begins_no_more_calls(db, settings, client, reader, now) -> None:
    ask(client, reader.callback, TOPIC)
    assert push_due(hub_of(db, settings), now, stopping=lambda: True) == 0
    assert reader.questions == []
    assert turn(db, settings, now) == 1


# --- Feeds that end


def test_the_end_of_a_feed_is_told(db, settings, client, reader, now) -> None:
    with db.begin() as session:
        cluster = make_cluster(session)
    topic = f"{SITE}/clusters/cleantech.atom"
    subscribed(db, settings, client, reader, now, topic=topic)
    with db.begin() as session:
        clusters.delete_cluster(session, cluster.id, actor=ANA, now=now)
    turn(db, settings, now)
    assert subscriptions(db) == []
    told = reader.questions[-1]
    assert (told["hub.mode"], told["hub.topic"]) == ("denied", topic)
    assert told["hub.reason"]
    assert "hub.challenge" not in told
    assert turn(db, settings, now + DAY) == 0


def test_a_call_that_is_withdrawn_ends_its_calendar(db, settings, client, reader, now) -> None:
    with db.begin() as session:
        call = make_call(session)
    subscribed(db, settings, client, reader, now, topic=f"{SITE}/calls/reuse-of-process-heat.ics")
    with db.begin() as session:
        publication.unpublish(session, call.id, actor=ANA, now=now)
    turn(db, settings, now)
    assert reader.modes == ["subscribe", "denied"]


# --- What the hub refuses


@pytest.mark.parametrize(
    "topic",
    [
        "", "feed.atom", "https://other.example/feed.atom", "https://agency.example.evil/feed.atom",
        f"{SITE}/", f"{SITE}/news/", f"{SITE}/feed.exe", f"{SITE}/news.ics", f"{SITE}/feeds.opml",
        f"{SITE}/clusters/nowhere.atom", f"{SITE}/calls/nowhere.ics", f"{SITE}/search.atom",
        f"{SITE}/calls.atom?colour=red", f"{SITE}/calls.atom?cluster=nowhere",
        f"{SITE}/me/abcdef.atom", f"{SITE}/xx/feed.atom", f"{SITE}/feed.atom#top",
        "https://[", "x" * 3000,
    ],
)  # fmt: skip
def test_what_is_no_public_feed_is_no_topic(client, db, topic: str) -> None:
    answer = ask(client, "https://reader.example/cb", topic)
    assert answer.status_code in (400, 404)
    assert answer.mimetype == "text/plain"
    assert answer.text.strip().endswith((".", "?"))


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        (f"{SITE}/calls.atom?status=open&cluster=cleantech", "/calls.atom?cluster=cleantech&status=open"),
        (f"{SITE}/calls.atom?status=", "/calls.atom"),
        (f"{SITE}/calls.atom?kind=call", "/calls.atom"),
        (f"{SITE}/calls.atom?", "/calls.atom"),
        (f"{SITE}/calls.atom?q=%20", "/calls.atom"),
        (f"{SITE}/search.atom?q=a%20b", "/search.atom?q=a+b"),
        (f"{SITE}/clusters/greentech.atom", "/clusters/cleantech.atom"),
        (f"{SITE}/calls.atom?cluster=greentech", "/calls.atom?cluster=cleantech"),
    ],
)  # fmt: skip
def test_another_spelling_is_told_the_right_one(db, client, now, written, canonical) -> None:
    with db.begin() as session:
        cluster = make_cluster(session, "GreenTech")
        edit = clusters.ClusterEdit(
            texts={"en": clusters.NameEdit("CleanTech")}, slug="cleantech", version=cluster.version
        )
        clusters.edit_cluster(session, cluster.id, edit, actor=ANA, now=now)
    answer = ask(client, "https://reader.example/cb", written)
    assert answer.status_code == 400
    assert answer.text.strip().endswith(SITE + canonical)


def test_a_draft_has_no_calendar_to_subscribe_to(db, client) -> None:
    with db.begin() as session:
        make_call(session, publish_at=None)
    answer = ask(client, "https://reader.example/cb", f"{SITE}/calls/reuse-of-process-heat.ics")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"hub.mode": ""},
        {"hub.mode": "publish"},
        {"hub.mode": "denied"},
        {"hub.topic": ""},
        {"hub.callback": ""},
        {"hub.lease_seconds": "-1"},
        {"hub.lease_seconds": "0"},
        {"hub.lease_seconds": "1.5"},
        {"hub.lease_seconds": "²"},
        {"hub.secret": "x" * 200},
        {"hub.secret": "é" * 100},
        {"hub.secret": "a\x00b"},
        {"hub.mode": ["subscribe", "unsubscribe"]},
        {"hub.callback": "https://reader.example/" + "x" * 2000},
    ],
)
def test_a_request_that_means_nothing_is_answered_in_words(client, db, fields) -> None:
    good = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.callback": "https://reader.example/"}
    answer = client.post("/hub", data={**good, **fields})
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert subscriptions(db) == []


@pytest.mark.parametrize("secret", [b"%FF%FE", b"\xff", b"%C3%A9%C3"])
def test_a_secret_that_is_no_text_is_refused_not_changed(client, db, secret: bytes) -> None:
    fields = b"hub.mode=subscribe&hub.topic=x&hub.callback=x&hub.secret="
    kind = "application/x-www-form-urlencoded"
    assert client.post("/hub", data=fields + secret, content_type=kind).status_code == 400
    assert client.post("/hub", data=b"", content_type=kind).status_code == 400


def test_a_secret_may_have_199_bytes(client, db) -> None:
    answer = ask(client, "https://reader.example/", TOPIC, secret="x" * 199)
    assert answer.status_code == 202


def test_one_cannot_end_what_has_not_begun(client, db, reader) -> None:
    assert ask(client, reader.callback, TOPIC, "unsubscribe").status_code == 404
    ask(client, reader.callback, f"{SITE}/news.rss")
    assert ask(client, reader.callback, TOPIC, "unsubscribe").status_code == 404


def test_bodies_are_forms_and_small(client, db) -> None:
    answer = client.post("/hub", json={"hub.mode": "subscribe"})
    assert (answer.status_code, answer.mimetype) == (415, "text/plain")
    answer = client.post("/hub", data={"hub.mode": "x" * 20_000})
    assert (answer.status_code, answer.mimetype) == (413, "text/plain")


def test_a_get_explains(client, db) -> None:
    answer = client.get("/hub")
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert "WebSub" in answer.text
    assert client.get("/fr/hub").status_code == 404
    assert client.put("/hub").status_code == 405


# --- Limits


def test_one_client_may_ask_so_often(client, db, clock: FixedClock) -> None:
    for number in range(rules.ATTEMPTS_OF_CLIENT):
        assert ask(client, f"https://r{number}.example/", TOPIC).status_code == 202
    answer = ask(client, "https://more.example/", TOPIC)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 600
    clock.advance(minutes=10)
    assert ask(client, "https://more.example/", TOPIC).status_code == 202


def test_refused_topics_are_counted_too(client, db) -> None:
    for _ in range(rules.ATTEMPTS_OF_CLIENT):
        ask(client, "https://reader.example/", f"{SITE}/nowhere.atom")
    assert ask(client, "https://reader.example/", TOPIC).status_code == 429


def test_one_host_has_so_many_open_questions(client, db) -> None:
    for number in range(rules.PENDING_FOR_HOST):
        assert ask(client, f"https://victim.example/{number}", TOPIC).status_code == 202
    answer = ask(client, "https://victim.example/more", TOPIC)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    assert ask(client, "https://victim.example/0", TOPIC).status_code == 202, "it has asked already"
    assert ask(client, "https://other.example/", TOPIC).status_code == 202


@pytest.mark.parametrize(
    ("host", "most", "topic"),
    [
        ("reader.example", rules.SUBSCRIPTIONS_OF_HOST, f"{SITE}/news.atom"),
        ("other.example", rules.SUBSCRIPTIONS_OF_TOPIC, TOPIC),
    ],
)
def test_one_host_and_one_topic_have_so_many_subscriptions(
    db, client, now, host: str, most: int, topic: str
) -> None:
    """All on one topic; of that topic, or elsewhere from that host, there is room for no more."""
    with db.begin() as session:
        full = asking.topic_at(session, TOPIC).id
        session.execute(
            insert(HubSubscription),
            [
                {
                    "topic_id": full, "callback": f"https://{host}/{number}", "host": host,
                    "callback_digest": tokens.digest(f"https://{host}/{number}"),
                    "created_at": now, "expires_at": now + DAY, "send_after": now,
                }
                for number in range(most)
            ],
        )  # fmt: skip
    assert ask(client, "https://reader.example/more", topic).status_code == 429
    assert ask(client, f"https://{host}/0", TOPIC).status_code == 202, "renewing needs no room"
    assert ask(client, "https://third.example/", f"{SITE}/feed.rss").status_code == 202


def test_so_many_questions_are_open_at_once(db, client, now) -> None:
    with db.begin() as session:
        topic = asking.topic_at(session, TOPIC).id
        session.execute(
            insert(HubRequest),
            [
                {
                    "topic_id": topic, "callback": "https://r.example/", "host": f"r{number}",
                    "callback_digest": str(number), "mode": "subscribe", "asked_at": now,
                    "send_after": now,
                }
                for number in range(rules.PENDING)
            ],
        )  # fmt: skip
    assert ask(client, "https://more.example/", TOPIC).status_code == 429


# --- Addresses that are not public


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "10.0.0.8", "intranet"])
def test_a_private_callback_is_refused_when_it_is_asked_for(
    db, app, client, settings, host: str
) -> None:
    runtime = app.extensions["feedsvc"]
    app.extensions["feedsvc"] = replace(
        runtime, settings=replace(settings, websub_private_callbacks=False)
    )
    answer = ask(client, f"http://{host}/cb", TOPIC)
    assert answer.status_code == 400
    assert "public Internet" in answer.text


def test_a_name_that_leads_to_a_private_address_is_never_called(
    db, settings, client, reader, now
) -> None:
    """`localhost` stands for any name whose address is only known when it is looked up."""
    callback = reader.callback.replace("127.0.0.1", "localhost")
    assert ask(client, callback, TOPIC).status_code == 202
    strict = replace(settings, websub_private_callbacks=False)
    assert turn(db, strict, now) == 1
    assert turn(db, strict, now + DAY) == 0, "it is not asked again"
    assert (reader.questions, subscriptions(db)) == ([], [])


def test_a_subscription_whose_name_moves_to_a_private_address_gets_nothing(
    db, settings, client, reader, now
) -> None:
    subscribed(db, settings, client, reader, now)
    publish(db, now)
    turn(db, replace(settings, websub_private_callbacks=False), now)
    assert reader.pings == []
    assert "not on the public Internet" in subscriptions(db)[0].reason


# --- An external hub


@pytest.fixture
def elsewhere(settings: Settings, reader: Subscriber) -> Settings:
    return replace(settings, hub_url=f"{reader.base}/publish", languages=("en", "fr"))


def named(settings: Settings, *pages: str) -> set[str]:
    return {
        f"{SITE}{prefix}{page}.{extension}"
        for prefix in ("", "/fr")
        for page in pages
        for extension in ("rss", "atom", "json")
    }


def announced(reader: Subscriber) -> set[str]:
    forms = [ping.form() for ping in reader.pings]
    assert all(form["hub.mode"] == "publish" for form in forms)
    assert all(form["hub.topic"] == form["hub.url"] for form in forms)
    assert {ping.headers["Content-Type"] for ping in reader.pings} <= {
        "application/x-www-form-urlencoded"
    }
    return {form["hub.url"] for form in forms}


def test_an_external_hub_is_told_of_what_changed(db, elsewhere, reader, now) -> None:
    with db.begin() as session:
        make_cluster(session)
    turn(db, elsewhere, now)
    assert announced(reader) == named(
        elsewhere, "/feed", "/news", "/calls", "/changes", "/clusters/cleantech"
    )
    reader.pings.clear()
    publish(db, now)
    turn(db, elsewhere, now)
    assert announced(reader) == named(elsewhere, "/feed", "/news")
    assert len(reader.pings) == 12, "each once"
    assert turn(db, elsewhere, now + DAY) == 0


def test_an_external_hub_that_is_away_is_told_later(db, elsewhere, reader, now) -> None:
    reader.receive = lambda _: (410, b"")
    turn(db, elsewhere, now)
    reader.pings.clear()
    reader.receive = lambda _: (204, b"")
    turn(db, elsewhere, now + 2 * MINUTE)
    assert announced(reader) == named(elsewhere, "/feed", "/news", "/calls", "/changes")


def test_a_new_cluster_is_told_and_a_deleted_one_forgotten(db, elsewhere, reader, now) -> None:
    turn(db, elsewhere, now)
    reader.pings.clear()
    with db.begin() as session:
        cluster = make_cluster(session)
    turn(db, elsewhere, now)
    assert announced(reader) == named(elsewhere, "/clusters/cleantech")
    with db.begin() as session:
        clusters.delete_cluster(session, cluster.id, actor=ANA, now=now)
    turn(db, elsewhere, now)
    assert len(subscriptions(db)) == 24


def test_another_hub_takes_the_place_of_the_first(db, settings, elsewhere, reader, now) -> None:
    turn(db, elsewhere, now)
    with subscriber() as other:
        turn(db, replace(elsewhere, hub_url=other.base), now)
        assert len(other.pings) == 24
    turn(db, settings, now)
    assert subscriptions(db) == []


def test_our_own_hub_is_closed_then_but_keeps_its_word(
    db, settings, client, app, elsewhere, reader, now
) -> None:
    with subscriber() as ours:
        ask(client, ours.callback, TOPIC)
        turn(db, settings, now)
        app.extensions["feedsvc"] = replace(app.extensions["feedsvc"], settings=elsewhere)
        for answer in (client.get("/hub"), ask(client, ours.callback, TOPIC)):
            assert answer.status_code == 410
            assert elsewhere.hub_url in answer.text
        publish(db, now)
        turn(db, elsewhere, now)
        [ping] = ours.pings
        assert f'<{elsewhere.hub_url}>; rel="hub"' in ping.headers["Link"]


# --- Keeping house


def test_nothing_is_kept_of_what_has_ended(db, settings, client, reader, now) -> None:
    subscribed(db, settings, client, reader, now)
    worker.housekeep(db, settings, now + 9 * DAY)
    assert len(subscriptions(db)) == 1
    with db.begin() as session:
        session.execute(update(HubSubscription).values(expires_at=now))
    worker.housekeep(db, settings, now + DAY)
    with db.read() as session:
        for table in ("hub_subscription", "hub_topic", "hub_request", "hub_attempt"):
            rows = session.connection().exec_driver_sql(f"SELECT count(*) FROM {table}")
            assert rows.scalar() == 0, table
