"""Organisations and programmes."""

from __future__ import annotations

import datetime as dt

import pytest

from feedsvc.content import organisations
from feedsvc.content.models import Entry, Organisation, Programme
from feedsvc.content.organisations import OrganisationEdit
from feedsvc.db import Database
from feedsvc.errors import Conflict, Invalid
from tests.builders import ANA, make_call, make_organisation, make_programme


def test_a_new_name_counts_as_a_change_of_the_calls(db: Database, now: dt.datetime) -> None:
    with db.begin() as session:
        fund = make_organisation(session)
        call = make_call(session, funders=("example-fund",))
        revision = call.revision
    with db.begin() as session:
        edit = OrganisationEdit(names={"en": "Example Foundation"}, version=fund.version)
        organisations.edit_organisation(session, fund.id, edit, actor=ANA, now=now)
    with db.read() as session:
        assert session.get_one(Organisation, fund.id).slug == "example-fund"
        assert session.get_one(Entry, call.id).revision > revision
    with pytest.raises(Conflict), db.begin() as session:
        organisations.edit_organisation(session, fund.id, edit, actor=ANA, now=now)


def test_a_funder_with_calls_is_not_deleted(db: Database, now: dt.datetime) -> None:
    with db.begin() as session:
        fund = make_organisation(session)
        make_call(session, funders=("example-fund",))
    with pytest.raises(Invalid, match="Calls name this organisation"), db.begin() as session:
        organisations.delete_organisation(session, fund.id, actor=ANA, now=now)
    with db.read() as session:
        assert session.get(Organisation, fund.id) is not None


def test_a_deleted_programme_leaves_its_calls(db: Database, now: dt.datetime) -> None:
    with db.begin() as session:
        programme = make_programme(session)
        call = make_call(session, programme="example-programme")
    with db.begin() as session:
        organisations.delete_programme(session, programme.id, actor=ANA, now=now)
    with db.read() as session:
        assert session.get(Programme, programme.id) is None
        assert session.get(Entry, call.id) is not None


@pytest.mark.parametrize(
    ("field", "edit"),
    [
        ("names", OrganisationEdit(names={"en": " "})),
        ("url", OrganisationEdit(names={"en": "A"}, url="ftp://x")),
        ("country", OrganisationEdit(names={"en": "A"}, country="LUX")),
        ("slug", OrganisationEdit(names={"en": "日本"})),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    db: Database, now: dt.datetime, field: str, edit: OrganisationEdit
) -> None:
    with pytest.raises(Invalid) as raised, db.begin() as session:
        organisations.create_organisation(session, edit, actor=ANA, now=now)
    assert field in [problem.field for problem in raised.value.problems]
