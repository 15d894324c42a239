"""What fits a reader: the rules, the sets of all calls, the database and mails say the same."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.calls import changes, fit, fit_lists, fit_queries, queries, struck, tally_rows
from feedsvc.calls.models import Call
from feedsvc.calls.tally import Snapshot
from feedsvc.content import clusters
from feedsvc.content.edits import TextEdit
from feedsvc.content.filters import Filter, parse
from feedsvc.content.models import Cluster
from feedsvc.content.profiles import Profile
from feedsvc.db import Database
from feedsvc.reminders import followers
from feedsvc.subscriptions import stored, subjects
from tests.builders import ANA, BEGINNING, deadline, make_call, make_cluster, opening

PROFILES = [
    Profile(kinds=("sme",)),
    Profile(kinds=("university",), country="LU"),
    Profile(kinds=("school",)),
    Profile(country="CH"),
    Profile(clusters=("wood",)),
    Profile(themes=("heat",)),
    Profile(clusters=("ict",), themes=("timber", "heat")),
    Profile(amount=Decimal(50_000)),
    Profile(amount=Decimal("50000.01")),
    Profile(amount=Decimal(5_000), currency="USD"),
    Profile(share=0),
    Profile(share=30),
    Profile(share=50),
    Profile(levels=(3, 4)),
    Profile(levels=(9,)),
    Profile(days=40),
    Profile(days=59),
    Profile(days=60),
    Profile(
        kinds=("start_up",), country="LU", clusters=("wood",), themes=("heat",),
        amount=Decimal(80_000), share=40, levels=(5, 6), days=30,
    ),
]  # fmt: skip


def make_all(session: Session) -> None:
    """Calls that differ in whatever is asked, at and around the boundaries."""
    for name in ("Wood", "ICT"):
        make_cluster(session, name)
    said = {
        "Says nothing": {},
        "Timber for companies": {"applicants": ("company",), "clusters": ("wood",)},
        "For start-ups": {"applicants": ("sme", "start_up"), "geographies": ("EU",)},
        "For research": {"applicants": ("research", "other"), "geographies": ("CH", "LU")},
        "For public bodies": {"applicants": ("public_body",), "clusters": ("ict",)},
        "Small money": {"award_max": Decimal(50_000), "cofinancing_max": Decimal(70)},
        "Much money": {"award_min": Decimal(50_000), "award_max": Decimal(10**6)},
        "From a sum on": {"award_min": Decimal(10_000), "cofinancing_min": Decimal(50)},
        "Dollars": {"award_max": Decimal(10**6), "currency": "USD", "trl_min": 4},
        "A span": {"cofinancing_min": Decimal(50), "cofinancing_max": Decimal(100), "trl_max": 3},
        "Phases": {"trl_min": 3, "trl_max": 5, "cofinancing_min": Decimal(100)},
        "Soon": {"key_dates": (deadline("2026-03-20"),)},
        "Twice": {
            "key_dates": (deadline("2026-03-20", kind="cut_off"), deadline("2026-09-20", kind="cut_off")),
            "deadline_model": "multiple_cut_off",
        },
        "Any time": {"key_dates": (), "deadline_model": "rolling"},
        "Later": {"key_dates": (opening("2026-03-30"), deadline("2026-05-30"))},
        "Over": {"key_dates": (deadline("2026-02-20"),), "applicants": ("sme",)},
        "Invited": {
            "key_dates": (deadline("2026-02-20", kind="stage_1"), deadline("2026-06-20", kind="stage_2")),
            "deadline_model": "two_stage",
        },
    }  # fmt: skip
    for title, more in said.items():
        body = "All about heat." if title in ("Says nothing", "Phases", "Over") else "Nothing else."
        make_call(session, texts={"en": TextEdit(title=title, body=body)}, **more)  # type: ignore[arg-type]
    stopped = make_call(session, texts={"en": TextEdit(title="Stopped", body="Heat")})
    changes.cancel_call(session, stopped.id, {}, actor=ANA, now=BEGINNING)


def by_rules(session: Session, profile: Profile) -> tuple[dict[int, str], set[int]]:
    """Each call's shelf, and the calls that are not ruled out."""
    rows = session.scalars(select(Call)).all()
    mentions = fit_queries.mentions(session, [row.id for row in rows], profile.themes)
    facts = {
        row.id: fit.facts_of(row, BEGINNING, profile=profile, mentions=mentions.get(row.id, ()))
        for row in rows
    }
    shelves = {
        one: fit.shelf(fit.reasons(profile, said, BEGINNING), is_over=said.is_over)
        for one, said in facts.items()
    }
    return shelves, {one for one, said in facts.items() if not fit.rules_out(profile, said)}


def test_sets_and_database_say_of_all_calls_what_the_rules_say_of_each(db: Database) -> None:
    with db.begin() as session:
        make_all(session)
    with db.read() as session:
        held = tally_rows.refreshed(session, Snapshot(), 1)
        for profile in PROFILES:
            shelves, kept = by_rules(session, profile)
            wanted = Filter(profile=profile)
            ranking = fit_lists.ranking(session, held, wanted, BEGINNING)
            found = ranking.page(fit.SHELVES, None, 99).rows
            assert {one: shelf for shelf, one in found} == shelves, profile
            assert set(session.scalars(queries.matching(session, wanted, BEGINNING))) == kept


def test_a_subscription_finds_what_its_description_does_not_rule_out(db: Database) -> None:
    with db.begin() as session:
        make_all(session)
        rows = {
            stored.filter_id(session, wanted, subjects.keys(session, wanted)): wanted.profile
            for wanted in (Filter(kind="call", profile=profile) for profile in PROFILES)
        }
        wood = session.scalars(select(Cluster).where(Cluster.slug == "wood")).one()
        edit = clusters.ClusterEdit(slug="timber", texts={"en": clusters.NameEdit("Timber")})
        clusters.edit_cluster(session, wood.id, edit, actor=ANA, now=BEGINNING)
    with db.read() as session:
        kept = {one: by_rules(session, _renamed(profile))[1] for one, profile in rows.items()}
        ids = session.scalars(select(Call.id)).all()
        for call_id, audience in followers.audiences(session, ids).items():
            found = set(session.scalars(followers.FILTERS, audience.values))
            assert found == {one for one in kept if call_id in kept[one]}


def _renamed(profile: Profile) -> Profile:
    return parse(
        [(name, "timber" if value == "wood" else value) for name, value in profile.pairs()]
    ).profile


def test_a_calendar_strikes_the_dates_of_calls_that_fitted(db: Database) -> None:
    with db.begin() as session:
        make_all(session)
        row = session.scalars(select(Call).where(Call.clusters.any(Cluster.slug == "wood"))).one()
        changes.withdraw_call(session, row.id, actor=ANA, now=BEGINNING)

        def strikes(**said: object) -> bool:
            wanted = Filter(profile=Profile(**said))  # type: ignore[arg-type]
            return bool(struck.matching(session, wanted, BEGINNING))

        assert strikes(kinds=("sme",), clusters=("wood",))
        assert strikes(themes=("timber",))
        assert not strikes(themes=("heat",))
        assert not strikes(kinds=("school",))
        assert not strikes(clusters=("ict",))
