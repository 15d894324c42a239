"""Clusters, organisations and programmes in the admin."""

from __future__ import annotations

import datetime as dt

from feedsvc.content import clusters
from feedsvc.content.models import Cluster, Organisation, Programme
from feedsvc.db import Database
from tests.builders import ANA, make_call, make_cluster, make_organisation, make_programme
from tests.support.client import Browser
from tests.web.admin_forms import problems, send, value


def test_a_cluster_is_kept_with_its_former_names(db: Database, editor_client: Browser) -> None:
    page = send(
        editor_client, "/admin/clusters/new", texts__en__name="CleanTech", founded="2009",
        colour="#0b5d4e", action="add:former_names",
    )  # fmt: skip
    answer = send(
        editor_client, "/admin/clusters/new", page, former_names__0__name="EcoInnovation",
        former_names__0__since="2009", former_names__0__until="2016",
    )  # fmt: skip
    assert answer.status_code == 303, problems(answer)
    with db.read() as session:
        kept = session.get_one(Cluster, 1)
        assert (kept.slug, kept.founded) == ("cleantech", 2009)
        assert [name.name for name in kept.former_names] == ["EcoInnovation"]
    moved = editor_client.get("/clusters/ecoinnovation")
    assert moved.status_code == 301
    assert moved.headers["Location"].endswith("/clusters/cleantech")


def test_an_unchanged_cluster_stays_as_it_is(db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        made = make_cluster(
            session, former_names=(clusters.FormerNameEdit("EcoInnovation", 2009, None),)
        )
    assert send(editor_client, f"/admin/clusters/{made.id}").status_code == 303
    with db.read() as session:
        assert session.get_one(Cluster, made.id).version == made.version


def test_a_cluster_without_a_name_is_refused_as_typed(editor_client: Browser) -> None:
    answer = send(editor_client, "/admin/clusters/new", texts__fr__summary="Bois", founded="MMIX")
    assert answer.status_code == 422
    assert set(problems(answer)) == {"texts-fr-name", "founded"}
    assert value(answer, "founded") == "MMIX"


def test_former_years_in_the_wrong_order_are_refused_in_their_row(editor_client: Browser) -> None:
    page = send(editor_client, "/admin/clusters/new", action="add:former_names")
    page = send(editor_client, "/admin/clusters/new", page, action="add:former_names")
    answer = send(
        editor_client, "/admin/clusters/new", page, texts__en__name="Wood",
        former_names__1__name="Forest", former_names__1__since="2016", former_names__1__until="2010",
    )  # fmt: skip
    assert list(problems(answer)) == ["former_names-1-until"]


def test_two_editors_of_a_cluster_do_not_overwrite_each_other(
    db: Database, editor_client: Browser, now: dt.datetime
) -> None:
    with db.begin() as session:
        made = make_cluster(session, "Wood")
    page = editor_client.get("/admin/clusters/1")
    with db.begin() as session:
        edit = clusters.ClusterEdit(texts={"en": clusters.NameEdit("Timber")})
        clusters.edit_cluster(session, made.id, edit, actor=ANA, now=now)
    answer = send(editor_client, "/admin/clusters/1", page, texts__en__name="Trees")
    assert answer.status_code == 409
    assert "<ins>Timber</ins>" in answer.text
    assert value(answer, "texts-en-name") == "Trees"
    assert send(editor_client, "/admin/clusters/1", answer).status_code == 303


def test_a_deleted_cluster_answers_gone(db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
    assert editor_client.submit("/admin/clusters/1/delete", {}).status_code == 303
    assert editor_client.get("/clusters/wood").status_code == 410


def test_an_organisation_is_kept_and_changed(db: Database, editor_client: Browser) -> None:
    answer = send(
        editor_client, "/admin/organisations/new", names__en__name="Example Fund",
        names__fr__name="Fonds Exemple", country="lu", url="https://fund.example",
    )  # fmt: skip
    assert answer.status_code == 303, problems(answer)
    send(editor_client, "/admin/organisations/1", names__fr__name="Le Fonds")
    with db.read() as session:
        kept = session.get_one(Organisation, 1)
        assert {text.language: text.name for text in kept.texts} == {
            "en": "Example Fund",
            "fr": "Le Fonds",
        }
        assert kept.country == "LU"


def test_an_organisation_without_a_name_is_refused(editor_client: Browser) -> None:
    answer = send(editor_client, "/admin/organisations/new", url="ftp://x")
    assert {"names", "url"} <= set(problems(answer))


def test_a_funder_that_calls_name_cannot_be_deleted(db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        funder = make_organisation(session)
        make_call(session, funders=(funder.slug,))
    answer = editor_client.submit("/admin/organisations/1/delete", {})
    assert answer.status_code == 422
    assert "Calls name this organisation" in answer.text


def test_a_programme_is_kept_with_its_owner(db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        make_organisation(session, "Example Fund")
    answer = send(editor_client, "/admin/programmes/new", name="Fit 4 Wood", owner="example-fund")
    assert answer.status_code == 303, problems(answer)
    with db.read() as session:
        kept = session.get_one(Programme, 1)
        assert kept.owner is not None
        assert (kept.slug, kept.owner.slug) == ("fit-4-wood", "example-fund")
    assert "Example Fund" in editor_client.get("/admin/programmes/").text


def test_an_address_that_is_taken_is_refused(db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        make_programme(session, "Fit 4 Wood")
    answer = send(editor_client, "/admin/programmes/new", name="Fit 4 Wood")
    assert list(problems(answer)) == ["slug"]
