"""What the hub calls and what it does not; back-off; signatures. Without a network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.errors import BadRequest
from feedsvc.websub import reach, rules

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.255.255.254",
        "169.254.169.254", "172.16.0.1", "172.31.255.1", "192.0.0.8", "192.0.2.1", "192.88.99.1",
        "192.168.1.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.1.1",
        "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:93.184.216.34",
        "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1",
        "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "2002:7f00:1::",
        "2002:5db8:d822::1", "3fff::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1",
        "fe80::1%eth0", "2606:4700::1111%eth0", "fec0::1", "ff02::1", "no address", "",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_not_called(address: str) -> None:
    assert not reach.is_public(address)


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "1.1.1.1", "172.32.0.1", "100.128.0.1", "223.255.255.1",
     "2606:4700:4700::1111", "2a00:1450:400a::200e", "64:ff9b::5db8:d822"],
)  # fmt: skip
def test_a_public_address_is_called(address: str) -> None:
    assert reach.is_public(address)


@pytest.mark.parametrize(
    "callback",
    [
        "http://127.0.0.1/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/", "http://localhost/", "http://LOCALHOST./",
        "http://a.localhost/", "http://printer.local/", "http://db.internal/", "http://nas.lan/",
        "http://router.home.arpa/", "http://intranet/", "http://2130706433/", "http://127.1/",
        "http://0x7f.1/", "http://0x7f000001/", "http://0177.0.0.1/", "http://1.2.3.4.5/",
        "http://reader.example:22/", "http://reader.example:25/", "http://reader.example:6379/",
        "https://reader.example:0/", "http://user@reader.example/", "http://u:p@reader.example/",
        "http://reader.example/#part", "ftp://reader.example/", "file:///etc/passwd",
        "javascript:alert(1)", "gopher://reader.example/", "//reader.example/", "reader.example",
        "http://", "http:///path", "http://[::1", "http://reader.example:port/",
        "http://reader.example/a b", "http://reader.example/\r\nX: y", "http://réader.example/",
        "http://reader.example/\x00", "http://[fe80::1%25eth0]/", "",
    ],
)  # fmt: skip
def test_such_a_callback_is_refused_at_once(callback: str) -> None:
    with pytest.raises(BadRequest):
        rules.checked_callback(callback, private=False)


@pytest.mark.parametrize(
    "callback",
    [
        "https://reader.example/hub?id=1", "http://reader.example:8080/", "https://93.184.216.34/",
        "https://[2606:4700:4700::1111]/cb", "https://xn--rader-bsa.example/cb",
        "https://reader.example:443/%C3%A9",
    ],
)  # fmt: skip
def test_a_callback_on_the_public_internet_is_taken_as_it_is_written(callback: str) -> None:
    assert rules.checked_callback(callback, private=False) == callback


def test_a_closed_network_may_allow_its_own_addresses() -> None:
    for callback in ("http://127.0.0.1:4711/", "http://intranet/cb", "http://[::1]:9/"):
        assert rules.checked_callback(callback, private=True) == callback
    with pytest.raises(BadRequest):
        rules.checked_callback("ftp://intranet/", private=True)


@pytest.mark.parametrize(
    ("callback", "begins"),
    [
        ("https://r.example/cb", "https://r.example/cb?hub.mode="),
        ("https://r.example/cb?", "https://r.example/cb?hub.mode="),
        ("https://r.example/cb?a=1", "https://r.example/cb?a=1&hub.mode="),
        ("https://r.example/cb?a=1&", "https://r.example/cb?a=1&hub.mode="),
    ],
)
def test_what_is_asked_is_appended(callback: str, begins: str) -> None:
    asked = rules.question(
        callback, mode="subscribe", topic="https://t.example/?a=b&c", challenge="x", lease_seconds=9
    )
    assert asked.startswith(begins)
    assert asked.endswith(
        "subscribe&hub.topic=https%3A%2F%2Ft.example%2F%3Fa%3Db%26c"
        "&hub.challenge=x&hub.lease_seconds=9"
    )


def test_a_signature_is_that_of_rfc_4231() -> None:
    """Test case 2."""
    made = rules.signature("Jefe", b"what do ya want for nothing?")
    assert made == "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


def test_one_customer_is_one_client() -> None:
    assert rules.client_of("2001:db8:1:2:aaaa::1") == rules.client_of("2001:db8:1:2:bbbb::9")
    assert rules.client_of("2001:db8:1:2::1") != rules.client_of("2001:db8:1:3::1")
    assert rules.client_of("192.0.2.1") != rules.client_of("192.0.2.2")
    assert rules.client_of("") == ""


def test_each_pause_is_longer_and_none_endless() -> None:
    since, now, attempts, pauses = None, NOW, 0, []
    while True:
        fate = rules.after_failure(attempts=attempts, failing_since=since, key="k", now=now)
        if fate.given_up:
            break
        pauses.append(fate.send_after - now)
        since, attempts, now = fate.failing_since, fate.attempts, fate.send_after
    assert since == NOW
    assert NOW + rules.GIVEN_UP_AFTER <= now <= NOW + rules.GIVEN_UP_AFTER + 2 * rules.BACK_OFF[-1]
    assert pauses[:5] == sorted(pauses[:5])
    assert max(pauses) <= rules.BACK_OFF[-1] * 1.2
    assert min(pauses) >= timedelta(seconds=48)
    assert len(pauses) < 30
