"""The library on both databases: kept once, seen by whom, used where, tidied up."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from feedsvc.auth.rules import AUTHOR, CLUSTER_EDITOR, EDITOR, SYSTEM, Actor
from feedsvc.calls import changes as call_changes
from feedsvc.content import publication
from feedsvc.content.edits import TextEdit
from feedsvc.content.media import copies, documents, files, photos, queries, sight
from feedsvc.content.media.models import Document, Photo
from feedsvc.content.media.rules import DocumentEdit, PhotoEdit
from feedsvc.content.models import Entry
from feedsvc.db import Database
from feedsvc.errors import Conflict, Forbidden, Invalid, NotFound
from feedsvc.feeds import entries as feed_entries
from feedsvc.feeds.entries import View
from feedsvc.imports import keep
from feedsvc.urls import Site
from tests.builders import ANA, call_edit, make_call, make_cluster, make_news
from tests.support.uploads import image, pdf

AUTHOR_A, AUTHOR_B = (Actor(number, f"Author {number}", AUTHOR) for number in (7, 8))
OF_HEALTH = Actor(9, "Health", CLUSTER_EDITOR, frozenset((1,)))
EDITING = Actor(10, "Editor", EDITOR)
LIMIT = 8_000_000
SITE = Site("https://agency.example", ("en", "fr", "de"))


def photo(db: Database, folder: Path, now: dt.datetime, actor: Actor, colour: str = "red") -> Photo:
    brought = photos.read(image(colour=colour), f"../{colour}.png", limit=LIMIT)
    with db.begin() as session:
        return photos.keep(session, brought, folder, actor=actor, now=now)


def paper(
    db: Database, folder: Path, now: dt.datetime, actor: Actor, body: bytes = b""
) -> Document:
    brought = documents.read(pdf(body), "Guide.pdf", limit=LIMIT)
    with db.begin() as session:
        return documents.keep(session, brought, folder, actor=actor, now=now)


def test_the_same_file_is_kept_once_and_of_another_ones_nothing_is_told(
    db: Database, now: dt.datetime, tmp_path: Path
) -> None:
    mine, again = (photo(db, tmp_path, now, AUTHOR_A) for _ in range(2))
    assert mine.id == again.id
    assert (mine.label, mine.created_by) == ("red.png", 7)
    theirs = photo(db, tmp_path, now, AUTHOR_B)
    assert theirs.id != mine.id
    assert theirs.name != mine.name
    assert photo(db, tmp_path, now, EDITING).id == mine.id
    first, second = (paper(db, tmp_path, now, actor) for actor in (AUTHOR_A, AUTHOR_B))
    assert first.id != second.id
    assert first.checksum == second.checksum == files.checksum(pdf())
    assert paper(db, tmp_path, now, AUTHOR_A).id == first.id
    assert {path.name for path in tmp_path.iterdir()} == {
        mine.name, theirs.name, first.name, second.name,
    }  # fmt: skip


def test_who_sees_and_changes_what(db: Database, now: dt.datetime, tmp_path: Path) -> None:
    """Of their own, of what they may see, of what is public; and changes their own only."""
    colours = ("red", "green", "blue", "black")
    own, health, published, hidden = (
        photo(db, tmp_path, now, AUTHOR_A if colour == "red" else EDITING, colour)
        for colour in colours
    )
    with db.begin() as session:
        make_cluster(session, slug="health")
        text = {"en": TextEdit(title="Heat", photo_alt="Heat")}
        of = {"texts": text, "photo_credit": "Staff"}
        make_news(session, publish_at=None, clusters=("health",), photo_id=health.id, **of)
        make_news(session, photo_id=published.id, **of)
        make_news(session, publish_at=now + dt.timedelta(days=1), photo_id=hidden.id, **of)
    numbers = [own.id, health.id, published.id, hidden.id]
    seen = {
        AUTHOR_A: [own.id, published.id],
        AUTHOR_B: [published.id],
        OF_HEALTH: [health.id, published.id],
        EDITING: numbers,
        Actor(None, "nobody", "stranger"): [published.id],
    }
    with db.read() as session:
        for actor, expected in seen.items():
            found = [n for n in numbers if sight.sees_photo(session, n, actor, now)]
            listed = queries.photos(session, "", unused=False, page=1, actor=actor, now=now)
            assert (found, sorted(row.id for row in listed.items)) == (expected, expected), actor
        assert [n for n in numbers if sight.is_public_photo(session, n, now)] == [published.id]
        unused = queries.photos(session, "", unused=True, page=9, actor=EDITING, now=now)
        assert [row.id for row in unused.items] == [own.id]
        with pytest.raises(NotFound):
            queries.photo(session, hidden.id, AUTHOR_A, now)
        with pytest.raises(Forbidden):
            queries.photo(session, published.id, AUTHOR_A, now, to_change=True)
        assert queries.photo(session, own.id, AUTHOR_A, now, to_change=True).id == own.id
        uses = queries.uses_of_photo(session, hidden.id)
        assert sight.visible(session, uses, AUTHOR_A, now) == set()


def describe(db: Database, photo_id: int, now: dt.datetime) -> None:
    """What an entry that is published needs to be known of its photo."""
    said = PhotoEdit(alts={"en": "Pipes"}, credit="The agency")
    with db.begin() as session:
        photos.edit_photo(session, photo_id, said, actor=ANA, now=now)


def test_what_is_said_of_a_photo_counts_as_a_change_of_its_entries(
    db: Database, now: dt.datetime, tmp_path: Path
) -> None:
    kept = photo(db, tmp_path, now, ANA)
    describe(db, kept.id, now)
    with db.begin() as session:
        item = make_news(session, photo_id=kept.id)
        revision = item.revision
    edit = PhotoEdit(alts={"en": "A pipe", "fr": " "}, credit="Staff", focus_x=20, version=2)
    with db.begin() as session:
        photos.edit_photo(session, kept.id, edit, actor=ANA, now=now)
    with db.read() as session:
        entry = session.get_one(Entry, item.id)
        assert entry.revision == revision + 1
        said = feed_entries.entry_of(entry, View(SITE, "en", now))
        assert 'alt="A pipe"><figcaption>Staff<' in said.content
        assert [text.language for text in entry.photo.texts] == ["en"]
        assert not entry.photo.ready
    with pytest.raises(Conflict), db.begin() as session:
        photos.edit_photo(session, kept.id, edit, actor=ANA, now=now)
    nothing = PhotoEdit(credit="Staff", focus_y=101)
    with pytest.raises(Invalid, match="Describe what the picture shows"), db.begin() as session:
        photos.edit_photo(session, kept.id, nothing, actor=ANA, now=now)
    with pytest.raises(Invalid, match="It is in use"), db.begin() as session:
        photos.delete_photo(session, kept.id, actor=ANA, now=now)


def test_a_document_is_handed_out_in_order_and_named_in_feeds_and_events(
    db: Database, now: dt.datetime, tmp_path: Path
) -> None:
    first, second = (paper(db, tmp_path, now, ANA, body) for body in (b"%1\n", b"%2\n"))
    with db.begin() as session:
        edit = DocumentEdit(titles={"en": "The guide", "fr": "Le guide"}, language="fr")
        documents.edit_document(session, first.id, edit, actor=ANA, now=now)
        call = make_call(session)
    with db.begin() as session:
        edited = call_edit(files=(second.id, first.id))
        call_changes.edit_call(session, call.id, edited, actor=ANA, now=now)
        call_changes.edit_call(session, call.id, call_edit(), actor=ANA, now=now)
    with db.read() as session:
        kept = session.get_one(Entry, call.id)
        assert [row.document_id for row in kept.attachments] == [second.id, first.id]
        event = kept.events[-1]
        assert event.type == "document_added"
        assert [one["title"] for one in event.new] == ["Guide", "Le guide"]
        said = feed_entries.entry_of(kept, View(SITE, "en", now))
        assert [(file.title, file.media_type) for file in said.files] == [
            ("Guide", "application/pdf"), ("The guide", "application/pdf"),
        ]  # fmt: skip
        assert said.files[1].url == f"https://agency.example/documents/{first.name}"
        assert sight.is_public_document(session, first.id, now)
    with pytest.raises(Invalid, match="It is in use"), db.begin() as session:
        documents.delete_document(session, first.id, actor=ANA, now=now)
    with pytest.raises(Invalid, match="not here any more"), db.begin() as session:
        call_changes.edit_call(session, call.id, call_edit(files=(99,)), actor=ANA, now=now)
    with db.begin() as session:
        call_changes.withdraw_call(session, call.id, actor=ANA, now=now)
        call_changes.edit_call(session, call.id, call_edit(files=()), actor=ANA, now=now)
        documents.delete_document(session, second.id, actor=ANA, now=now)
        assert not sight.is_public_document(session, first.id, now)


def write_all(folder: Path, now: dt.datetime) -> None:
    """Let every file count as written then."""
    for path in folder.iterdir():
        os.utime(path, (now.timestamp(), now.timestamp()))


def test_tidying_makes_copies_and_lets_go_what_nobody_names(
    db: Database, now: dt.datetime, tmp_path: Path
) -> None:
    used, described, _forgotten = (
        photo(db, tmp_path, now, ANA, colour) for colour in ("red", "green", "blue")
    )
    left, titled = (paper(db, tmp_path, now, ANA, body) for body in (b"%1\n", b"%2\n"))
    stray, logo = (tmp_path / f"{digit * 32}.webp" for digit in "01")
    for path in (stray, logo):
        path.write_bytes(b"x")
    with db.begin() as session:
        make_news(session, photo_id=used.id, publish_at=None)
        said = PhotoEdit(decorative=True, credit="Staff")
        photos.edit_photo(session, described.id, said, actor=ANA, now=now)
        named = DocumentEdit(titles={"en": "Guide"})
        documents.edit_document(session, titled.id, named, actor=ANA, now=now)
    write_all(tmp_path, now)
    told = copies.housekeep(db, tmp_path, now + dt.timedelta(days=1), stopping=lambda: False)
    assert told == "copies of 3 photos made, 0 files deleted"
    with db.read() as session:
        assert session.get_one(Photo, used.id).ready
        assert queries.photo_of_file(session, f"{used.name[:32]}-480.avif") is not None
    write_all(tmp_path, now)
    (tmp_path / f"{used.name[:32]}.avif").unlink()
    late, but = now + dt.timedelta(days=31), (logo.name,)
    copies.housekeep(db, tmp_path, late, stopping=lambda: False, but=but)
    with db.read() as session:
        assert [row.id for row in session.query(Photo).order_by(Photo.id)] == [
            used.id, described.id,
        ]  # fmt: skip
        assert session.get(Document, left.id) is None
        there = {path.name for path in tmp_path.iterdir()}
        assert there <= copies.names(session) | {logo.name}  # not the forgotten one
        assert logo.name in there
        again = f"{used.name[:32]}.avif"
        assert {used.name, again, described.name, titled.name} <= there
        assert len(copies.missing(session, tmp_path / "elsewhere")) == 3


def test_an_update_from_a_source_leaves_photo_and_documents_alone(
    db: Database, now: dt.datetime, tmp_path: Path
) -> None:
    kept, document = photo(db, tmp_path, now, ANA), paper(db, tmp_path, now, ANA)
    describe(db, kept.id, now)
    with db.begin() as session:
        call = make_call(session, photo_id=kept.id, files=(document.id,))
        merged = keep.merged(call, call_edit("Another title"))
        changed = call_changes.edit_call(session, call.id, merged, actor=SYSTEM, now=now)
        assert changed.translations[0].title == "Another title"
        assert changed.photo_id == kept.id
        assert [row.document_id for row in changed.attachments] == [document.id]


def test_a_deleted_entry_lets_its_documents_go_and_a_file_that_is_lost_stops_nobody(
    db: Database, now: dt.datetime, tmp_path: Path
) -> None:
    document = paper(db, tmp_path, now, ANA)
    lost = photo(db, tmp_path, now, ANA)
    (tmp_path / lost.name).unlink()
    with db.begin() as session:
        item = make_news(session, publish_at=None, files=(document.id,))
        publication.delete(session, item.id, actor=SYSTEM, now=now)
        assert list(queries.uses_of_document(session, document.id)) == []
    told = copies.housekeep(db, tmp_path, now, stopping=lambda: False)
    assert told.startswith("copies of 0 photos")
    with db.read() as session:
        assert copies.missing(session, tmp_path) == [lost.name]
