"""The next edition of a call, begun with one button."""

from __future__ import annotations

from feedsvc.calls.models import Call
from feedsvc.content.edits import TextEdit
from feedsvc.db import Database
from tests.builders import make_call
from tests.support.client import Browser
from tests.web.admin_forms import send


def test_next_edition_is_a_draft_of_the_same_series_whose_texts_are_behind(
    db: Database, editor_client: Browser
) -> None:
    texts = {code: TextEdit(title=f"Heat {code}") for code in ("en", "fr")}
    with db.begin() as session:
        make_call(session, texts=texts, edition="2026")
    address = "/admin/calls/1/duplicate"
    assert "expected Thursday 29 April 2027, 17:00" in editor_client.get(address).text
    answer = send(editor_client, address)
    assert (answer.status_code, answer.location) == (303, "/admin/calls/2")
    with db.read() as session:
        old, new = session.get_one(Call, 1), session.get_one(Call, 2)
        assert (new.publish_at, new.edition) == (None, "2027")
        assert (old.series, new.series) == ("Heat en", "Heat en")
        assert all(text.stale_since for text in new.translations)
    page = editor_client.get("/admin/calls/2")
    assert "The text in Français may be behind" in page.text
    answer = send(editor_client, "/admin/calls/2", page, texts__fr__stands="y")
    assert answer.status_code == 303
    assert "Français may be behind" not in editor_client.get("/admin/calls/2").text
