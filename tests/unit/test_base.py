"""Tokens, markup, languages and settings."""

from __future__ import annotations

import datetime as dt
import hmac
from decimal import Decimal
from pathlib import Path

import pytest

from feedsvc import i18n, markup, settings, tokens, urls
from tests.builders import BEGINNING as NOW

KEY = "a key"


def test_a_token_is_good_for_its_purpose_only() -> None:
    token = tokens.sign(KEY, "unsubscribe", "42")
    assert tokens.verify(KEY, "unsubscribe", token, now=NOW) == "42"
    for key, purpose in ((KEY, "confirm"), ("another", "unsubscribe")):
        with pytest.raises(tokens.BadToken):
            tokens.verify(key, purpose, token, now=NOW)


def test_a_token_ends_when_its_time_is_over() -> None:
    hour = dt.timedelta(hours=1)
    token = tokens.sign(KEY, "confirm", "42", now=NOW, lifetime=hour)
    assert tokens.verify(KEY, "confirm", token, now=NOW + hour - dt.timedelta(seconds=1)) == "42"
    with pytest.raises(tokens.ExpiredToken):
        tokens.verify(KEY, "confirm", token, now=NOW + hour)


@pytest.mark.parametrize("token", ["", ".", "a.b", "é.é", "AAAA", "MC40Mg.AAAA", "a.b.c", "%00"])
def test_what_is_no_token_is_refused_in_words(token: str) -> None:
    with pytest.raises(tokens.BadToken, match="not complete"):
        tokens.verify(KEY, "confirm", token, now=NOW)


@pytest.mark.parametrize("length", [1, 63, 64, 65, 300])
def test_what_is_keyed_is_hmac_with_sha_256(length: int) -> None:
    key = "é" + "k" * (length - 2) if length > 1 else "k"
    expected = hmac.new(key.encode(), b"purpose\0value", "sha256").hexdigest()
    assert tokens.keyed(key, "purpose", "value") == expected[:32]


def test_without_a_key_nothing_is_signed() -> None:
    with pytest.raises(RuntimeError):
        tokens.sign("", "confirm", "42")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        '<img src=x onerror="alert(1)">',
        '<a href="x" onclick="y">z</a>',
        "![x](https://tracker.example/pixel.png)",
    ],
)
def test_markdown_brings_nothing_active(text: str) -> None:
    html = markup.html(text)
    for bad in ("<script", "<img", "<a onclick", 'href="javascript', 'href="data', "<iframe"):
        assert bad not in html


def test_headings_begin_below_the_title() -> None:
    assert markup.html("# One\n\n## Two") == "<h2>One</h2>\n<h2>Two</h2>\n"


def test_plain_text_keeps_words_and_paragraphs() -> None:
    assert markup.plain("# Title\n\nSome **bold** & [link](https://x.example)\n\n- one\n- two") == (
        "Title\n\nSome bold & link\n\none\n\ntwo"
    )


def test_characters_that_xml_forbids_are_taken_out() -> None:
    assert markup.clean("a\x00b\x0bc\ud800d\ufffee\u202ef\tg") == "abcdef\tg"


def test_one_line_keeps_the_no_break_spaces_of_french() -> None:
    assert (
        markup.one_line(" Chaleur\n perdue\u00a0:\t oui\u202f! ")
        == "Chaleur perdue\u00a0: oui\u202f!"
    )


def test_an_excerpt_ends_between_words() -> None:
    assert markup.excerpt("one two three four", 14) == "one two three…"
    assert markup.excerpt("short", 14) == "short"


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Été 2024: chaleur à l'œuvre!", "ete-2024-chaleur-a-l-oeuvre"),
        ("L’énergie d’Europe’s winners", "l-energie-d-europes-winners"),
        ("Maß & Größe", "mass-groesse"),
        ("word " * 20, "-".join(["word"] * 16)),
        ("日本", ""),
        ("Materials & Manufacturing", "materials-manufacturing"),
    ],
)
def test_a_slug_is_plain_ascii(text: str, slug: str) -> None:
    assert markup.slug(text) == slug


def test_french_counts_the_first_of_a_month():
    french, first = i18n.language("fr"), dt.date(2027, 1, 1)
    assert french.date(first, weekday=True) == "vendredi 1er janvier 2027"
    assert french.date(first, year=False) == "1er janvier"
    assert french.date(dt.date(2027, 1, 21)) == "21 janvier 2027"


def test_dates_and_money_are_written_by_each_language() -> None:
    cap, day = Decimal("200000.00"), dt.date(2024, 4, 30)
    written = {
        code: (i18n.language(code).money(cap, "EUR"), i18n.language(code).date(day, weekday=True))
        for code in ("en", "fr", "de")
    }
    assert written == {
        "en": ("€200,000", "Tuesday 30 April 2024"),
        "fr": ("200\u202f000\xa0€", "mardi 30 avril 2024"),
        "de": ("200.000\xa0€", "Dienstag, 30. April 2024"),
    }


def test_cents_are_written_when_there_are_any() -> None:
    assert i18n.language("en").money(Decimal("1234.50"), "USD") == "US$1,234.50"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "feedsvc.toml").write_text('site_name = "From file"\nfeed_size = 10\n')
    read = settings.load(tmp_path, {"FEEDSVC_SITE_NAME": "From environment"})
    assert (read.site_name, read.feed_size) == ("From environment", 10)


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hush\n")
    read = settings.load(tmp_path, {"FEEDSVC_SECRET_KEY_FILE": str(tmp_path / "key")})
    assert read.secret_key == "hush"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TIMEZONE", "Mars/Olympus"),
        ("LANGUAGES", "en,tlh"),
        ("BASE_URL", "agency.example"),
        ("REMINDER_OFFSETS", "14,0"),
        ("REMINDER_HOUR", "24"),
        ("FEED_SIZE", "many"),
        ("ACCENT", "green"),
        ("ACCENT", "#12345"),
        ("HUB_URL", "hub.example"),
        ("HUB_URL", "https://hub.example/> evil"),
        ("HUB_URL", "https://[hub"),
        ("WEBSUB_PRIVATE_CALLBACKS", "perhaps"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(settings.BadSetting, match=name.lower()):
        settings.load(tmp_path, {f"FEEDSVC_{name}": value})


@pytest.mark.parametrize(("text", "meant"), [("true", True), ("False", False)])
def test_yes_and_no_are_written_true_and_false(tmp_path: Path, text: str, meant: bool) -> None:
    read = settings.load(tmp_path, {"FEEDSVC_WEBSUB_PRIVATE_CALLBACKS": text})
    assert read.websub_private_callbacks is meant


def test_a_yes_in_quotes_is_refused_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "feedsvc.toml").write_text('websub_private_callbacks = "false"\n')
    with pytest.raises(settings.BadSetting, match="websub_private_callbacks"):
        settings.load(tmp_path, {})


@pytest.mark.parametrize(
    ("configured", "named"),
    [("", "https://agency.example/hub"), ("https://hub.example/", "https://hub.example/")],
)
def test_the_hub_that_feeds_name_is_ours_unless_another_is_set(configured: str, named: str) -> None:
    own = settings.Settings(base_url="https://agency.example/", hub_url=configured)
    assert urls.hub(own) == named


def test_a_misspelt_setting_in_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "feedsvc.toml").write_text('site_nam = "x"\n')
    with pytest.raises(settings.BadSetting, match="site_nam"):
        settings.load(tmp_path, {})
