"""What a provider's word is worth: only what it says to this site, about this way, at this time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from joserfc.jwk import ECKey

from feedsvc import settings as configuration
from feedsvc import tokens
from feedsvc.auth.openid import answers, trips
from feedsvc.auth.openid.answers import NotTaken
from feedsvc.auth.openid.provider import Away, Provider
from feedsvc.auth.openid.trips import Purpose, Trip
from feedsvc.settings import BadSetting, Settings
from tests.builders import BEGINNING as NOW
from tests.support.openid import CLIENT, SECRET, OpenidHouse, asked_of

SETTINGS = Settings(
    base_url="https://agency.example", secret_key="known to every test",
    openid_issuer="https://login.example", openid_client_id=CLIENT, openid_client_secret=SECRET,
)  # fmt: skip


@pytest.fixture
def house() -> OpenidHouse:
    return OpenidHouse(SETTINGS.openid_issuer, lambda: NOW)


@pytest.fixture
def provider(house: OpenidHouse) -> Provider:
    return Provider(SETTINGS, transport=house)


def trip(purpose: Purpose = Purpose.SIGN_IN, *, now: datetime = NOW) -> Trip:
    return trips.begin(purpose, wanted="/admin/calls/", now=now)


def arrival(house: OpenidHouse, provider: Provider, way: Trip, **more: str) -> dict[str, str]:
    """What the browser brings back."""
    address = house.agree(provider.address(way, now=NOW))
    return {name: asked_of(address, name) for name in ("code", "state", "iss")} | more


def test_an_answer_names_a_person_by_issuer_and_subject(
    house: OpenidHouse, provider: Provider
) -> None:
    way = trip()
    found = provider.identity(way, arrival(house, provider, way), now=NOW)
    assert (found.issuer, found.subject) == ("https://login.example", "248289761001")
    assert found.name == "zoe@login.example"
    assert not answers.is_fresh(found, way)


def test_the_way_there_carries_what_the_answer_is_held_to(provider: Provider) -> None:
    way = trip()
    address = provider.address(way, now=NOW)
    assert address.startswith("https://login.example/authorize?")
    assert asked_of(address, "redirect_uri") == "https://agency.example/admin/openid/back"
    assert asked_of(address, "scope") == "openid email"
    assert asked_of(address, "code_challenge_method") == "S256"
    assert asked_of(address, "state") != asked_of(address, "nonce")
    assert way.secret not in address
    assert "prompt" not in address
    confirming = provider.address(trip(Purpose.CONFIRM), now=NOW)
    assert (asked_of(confirming, "prompt"), asked_of(confirming, "max_age")) == ("login", "0")


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another way"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"aud": "another site"},
        {"aud": [CLIENT, "another site"]},  # and nobody says for which of them
        {"aud": [CLIENT, "another site"], "azp": "another site"},
        {"azp": "another site"},
        {"exp": int(NOW.timestamp()) - 61},
        {"exp": "tomorrow"},
        {"iat": int(NOW.timestamp()) + 3600},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": 7},
        {"at_hash": "of another token"},
        {"auth_time": "just now"},
    ],
)
def test_what_is_not_meant_for_this_is_not_taken(
    house: OpenidHouse, provider: Provider, claims: dict[str, Any]
) -> None:
    house.claims = claims
    way = trip()
    with pytest.raises(NotTaken):
        provider.identity(way, arrival(house, provider, way), now=NOW)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_without_the_signature_of_a_private_key_is_not_taken(
    house: OpenidHouse, provider: Provider, algorithm: str
) -> None:
    house.algorithm = algorithm
    way = trip()
    with pytest.raises(NotTaken):
        provider.identity(way, arrival(house, provider, way), now=NOW)


def test_words_of_its_own_are_ignored_but_critical_ones(
    house: OpenidHouse, provider: Provider
) -> None:
    house.header = {"x5c": ["MIIB" * 500], "pi.atm": "1"}
    way = trip()
    assert provider.identity(way, arrival(house, provider, way), now=NOW).subject
    house.header = {"crit": ["pi.atm"], "pi.atm": "1"}
    with pytest.raises(NotTaken):
        provider.identity(way, arrival(house, provider, way), now=NOW)


def test_an_answer_of_another_provider_is_not_taken(house: OpenidHouse, provider: Provider) -> None:
    way = trip()
    brought = arrival(house, provider, way)
    with pytest.raises(NotTaken, match="another provider"):
        provider.identity(way, brought | {"iss": "https://evil.example"}, now=NOW)
    silent = {name: value for name, value in brought.items() if name != "iss"}
    assert provider.identity(way, silent, now=NOW).subject
    house.said = {"authorization_response_iss_parameter_supported": True}
    promised = Provider(SETTINGS, transport=house)
    with pytest.raises(NotTaken, match="another provider"):
        promised.identity(way, silent, now=NOW)


def test_a_code_works_once_and_with_its_own_verifier(
    house: OpenidHouse, provider: Provider
) -> None:
    way, other = trip(), trip()
    brought = arrival(house, provider, way)
    with pytest.raises(NotTaken):
        provider.identity(other, dict(brought), now=NOW)
    brought = arrival(house, provider, way)
    provider.identity(way, brought, now=NOW)
    with pytest.raises(NotTaken):
        provider.identity(way, brought, now=NOW)


def test_only_a_provider_that_asked_just_now_confirms(
    house: OpenidHouse, provider: Provider
) -> None:
    way = trip(Purpose.CONFIRM)
    brought = arrival(house, provider, way)
    assert answers.is_fresh(provider.identity(way, brought, now=NOW), way)
    brought = arrival(house, provider, way)
    house.signed_in_at = NOW - timedelta(minutes=2)
    assert not answers.is_fresh(provider.identity(way, brought, now=NOW), way)


def test_description_and_keys_are_kept_and_new_keys_are_found(
    house: OpenidHouse, provider: Provider
) -> None:
    for _ in range(3):
        provider.address(trip(), now=NOW)
    assert len(house.asked) == 2
    house.key = ECKey.generate_key("P-256", {"kid": "2"})
    way = trip()
    brought = arrival(house, provider, way)
    with pytest.raises(NotTaken):  # read a moment ago: whoever asks, it is not read at each try
        provider.identity(way, dict(brought), now=NOW)
    later = NOW + timedelta(minutes=2)
    house.clock = lambda: later
    brought = arrival(house, provider, way)
    assert provider.identity(way, brought, now=later).subject


def test_a_provider_that_is_away_is_left_alone_for_a_while(
    house: OpenidHouse, provider: Provider
) -> None:
    house.is_down = True
    for _ in range(3):
        with pytest.raises(Away):
            provider.address(trip(), now=NOW)
    assert len(house.asked) == 1
    house.is_down = False
    later = NOW + timedelta(seconds=16)
    assert provider.address(trip(now=later), now=later)
    house.is_down = True
    tomorrow = NOW + timedelta(days=1)
    assert provider.address(trip(now=tomorrow), now=tomorrow)  # by what is known from before


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://login.example/"},
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://login.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_description_that_leads_astray_is_none(house: OpenidHouse, said: dict[str, Any]) -> None:
    house.said = said
    with pytest.raises(Away):
        Provider(SETTINGS, transport=house).address(trip(), now=NOW)


@pytest.mark.parametrize("ways", [None, ["client_secret_post"], ["client_secret_basic"]])
def test_the_secret_goes_where_the_provider_takes_it(
    house: OpenidHouse, ways: list[str] | None
) -> None:
    house.said = {"token_endpoint_auth_methods_supported": ways} if ways else {}
    provider, way = Provider(SETTINGS, transport=house), trip()
    assert provider.identity(way, arrival(house, provider, way), now=NOW).subject


def test_a_way_is_read_by_its_own_site_and_for_a_while_only() -> None:
    way = trips.begin(Purpose.LINK, session="abc", wanted="/admin/news/", now=NOW)
    cookie = trips.written(way, SETTINGS)
    assert trips.read(cookie, SETTINGS, now=NOW) == way
    assert trips.is_answer(way, way.state(SETTINGS), SETTINGS)
    for state in ("", "é", trip().state(SETTINGS)):
        assert not trips.is_answer(way, state, SETTINGS)
    with pytest.raises(tokens.BadToken):
        trips.read(cookie, replace(SETTINGS, secret_key="another"), now=NOW)
    with pytest.raises(tokens.ExpiredToken):
        trips.read(cookie, SETTINGS, now=NOW + trips.LASTS)
    assert len(way.verifier(SETTINGS)) == 64
    assert trips.begin(Purpose.SIGN_IN, wanted="/admin/" + "x" * 500, now=NOW).next == ""


@pytest.mark.parametrize(
    "issuer", ["http://login.example", "login.example", "https://login.example?x=1", "https://"]
)
def test_an_issuer_is_an_address_over_tls(issuer: str) -> None:
    with pytest.raises(BadSetting, match="openid_issuer"):
        configuration.checked(replace(SETTINGS, openid_issuer=issuer))


def test_an_issuer_on_this_machine_needs_no_tls_and_both_settings_are_wanted() -> None:
    configuration.checked(replace(SETTINGS, openid_issuer="http://127.0.0.1:9000"))
    with pytest.raises(BadSetting, match="both, or none"):
        configuration.checked(replace(SETTINGS, openid_client_id=""))
