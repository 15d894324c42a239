"""Organisations, programmes and photos."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import pytest
from PIL import Image

from feedsvc.content import organisations, photos
from feedsvc.content.models import Entry, Organisation, Programme
from feedsvc.content.organisations import OrganisationEdit
from feedsvc.db import Database
from feedsvc.errors import Conflict, Invalid
from tests.builders import ANA, make_call, make_organisation, make_programme


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20)) -> bytes:
    held = io.BytesIO()
    Image.new("RGB", size, "#0b5d4e").save(held, kind)
    return held.getvalue()


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


def store(db: Database, data: bytes, folder: Path, now: dt.datetime, limit: int = 8_000_000) -> str:
    with db.begin() as session:
        return photos.store_photo(session, data, folder, limit=limit, now=now).name


def test_a_photo_is_kept_as_pixels_only(db: Database, now: dt.datetime, tmp_path: Path) -> None:
    name = store(db, picture("JPEG", (3200, 1600)), tmp_path, now)
    with Image.open(tmp_path / name) as kept:
        assert (kept.format, kept.size, kept.getexif()) == ("WEBP", (1600, 800), {})


def test_the_same_photo_is_kept_once(db: Database, now: dt.datetime, tmp_path: Path) -> None:
    assert store(db, picture(), tmp_path, now) == store(db, picture(), tmp_path, now)
    assert len(list(tmp_path.glob("*.webp"))) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + bytes(50),
        picture()[:60],
        b"%PDF-1.7",
    ],
)
def test_what_is_no_photo_is_refused_in_words(
    db: Database, now: dt.datetime, tmp_path: Path, data: bytes
) -> None:
    with pytest.raises(Invalid, match="This file is no photo"):
        store(db, data, tmp_path, now)


def test_a_photo_that_is_too_large_is_refused(
    db: Database, now: dt.datetime, tmp_path: Path
) -> None:
    with pytest.raises(Invalid, match="larger than"):
        store(db, picture(), tmp_path, now, limit=10)
    with pytest.raises(Invalid, match="too many pixels"):
        store(db, picture(size=(10_000, 6_000)), tmp_path, now)
