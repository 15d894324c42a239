"""The editors' list of calls, beside the list that Django's admin makes of the same rows.

Both answer in this process, from the request to the whole page, in turns. On SQLite the figures are
CPU time, which hardly feels what else the machine does; those of PostgreSQL are time on the wall.
Django has a copy of SQLite's file: two libraries must not lock one file in one process. Before a
figure is printed, both lists show the same titles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from statistics import median
from time import perf_counter, process_time

from lxml import html
from sqlalchemy import func, select

from benchmarks import content, databases, desk_rows
from benchmarks.desk_rows import NOW
from benchmarks.django_desk import client
from benchmarks.result import Missing, Result, Untrue
from feedsvc import migrations
from feedsvc.app import create_app
from feedsvc.auth import audit
from feedsvc.auth.rules import ADMINISTRATOR, SYSTEM
from feedsvc.content import generation
from feedsvc.content.models import Entry
from feedsvc.db import Database
from feedsvc.settings import Settings
from feedsvc.web.admin.listing import orders
from tests.support import team
from tests.support.client import Browser

SIZE, ONCE = 100_000, 300
ROUNDS = 15
LIMIT = 50.0  # milliseconds
TARGET = 1.0
# What both lists can be asked for: the query of ours, and of Django's.
BOTH = {
    "newest": ("", ""),
    "published": ("state=published", "state=published"),
    "drafts": ("state=draft", "state=draft"),
    "cluster": ("cluster=wood", "clusters__id__exact=7"),
    "words": ("q=hydrogen", "q=hydrogen"),
    "far": ("after={middle}", "p={page}"),
}
# What Django's cannot, or not at once.
OURS = (
    "sort=title", "sort=-title", "sort=deadline", "sort=-deadline", "sort=published", "sort=updated",
    "missing=fr", "missing=en", "missing=de&state=draft&sort=title", "closes_within=30",
    "updated_within=7&sort=title", "author=7", "author=7&state=published&sort=deadline",
    "cluster=wood&sort=deadline", "cluster=wood&cluster=ict&state=withdrawn", "q=hydrogen&sort=title",
    "cluster=wood&closes_within=30&state=published", "closes_within=30&sort=deadline",
    "closes_within=30&sort=title", "cluster=wood&q=hydrogen",
    "q=steel+soil&cluster=health&state=review", "state=scheduled&sort=-published", "state=rejected",
)  # fmt: skip
Ask = Callable[[str], str]


def lists(*, once: bool) -> list[Result]:
    size = ONCE if once else SIZE
    results: list[Result] = []
    for name, database in databases.BOTH:
        with content.installed() as settings, database() as url:
            here = replace(
                settings, base_url="https://agency.example",
                database_url=url or settings.effective_database_url,
            )  # fmt: skip
            results += _on(here, name, size, rounds=1 if once else ROUNDS)
    return results


def _on(settings: Settings, name: str, size: int, *, rounds: int) -> Iterator[Result]:
    db = Database(settings.effective_database_url)
    migrations.upgrade(db)
    desk_rows.write(db, size, NOW)
    app = create_app(settings, clock=lambda: NOW)
    app.test_client_class = Browser
    ana = team.join(db, "Ana", ADMINISTRATOR, now=NOW)
    ours = _ours(team.browser(app, db, ana, now=NOW))
    clock = process_time if name == "SQLite" else perf_counter
    where = f"{size:,} calls, {name}"
    yield from _beside_django(ours, db, clock, where, rounds)
    slowest, name = _slowest(ours, db, clock, rounds, _nothing)
    yield Result(
        name=f"desk list, slowest of {name}, {where}", figure=slowest, unit="ms",
        anchor="a limit", anchor_figure=LIMIT, ratio=LIMIT / slowest, target=TARGET,
    )  # fmt: skip
    slowest, name = _slowest(ours, db, clock, rounds, partial(_edited, db))
    yield Result(
        name=f"desk list, slowest of {name}, the first after an edit, {where}",
        figure=slowest, unit="ms",
    )  # fmt: skip
    app.extensions["feedsvc"].db.close()
    db.close()


def _beside_django(
    ours: Ask, db: Database, clock: Callable[[], float], where: str, rounds: int
) -> Iterator[Result]:
    try:
        theirs = client.opened(_copied(db))
    except Missing as reason:
        yield Result(name=f"desk list beside Django's, {where}", figure=None, unit=str(reason))
        return
    for name, queries in BOTH.items():
        asked, other = (query.format(**_middle(db)) for query in queries)
        _check(name, ours(asked), theirs(other))
        quick, slow = [], []
        for _ in range(rounds):
            quick.append(_took(ours, asked, clock))
            slow.append(_took(theirs, other, clock))
        yield Result(
            name=f"desk list, {name}, {where}", figure=median(quick), unit="ms",
            anchor="Django's admin", anchor_figure=median(slow),
            ratio=median(slow) / median(quick), target=TARGET,
        )  # fmt: skip


def _ours(browser: Browser) -> Ask:
    def ask(query: str) -> str:
        answer = browser.get(f"/admin/calls/?{query or 'view=all'}")
        assert answer.status_code == 200, answer.text
        return answer.text

    return ask


def _check(name: str, ours: str, theirs: str) -> None:
    """Raises: Untrue, where the two lists show other entries. Far pages begin anywhere."""
    mine = html.fromstring(ours).xpath("//td[@class='name']/a/text()")
    other = html.fromstring(theirs).xpath("//*[@class='field-__str__']/a/text()")
    if not mine or (mine != other and name != "far"):
        raise Untrue(f"{name}: {mine[:2]} beside {other[:2]}")


def _took(ask: Ask, query: str, clock: Callable[[], float]) -> float:
    start = clock()
    ask(query)
    return (clock() - start) * 1000


def _slowest(
    ask: Ask, db: Database, clock: Callable[[], float], rounds: int, before: Callable[[], None]
) -> tuple[float, str]:
    """The median of the slowest page, and which one of how many that is."""
    queries = _queries(db)
    took: dict[str, float] = {}
    for query in queries:
        ask(query)  # templates and statements are made once
        some = []
        for _ in range(max(1, rounds // 3)):
            before()
            some.append(_took(ask, query, clock))
        took[query] = median(some)
    slowest = max(took, key=took.__getitem__)
    return took[slowest], f"{len(queries)} ({slowest or 'newest'})"


def _nothing() -> None:
    """Nobody edits: the numbers over a list are those of the page before."""


def _edited(db: Database) -> None:
    """What an edit leaves for the next page to find, and what is kept holds no more."""
    with db.begin() as session:
        audit.record(session, "call", 1, "edited", {}, actor=SYSTEM, now=NOW)
        generation.advance(session, NOW)


def _queries(db: Database) -> list[str]:
    middle = _middle(db)
    return [*(query.format(**middle) for query, _ in BOTH.values()), *OURS]


def _middle(db: Database) -> dict[str, object]:
    """The place half way through the list, the last edited first, and the number of its page."""
    with db.read() as session:
        number = session.scalar(select(func.count()).select_from(Entry)) or 0
        ordered = select(Entry.updated_at, Entry.id).order_by(
            Entry.updated_at.desc(), Entry.id.desc()
        )
        row = session.execute(ordered.offset(number // 2).limit(1)).one()
    place = f"0.{int(row.updated_at.timestamp()) * 1_000_000}.{row.id}"
    return {"middle": place, "page": number // 2 // orders.PER_PAGE}


def _copied(db: Database) -> str:
    """The address of the same rows for Django."""
    if not db.is_sqlite:
        return db.url.render_as_string(hide_password=False)
    copy = f"{db.url.database}.copy"
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.connection.driver_connection.execute("VACUUM INTO ?", (copy,))
    return f"sqlite:///{copy}"
