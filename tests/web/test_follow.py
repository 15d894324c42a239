"""Following by mail as a reader does it: form, mail, button, manage page, one click to end it."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from feedsvc.calls.models import Call
from feedsvc.db import Database
from feedsvc.mail import message
from feedsvc.mail import queries as mails
from feedsvc.settings import Settings
from feedsvc.subscriptions import links, queries
from feedsvc.subscriptions.models import Subscriber
from tests.builders import make_call, make_cluster
from tests.support.client import Browser
from tests.support.clock import FixedClock

READER = "reader@example.org"
ASKED = {"email": READER, "offsets": ["14", "7", "1"], "language": "en"}
ELSEWHERE = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}


@pytest.fixture
def call(db: Database) -> Call:
    with db.begin() as session:
        make_cluster(session, "CleanTech")
        return make_call(session, "Reuse of process heat", clusters=("cleantech",))


def path_in_mail(db: Database, word: str, number: int = 0) -> str:
    """The path of the link of that kind in the newest mail."""
    with db.read() as session:
        mail = mails.get(session, mails.recent(session)[number].id)
        assert mail is not None
        text = message.read(mail.content).text
    found = re.search(rf"https://agency\.example((?:/fr|/de)?/{word}/\S+)", text)
    assert found is not None, f"no link to {word} in the mail"
    return found[1]


def reader(db: Database) -> Subscriber | None:
    with db.read() as session:
        return queries.by_address(session, READER)


def sent(db: Database) -> int:
    with db.read() as session:
        return len(mails.recent(session))


def subscribed(client: Browser, db: Database, **more: object) -> Subscriber:
    """A reader who asked and confirmed."""
    client.post("/subscribe", data={**ASKED, **more})
    client.submit(path_in_mail(db, "confirm"), {})
    row = reader(db)
    assert row is not None
    assert row.confirmed_at is not None
    return row


def test_the_form_says_in_words_what_will_be_followed(client: Browser, call: Call) -> None:
    page = client.get("/subscribe?cluster=cleantech&award_max_from=100000").text
    assert "Calls for projects: CleanTech, funding cap from 100,000" in page
    assert "All news and calls for projects" in client.get("/subscribe").text
    assert "Reuse of process heat" in client.get(f"/subscribe?call={call.uid}").text
    assert "Reuse of process heat" in client.get("/subscribe?call=reuse-of-process-heat").text


def test_a_filter_that_means_nothing_is_refused_by_name(client: Browser) -> None:
    answer = client.get("/subscribe?colour=red")
    assert answer.status_code == 400
    assert "colour" in answer.text
    assert client.get("/subscribe?call=unknown").status_code == 404


def test_asking_sends_one_mail_and_shows_what_comes_next(
    client: Browser, db: Database, call: Call
) -> None:
    answer = client.post("/subscribe", data={**ASKED, "call": call.uid})
    assert answer.status_code == 303
    assert READER not in answer.headers["Location"]
    assert "one such mail a day" in client.get(answer.headers["Location"]).text
    assert sent(db) == 1


def test_the_answer_is_the_same_for_a_known_and_an_unknown_address(
    client: Browser, db: Database, call: Call
) -> None:
    subscribed(client, db)
    known = client.post("/subscribe", data=ASKED)
    unknown = client.post("/subscribe", data={**ASKED, "email": "other@example.org"})
    assert (known.status_code, known.headers["Location"], known.data) == (
        unknown.status_code,
        unknown.headers["Location"],
        unknown.data,
    )


def test_a_victim_gets_one_mail_a_day_however_often_it_is_asked(
    client: Browser, db: Database, clock: FixedClock
) -> None:
    for _ in range(5):
        client.post("/subscribe", data=ASKED)
    assert sent(db) == 1
    clock.advance(hours=24)
    client.post("/subscribe", data=ASKED)
    assert sent(db) == 2


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"email": "nobody"}, "Enter an e-mail address"),
        ({"email": ""}, "Enter an e-mail address"),
        ({"offsets": []}, "Choose at least one reminder."),
        ({"offsets": ["999"]}, "Choose from the days that are offered."),
        ({"offsets": ["soon"]}, "Choose from the days that are offered."),
        ({"kind": "news"}, "News has no deadlines."),
    ],
)
def test_what_was_typed_wrong_is_kept_and_named(
    client: Browser, db: Database, typed: dict[str, object], sentence: str
) -> None:
    answer = client.post("/subscribe", data={**ASKED, "language": "de", **typed})
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert answer.text.count(sentence) == 2, "on top, with a link, and at the field"
    assert 'value="de" lang="de" selected' in answer.text
    if "email" in typed:
        assert f'value="{typed["email"]}"' in answer.text
    assert sent(db) == 0


def test_the_form_is_not_taken_from_another_site(client: Browser, db: Database) -> None:
    assert client.post("/subscribe", data=ASKED, headers=ELSEWHERE).status_code == 403
    assert sent(db) == 0


def test_opening_a_link_of_a_mail_changes_nothing(
    client: Browser, db: Database, call: Call
) -> None:
    client.post("/subscribe", data=ASKED)
    path = path_in_mail(db, "confirm")
    for _ in range(3):
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200
    row = reader(db)
    assert row is not None
    assert row.confirmed_at is None


def test_a_form_that_names_nothing_confirms_nothing_and_asks_again(
    client: Browser, db: Database, call: Call
) -> None:
    client.post("/subscribe", data=ASKED)
    answer = client.post(path_in_mail(db, "confirm"))
    assert "One click, and reminders of these deadlines begin" in answer.text
    row = reader(db)
    assert row is not None
    assert row.confirmed_at is None


def test_the_button_confirms_and_says_when_the_next_reminder_comes(
    client: Browser, db: Database, call: Call
) -> None:
    client.post("/subscribe", data={**ASKED, "call": call.uid})
    path = path_in_mail(db, "confirm")
    answer = client.submit(path, {})
    assert answer.status_code == 200
    assert "Thursday 16 April 2026, between 08:00 and 09:00" in answer.text
    assert "Nothing waits to be confirmed" in client.get(path).text


def test_who_says_yes_is_welcomed_once_with_the_dates_of_the_call(
    client: Browser, db: Database, call: Call
) -> None:
    client.post("/subscribe", data={**ASKED, "call": call.uid})
    path = path_in_mail(db, "confirm")
    with db.read() as session:
        reader = queries.by_address(session, READER)
        assert reader is not None
        named = [row.uid for row in reader.subscriptions]
    for _ in range(2):
        client.post(path, data={"subscription": named})
    with db.read() as session:
        welcome, asked = mails.recent(session)
        assert (welcome.kind, asked.kind) == ("welcome", "confirmation")
        mail = mails.get(session, welcome.id)
        assert mail is not None
        seen = message.read(mail.content)
    assert "Thursday 16 April 2026, between 08:00 and" in seen.text
    assert call.key_dates[0].uid.encode() in seen.attachments[0].content
    assert "List-Unsubscribe-Post" in dict(seen.headers)


def test_a_confirmation_link_ends_after_three_days(
    client: Browser, db: Database, clock: FixedClock
) -> None:
    client.post("/subscribe", data=ASKED)
    path = path_in_mail(db, "confirm")
    clock.advance(hours=72)
    answer = client.post(path)
    assert answer.status_code == 410
    assert "expired" in answer.text


def test_a_link_for_one_thing_is_good_for_nothing_else(
    client: Browser, db: Database, settings: Settings
) -> None:
    row = subscribed(client, db)
    token = links.unsubscribe_token(settings, row.uid)
    assert client.post(f"/confirm/{token}").status_code == 400
    assert client.post(f"/manage/{token}").status_code == 400
    assert client.post("/unsubscribe/nonsense").status_code == 400


def test_token_pages_are_kept_by_nobody_and_send_no_referrer(
    client: Browser, db: Database, settings: Settings
) -> None:
    row = subscribed(client, db)
    for path in (
        f"/manage/{links.manage_token(settings, row.uid)}",
        f"/unsubscribe/{links.unsubscribe_token(settings, row.uid)}",
        "/confirm/nonsense",
    ):
        headers = client.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in headers
        assert READER not in client.get(path).text


def test_days_and_language_can_be_changed(
    client: Browser, db: Database, settings: Settings, call: Call
) -> None:
    row = subscribed(client, db)
    uid = row.subscriptions[0].uid
    path = f"/manage/{links.manage_token(settings, row.uid)}"
    answer = client.post(
        path,
        data={"act": "save", "subscription": uid, f"offsets-{uid}": ["30", "2"], "language": "fr"},
    )
    assert answer.status_code == 303
    changed = reader(db)
    assert changed is not None
    assert changed.language == "fr"
    assert [offset.days for offset in changed.subscriptions[0].offsets] == [30, 2]
    assert "Saved." in client.get(answer.headers["Location"]).text


def test_a_subscription_without_any_day_is_refused(
    client: Browser, db: Database, settings: Settings
) -> None:
    row = subscribed(client, db)
    answer = client.submit(f"/manage/{links.manage_token(settings, row.uid)}", {"act": "save"})
    # The boxes are no hidden fields: none is sent, as when all are unticked.
    assert answer.status_code == 422
    assert "Choose at least one reminder." in answer.text


def test_one_subscription_ends_and_the_others_go_on(
    client: Browser, db: Database, settings: Settings, call: Call, clock: FixedClock
) -> None:
    subscribed(client, db)
    row = subscribed(client, db, call=call.uid)
    path = f"/manage/{links.manage_token(settings, row.uid)}"
    client.post(path, data={"act": f"stop:{row.subscriptions[0].uid}"})
    left = reader(db)
    assert left is not None
    assert [one.entry_id for one in left.subscriptions] == [call.id]


def test_an_act_that_names_nothing_does_nothing(
    client: Browser, db: Database, settings: Settings
) -> None:
    row = subscribed(client, db)
    path = f"/manage/{links.manage_token(settings, row.uid)}"
    for act in ("stop:", "stop:unknown", "confirm:", "dance"):
        assert client.post(path, data={"act": act}).status_code == 303
    left = reader(db)
    assert left is not None
    assert len(left.subscriptions) == 1


def test_one_click_needs_no_cookie_and_no_origin_and_may_be_repeated(
    client: Browser, db: Database, settings: Settings
) -> None:
    row = subscribed(client, db)
    path = f"/unsubscribe/{links.unsubscribe_token(settings, row.uid)}"
    for _ in range(2):
        answer = client.post(
            path, data={"List-Unsubscribe": "One-Click"}, headers={"Sec-Fetch-Site": "cross-site"}
        )
        assert answer.status_code == 200
    left = reader(db)
    assert left is not None
    assert left.subscriptions == []


def test_the_unsubscribe_page_has_a_button_and_shows_no_whole_address(
    client: Browser, db: Database, settings: Settings
) -> None:
    row = subscribed(client, db)
    path = f"/unsubscribe/{links.unsubscribe_token(settings, row.uid)}"
    page = client.get(path).text
    assert "r…@example.org" in page
    assert "Stop all mail?" in page
    assert "have ended" in client.submit(path, {}).text
    assert "have ended" in client.get(path).text


def test_who_asks_to_be_forgotten_is_forgotten(
    client: Browser, db: Database, settings: Settings
) -> None:
    row = subscribed(client, db)
    path = f"/manage/{links.manage_token(settings, row.uid)}"
    assert client.post(path, data={"act": "erase"}).status_code == 200
    assert reader(db) is None
    with db.read() as session:
        assert {mail.address for mail in mails.recent(session)} == {""}
    assert client.get(path).status_code == 410
    unsubscribe = f"/unsubscribe/{links.unsubscribe_token(settings, row.uid)}"
    assert client.post(unsubscribe).status_code == 200


def test_what_somebody_else_asked_for_waits_on_the_manage_page(
    client: Browser, db: Database, settings: Settings, call: Call, now: datetime
) -> None:
    row = subscribed(client, db)
    client.post("/subscribe", data={**ASKED, "call": call.uid})
    path = f"/manage/{links.manage_token(settings, row.uid)}"
    assert "Waits to be confirmed." in client.get(path).text
    waiting = reader(db)
    assert waiting is not None
    uid = next(one.uid for one in waiting.subscriptions if one.confirmed_at is None)
    client.post(path, data={"act": f"confirm:{uid}"})
    confirmed = reader(db)
    assert confirmed is not None
    assert all(one.confirmed_at == now for one in confirmed.subscriptions)


def test_the_pages_speak_the_language_of_their_address(client: Browser, db: Database) -> None:
    client.post("/fr/subscribe", data={**ASKED, "language": "fr"})
    path = path_in_mail(db, "confirm")
    assert path.startswith("/fr/confirm/")
    assert '<html lang="fr">' in client.get(path).text


def test_on_the_page_of_a_closed_call_one_asks_for_its_next_edition(
    client: Browser, db: Database, clock: FixedClock
) -> None:
    with db.begin() as session:
        make_call(session, "Heat 2026", series="Heat", edition="2026")
    clock.at = datetime.fromisoformat("2026-06-01T09:00Z")
    page = client.get("/calls/heat-2026").get_data(as_text=True)
    assert 'name="next"' in page
    uid = re.search(r'name="call" value="([^"]+)"', page)
    assert uid is not None
    asked = {"email": READER, "call": uid[1], "next": "yes", "language": "en"}
    assert client.post("/subscribe", data=asked).status_code == 303
    client.submit(path_in_mail(db, "confirm"), {})
    row = reader(db)
    assert row is not None
    [watch] = row.subscriptions
    assert (watch.next_edition, list(watch.offsets)) == (True, [])
