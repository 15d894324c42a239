"""Write, preview, publish and take away news: what an editor does all day."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from PIL import Image

from feedsvc.content import history
from feedsvc.content.edits import TextEdit
from feedsvc.db import Database
from feedsvc.news import changes as news_changes
from feedsvc.news.models import NewsItem
from tests.builders import ANA, make_cluster, make_news, news_edit
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.web.admin_forms import has_id, problems, send, shown, title, value

NEW = "/admin/news/new"


def news(db: Database) -> NewsItem:
    with db.read() as session:
        found = session.get_one(NewsItem, 1)
        assert found.translations
        return found


def test_a_draft_is_kept_and_not_public(db: Database, editor_client: Browser) -> None:
    answer = send(editor_client, NEW, texts__en__title="Heat twice", texts__en__body="*Use* it.")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/admin/news/1"
    page = editor_client.get("/admin/news/1")
    assert "Saved." in page.text
    assert "Draft, saved 02/03/2026, 10:00" in page.text
    assert editor_client.get("/news/heat-twice").status_code == 404


def test_texts_are_kept_language_by_language(db: Database, editor_client: Browser) -> None:
    send(editor_client, NEW, texts__en__title="Heat", texts__de__title="Wärme")
    with db.read() as session:
        titles = {t.language: t.title for t in session.get_one(NewsItem, 1).translations}
    assert titles == {"en": "Heat", "de": "Wärme"}


def test_an_empty_form_says_what_to_do_at_the_field_and_on_top(editor_client: Browser) -> None:
    answer = send(editor_client, NEW)
    assert answer.status_code == 422
    assert title(answer).startswith("Error: ")
    assert problems(answer) == {"texts": "Write the title and text in one language at least."}
    assert has_id(answer, "texts")


def test_what_was_typed_is_kept_when_something_is_wrong(
    db: Database, editor_client: Browser
) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
    answer = send(
        editor_client, NEW, texts__fr__body="Le bois **revient**.", clusters=["wood"],
        photo_credit="Staff",
    )  # fmt: skip
    assert problems(answer) == {"texts-fr-title": "Enter a title."}
    assert value(answer, "texts-fr-body") == "Le bois **revient**."
    assert value(answer, "clusters") == "wood"
    assert value(answer, "photo_credit") == "Staff"


def test_rows_come_and_go_without_a_script(editor_client: Browser) -> None:
    one = send(editor_client, NEW, texts__en__title="Heat", action="add:texts-en-quotes")
    two = send(
        editor_client, NEW, one, texts__en__quotes__0__text="First", action="add:texts-en-quotes"
    )
    assert value(two, "texts-en-quotes-0-text") == "First"
    three = send(
        editor_client,
        NEW,
        two,
        texts__en__quotes__1__text="Second",
        action="remove:texts-en-quotes-0",
    )
    assert value(three, "texts-en-quotes-0-text") == "Second"
    assert "texts-en-quotes-1-text" not in shown(three)
    assert value(three, "texts-en-title") == "Heat"


@pytest.mark.parametrize(
    "action", ["remove:texts-en-quotes-9", "add:nothing", "remove:x", "add:texts-xx-y"]
)
def test_a_button_that_is_none_does_nothing(editor_client: Browser, action: str) -> None:
    answer = send(editor_client, NEW, texts__en__title="Heat", action=action)
    assert answer.status_code == 200
    assert value(answer, "texts-en-title") == "Heat"


def test_quotes_are_kept(db: Database, editor_client: Browser) -> None:
    page = send(editor_client, NEW, texts__en__title="Heat", action="add:texts-en-quotes")
    send(
        editor_client,
        NEW,
        page,
        texts__en__quotes__0__text="Well said",
        texts__en__quotes__0__source="A role",
    )
    assert news(db).translations[0].quotes == [{"source": "A role", "text": "Well said"}]


def test_an_unchanged_form_changes_nothing(db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        cluster = make_cluster(session, "Wood")
        other = make_news(session, "Other")
        make_news(
            session, clusters=(cluster.slug,), related=(other.uid,),
            texts={"en": TextEdit(title="Heat", summary="S", body="One\n\ntwo"), "fr": TextEdit(title="Chaleur")},
        )  # fmt: skip
    before = len(_history(db, 2))
    assert send(editor_client, "/admin/news/2").status_code == 303
    assert len(_history(db, 2)) == before


def test_a_photo_is_kept_although_the_rest_is_refused(db: Database, editor_client: Browser) -> None:
    long = "Heat " * 80
    answer = send(editor_client, NEW, texts__en__title=long, photo=(photo(), "heat.png"))
    assert set(problems(answer)) == {"texts-en-title"}
    assert value(answer, "photo_id") == "1"
    answer = send(editor_client, NEW, answer, texts__en__title="Heat")
    assert answer.status_code == 303
    for place in ("texts-en-photo_alt", "photo_credit"):
        assert f'<a href="#{place}">' in editor_client.get("/admin/news/1").text
    assert editor_client.submit("/admin/news/1/publish", {"when": "now"}).status_code == 422
    answer = send(
        editor_client, "/admin/news/1", texts__en__photo_alt="A pipe", photo_credit="Staff"
    )
    assert editor_client.submit("/admin/news/1/publish", {"when": "now"}).status_code == 303
    assert news(db).photo_id == 1


def test_a_file_that_is_no_photo_is_refused_at_its_field(editor_client: Browser) -> None:
    answer = send(
        editor_client, NEW, texts__en__title="Heat", photo=(io.BytesIO(b"<svg/>"), "x.svg")
    )
    assert answer.status_code == 422
    assert "no photo" in problems(answer)["photo"]
    assert value(answer, "texts-en-title") == "Heat"


def test_a_photo_can_be_taken_away(db: Database, editor_client: Browser) -> None:
    send(editor_client, NEW, texts__en__title="Heat", texts__en__photo_alt="A pipe",
         photo_credit="Staff", photo=(photo(), "heat.png"))  # fmt: skip
    assert send(editor_client, "/admin/news/1", photo_gone="y").status_code == 303
    assert news(db).photo_id is None


def test_related_entries_are_found_by_words_and_chosen(
    db: Database, editor_client: Browser
) -> None:
    with db.begin() as session:
        make_news(session, "Timber hybrids")
        make_news(session, "Something else")
    found = send(editor_client, NEW, texts__en__title="Heat", related_find="TIMBER", action="find")
    assert "Timber hybrids" in found.text
    assert "Something else" not in found.text
    with db.read() as session:
        uid = session.get_one(NewsItem, 1).uid
    send(editor_client, NEW, found, related=[uid])
    with db.read() as session:
        assert [other.uid for other in session.get_one(NewsItem, 3).related] == [uid]


def test_two_editors_do_not_overwrite_each_other(
    db: Database, editor_client: Browser, now: dt.datetime
) -> None:
    with db.begin() as session:
        make_news(session, "Heat", publish_at=None)
    page = editor_client.get("/admin/news/1")
    with db.begin() as session:
        news_changes.edit_news(session, 1, news_edit("Heat, by Ben"), actor=ANA, now=now)
    answer = send(editor_client, "/admin/news/1", page, texts__en__title="Heat, by Ana")
    assert answer.status_code == 409
    assert "Ana changed this entry while you were editing it." in answer.text
    assert "Heat, by Ben" in answer.text
    assert value(answer, "texts-en-title") == "Heat, by Ana"
    again = send(editor_client, "/admin/news/1", answer)
    assert again.status_code == 303
    assert news(db).translations[0].title == "Heat, by Ana"


def test_a_preview_shows_what_is_typed_and_saves_nothing(
    db: Database, editor_client: Browser
) -> None:
    answer = send(editor_client, NEW, texts__en__title="Heat *twice*", texts__en__body="So **good**.",
                  action="preview:en")  # fmt: skip
    assert answer.status_code == 200
    assert "Heat *twice*" in answer.text
    assert "So <strong>good</strong>." in answer.text
    assert "In a feed reader" in answer.text
    with db.read() as session:
        assert session.get(NewsItem, 1) is None


def test_a_preview_speaks_the_language_asked_for(db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        make_news(session, "Heat", publish_at=None)
    answer = send(editor_client, "/admin/news/1", action="preview:fr")
    assert '<html lang="fr">' in answer.text
    assert 'lang="en"' in answer.text  # the text that stands in
    assert editor_client.get("/admin/news/1/preview?language=de").status_code == 200
    with db.read() as session:
        assert session.get_one(NewsItem, 1).publish_at is None


def test_publishing_now_shows_it_at_once(db: Database, editor_client: Browser) -> None:
    answer = send(editor_client, NEW, texts__en__title="Heat", action="publish")
    assert answer.headers["Location"] == "/admin/news/1/publish"
    page = editor_client.get("/admin/news/1/publish")
    assert "It is not written in Français and Deutsch yet." in page.text
    assert editor_client.submit("/admin/news/1/publish", {"when": "now"}).status_code == 303
    assert editor_client.get("/news/heat").status_code == 200


def test_publishing_later_waits_for_its_hour(
    db: Database, editor_client: Browser, clock: FixedClock
) -> None:
    with db.begin() as session:
        make_news(session, "Heat", publish_at=None)
    answer = editor_client.submit(
        "/admin/news/1/publish",
        {"when": "later", "date": "3 March 2026", "time": "8h00", "zone": "europe/luxembourg"},
    )
    assert answer.status_code == 303
    assert "It will be public on 3 March 2026, 08:00." in editor_client.get("/admin/news/1").text
    assert editor_client.get("/news/heat").status_code == 404
    clock.at = dt.datetime(2026, 3, 3, 7, 0, tzinfo=dt.UTC)
    assert editor_client.get("/news/heat").status_code == 200


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({}, "date", "Enter the date."),
        ({"date": "2026-03-01", "time": "08:00"}, "date", "This time has passed"),
        ({"date": "tomorrow", "time": "08:00"}, "date", "Enter a date like"),
        ({"date": "2026-03-29", "time": "02:30"}, "time", "Clocks skip this time"),
        ({"date": "2026-03-29", "time": "03:30", "zone": "Moon/Sea"}, "zone", "Choose a time zone"),
    ],
)  # fmt: skip
def test_a_time_to_publish_that_cannot_be_is_refused(
    db: Database, editor_client: Browser, typed: dict[str, str], field: str, words: str
) -> None:
    with db.begin() as session:
        make_news(session, "Heat", publish_at=None)
    typed = {"zone": "Europe/Luxembourg", **typed}
    answer = editor_client.submit("/admin/news/1/publish", {"when": "later", **typed})
    assert answer.status_code == 422
    assert words in problems(answer)[field]
    assert value(answer, field) == typed.get(field, "")


def test_what_is_taken_off_the_site_answers_gone(db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        make_news(session, "Heat")
    assert editor_client.get("/admin/news/1/unpublish").status_code == 200
    assert editor_client.get("/news/heat").status_code == 200  # looking changes nothing
    assert editor_client.submit("/admin/news/1/unpublish", {}).status_code == 303
    assert editor_client.get("/news/heat").status_code == 410


def test_deleting_asks_once_more(db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        make_news(session, "Heat")
    assert "gone for good" in editor_client.get("/admin/news/1/delete").text
    assert editor_client.get("/admin/news/1").status_code == 200
    assert editor_client.submit("/admin/news/1/delete", {}).headers["Location"] == "/admin/news/"
    assert editor_client.get("/admin/news/1").status_code == 404
    assert editor_client.get("/news/heat").status_code == 410


def test_history_names_the_fields_as_the_form_does(db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        make_news(session, "Heat")
    send(editor_client, "/admin/news/1", texts__en__title="More heat")
    page = editor_client.get("/admin/news/1/history").text
    assert "Title (English)" in page
    assert "<del>Heat</del>" in page
    assert "<ins>More heat</ins>" in page
    assert "Ana Editor" in page


def test_the_overview_shows_what_waits(
    db: Database, editor_client: Browser, now: dt.datetime
) -> None:
    with db.begin() as session:
        make_news(session, "A draft", publish_at=None)
        make_news(session, "To come", publish_at=now + dt.timedelta(days=1))
    page = editor_client.get("/admin/").text
    assert "A draft" in page
    assert "3 March 2026, 10:00" in page


def photo() -> io.BytesIO:
    data = io.BytesIO()
    Image.new("RGB", (64, 36), "#0b5d4e").save(data, "PNG")
    data.seek(0)
    return data


def _history(db: Database, entry_id: int) -> list[object]:
    with db.read() as session:
        return list(history.of(session, "news", entry_id))
