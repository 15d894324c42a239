"""Who may do what with an entry: each role, in each state, of each owner and cluster."""

from __future__ import annotations

import pytest

from feedsvc.auth import rules
from feedsvc.auth.rules import ADMINISTRATOR, AUTHOR, CLUSTER_EDITOR, EDITOR, SYSTEM, Actor
from feedsvc.content import rights
from feedsvc.content.rights import Facts
from feedsvc.errors import Invalid

STATES = ("draft", "review", "rejected", "scheduled", "published", "withdrawn")
EVERYTHING = {"see", "edit", "submit", "publish", "delete"}
HEALTH, WOOD = 1, 2
MINE, THEIRS = 7, 8


def facts(state: str = "draft", clusters: tuple[int, ...] = (), by: int | None = THEIRS) -> Facts:
    return Facts(state, frozenset(clusters), by)


def may(actor: Actor, about: Facts) -> set[str]:
    return {act for act in rights.ACTS if rights.may(actor, act, about)}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", [ADMINISTRATOR, EDITOR])
def test_editors_may_do_everything_with_every_entry(role: str, state: str) -> None:
    assert may(Actor(MINE, "Ana", role), facts(state)) == EVERYTHING


@pytest.mark.parametrize("state", STATES)
def test_an_editor_of_clusters_may_do_everything_with_entries_of_these_only(state: str) -> None:
    eve = Actor(MINE, "Eve", CLUSTER_EDITOR, frozenset({HEALTH}))
    assert may(eve, facts(state, (HEALTH,))) == EVERYTHING
    assert may(eve, facts(state, (WOOD,))) == set()
    assert may(eve, facts(state, (HEALTH, WOOD))) == set()
    assert may(eve, facts(state, (), by=MINE)) == set()


@pytest.mark.parametrize("state", STATES)
def test_an_editor_whose_clusters_are_gone_may_do_nothing(state: str) -> None:
    eve = Actor(MINE, "Eve", CLUSTER_EDITOR)
    assert may(eve, facts(state)) == may(eve, facts(state, (HEALTH,))) == set()


def test_an_author_changes_drafts_of_their_own_and_publishes_none() -> None:
    zoe = Actor(MINE, "Zoe", AUTHOR)
    assert may(zoe, facts("draft", by=MINE)) == {"see", "edit", "submit", "delete"}
    assert may(zoe, facts("review", by=MINE)) == {"see", "submit"}
    assert may(zoe, facts("rejected", by=MINE)) == {"see", "delete"}
    for state in ("scheduled", "published", "withdrawn"):
        assert may(zoe, facts(state, by=MINE)) == {"see"}
    for state in STATES:
        assert may(zoe, facts(state)) == may(zoe, facts(state, by=None)) == set()


def test_nobody_owns_what_a_process_wrote() -> None:
    assert may(Actor(None, "nobody", AUTHOR), facts(by=None)) == set()


def test_a_role_that_nobody_knows_has_no_right() -> None:
    guest = Actor(MINE, "Max", "guest")
    assert may(guest, facts(by=MINE)) == set()
    assert not any(
        rules.may(guest, right) for rights_ in rules.RIGHTS.values() for right in rights_
    )


def test_only_administrators_manage_accounts_and_have_addresses() -> None:
    for right in (rules.ACCOUNTS, rules.ADDRESSES):
        assert [role for role, held in rules.RIGHTS.items() if right in held] == [ADMINISTRATOR]


def test_a_change_must_not_make_the_entry_somebody_elses() -> None:
    eve = Actor(MINE, "Eve", CLUSTER_EDITOR, frozenset({HEALTH}))
    rights.check_written(eve, facts(clusters=(HEALTH,)))
    for clusters in ((), (WOOD,), (HEALTH, WOOD)):
        with pytest.raises(Invalid, match="clusters"):
            rights.check_written(eve, facts(clusters=clusters))


def test_processes_may_do_everything() -> None:
    assert may(SYSTEM, facts("published")) == EVERYTHING
