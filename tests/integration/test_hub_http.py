"""How the hub calls: to judged addresses only, within a time, and without following anything."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from feedsvc.settings import Settings
from feedsvc.websub import http
from feedsvc.websub.http import MOST_READ, Caller, NoAnswer, NotPublic, Patience
from tests.support.hub import TLS
from tests.support.subscriber import subscriber

CERTIFICATE = Path(__file__).parents[1] / "support" / "tls" / "reader.example.pem"
SHORT = Patience(connect=0.3, read=0.3, whole=0.6)
PUBLIC = "93.184.216.34"


def caller(
    *answers: Sequence[str],
    private: bool = True,
    patience: Patience = http.PATIENCE,
    tls: ssl.SSLContext = TLS,
) -> tuple[Caller, list[str]]:
    """One whose resolver gives one answer after the other; and the names it was asked for."""
    waiting, asked = iter(answers), []

    def resolver(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return next(waiting)

    made = Caller(agent="test", private=private, resolver=resolver, patience=patience, tls=tls)
    return made, asked


def port_of(base: str) -> str:
    return base.rpartition(":")[2]


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"], ["::1"], ["10.0.0.1"], ["169.254.169.254"], ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"], ["2002:7f00:1::"], ["fe80::1%eth0"], ["100.64.1.1"],
        [PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC],
    ],
)  # fmt: skip
def test_a_name_with_one_address_that_is_not_public_is_not_connected_to(addresses) -> None:
    with subscriber() as reader:
        strict, asked = caller(addresses, private=False)
        with pytest.raises(NotPublic):
            strict.get(f"http://reader.example:{port_of(reader.base)}/")
        assert (asked, reader.targets) == (["reader.example"], [])


def test_an_address_that_is_written_down_is_judged_too() -> None:
    strict = Caller(agent="test", tls=TLS)
    for address in ("http://127.0.0.1/", "http://[::1]/", "http://0.0.0.0/", "https://[::]:9/"):
        with pytest.raises(NotPublic):
            strict.get(address)


def test_the_address_that_was_judged_is_the_one_that_is_connected_to() -> None:
    """DNS rebinding: what the name leads to a moment later is never asked for."""
    with subscriber() as reader:
        lenient, asked = caller(["127.0.0.1"], [PUBLIC])
        lenient.get(f"http://reader.example:{port_of(reader.base)}/x")
        assert (asked, reader.targets) == (["reader.example"], ["/x"])


def test_each_call_judges_anew() -> None:
    with subscriber() as reader:
        strict, asked = caller(["127.0.0.1"], ["127.0.0.1"], private=False)
        for _ in range(2):
            with pytest.raises(NotPublic):
                strict.get(f"http://reader.example:{port_of(reader.base)}/")
        assert len(asked) == 2


def test_the_host_is_that_of_the_callback() -> None:
    with subscriber() as reader:
        port = port_of(reader.base)
        lenient, _ = caller(["127.0.0.1"])
        lenient.post(f"http://reader.example:{port}/", [("X-Own", "1")], b"body")
        [ping] = reader.pings
        assert ping.headers["Host"] == f"reader.example:{port}"
        assert ping.headers["X-Own"] == "1"
        assert ping.headers["User-Agent"] == "test"
        assert ping.body == b"body"


def test_a_second_address_is_tried_when_the_first_is_away() -> None:
    with subscriber() as reader:
        lenient, _ = caller(["127.0.0.2", "127.0.0.1"])
        assert lenient.get(f"http://reader.example:{port_of(reader.base)}/").status == 200


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with subscriber() as reader:
        reader.headers = {"Location": reader.base + "/elsewhere"}
        reader.answer = lambda _: (302, b"")
        lenient, _ = caller(["127.0.0.1"])
        answer = lenient.get(f"{reader.base}/first")
        assert (answer.status, answer.is_success) == (302, False)
        assert reader.targets == ["/first"]


def test_of_a_large_answer_little_is_read() -> None:
    with subscriber() as reader:
        reader.answer = lambda _: (200, b"x" * 50_000_000)
        lenient, _ = caller(["127.0.0.1"])
        answer = lenient.get(reader.base)
        assert len(answer.body) == MOST_READ + 1


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with subscriber() as proxy, subscriber() as reader:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.base)
        lenient, _ = caller(["127.0.0.1"])
        lenient.get(reader.base)
        assert (len(reader.targets), proxy.targets) == (1, [])


# --- Time


@contextmanager
def server(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """One that does what `talk` says with the one connection that comes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    talk(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with contextlib.suppress(OSError):  # nobody may have come
            socket.create_connection(listener.getsockname(), timeout=1).close()
        thread.join()


def drip(line: socket.socket) -> None:
    """A byte of headers now and then, for ever."""
    ended = threading.Event()
    line.sendall(b"HTTP/1.1 200 OK\r\n")
    while not ended.wait(0.05):
        line.sendall(b"x")


def say_nothing(line: socket.socket) -> None:
    while line.recv(65536):
        pass


def read_nothing(line: socket.socket) -> None:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    threading.Event().wait(1.0)


def read_slowly(line: socket.socket) -> None:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    never = threading.Event()
    for _ in range(20):  # one second, longer than the caller's patience
        never.wait(0.05)
        line.recv(2048)


@pytest.mark.parametrize("talk", [drip, say_nothing])
def test_a_call_ends_however_slowly_it_is_answered(talk) -> None:
    with server(talk) as address:
        lenient, _ = caller(["127.0.0.1"], patience=SHORT)
        with pytest.raises(NoAnswer):
            lenient.get(address)


@pytest.mark.parametrize("talk", [read_nothing, read_slowly])
def test_a_call_ends_however_slowly_its_body_is_read(talk) -> None:
    with server(talk) as address:
        lenient, _ = caller(["127.0.0.1"], patience=SHORT)
        with pytest.raises(NoAnswer):
            lenient.post(address, [], b"x" * 30_000_000)


def test_who_says_410_without_reading_is_heard() -> None:
    def refuse(line: socket.socket) -> None:
        line.recv(100)
        line.sendall(b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        line.shutdown(socket.SHUT_WR)
        while line.recv(65536):
            pass

    with server(refuse) as address:
        lenient, _ = caller(["127.0.0.1"])
        assert lenient.post(address, [], b"x" * 5_000_000).status == 410


@pytest.mark.parametrize(
    "said", [b"", b"\x00\x01\x02", b"HTTP/1.1 999999 What\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n"]
)
def test_who_speaks_no_http_has_not_answered(said: bytes) -> None:
    def talk(line: socket.socket) -> None:
        line.recv(65536)
        line.sendall(said)

    with server(talk) as address:
        lenient, _ = caller(["127.0.0.1"])
        with pytest.raises(NoAnswer):
            lenient.get(address)


def test_who_is_not_there_has_not_answered() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    lenient, _ = caller(["127.0.0.1"])
    with pytest.raises(NoAnswer):
        lenient.get(address)


def test_a_name_that_cannot_be_looked_up_has_not_answered() -> None:
    def fails(_host: str, _port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    for resolver in (fails, lambda _host, _port: []):
        nobody = Caller(agent="test", private=True, resolver=resolver, tls=TLS)
        with pytest.raises(NoAnswer):
            nobody.get("http://reader.example/")


# --- TLS


def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context, and that of a client which trusts its certificate."""
    here = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    here.load_cert_chain(CERTIFICATE)
    there = ssl.create_default_context(cafile=str(CERTIFICATE))
    return here, there


def test_the_certificate_is_that_of_the_name_not_of_the_address() -> None:
    here, there = contexts()
    names: list[str | None] = []
    here.sni_callback = lambda _line, name, _context: names.append(name)
    with subscriber(here) as reader:
        lenient, _ = caller(["127.0.0.1"], tls=there)
        assert lenient.get(f"https://reader.example:{port_of(reader.base)}/").status == 200
    assert names == ["reader.example"]


def test_a_certificate_of_another_name_is_refused() -> None:
    here, there = contexts()
    with subscriber(here) as reader:
        lenient, _ = caller(["127.0.0.1"], tls=there)
        with pytest.raises(NoAnswer, match="Hostname mismatch"):
            lenient.get(f"https://other.example:{port_of(reader.base)}/")
        assert reader.targets == []


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    here, _ = contexts()
    with subscriber(here) as reader:
        strict, _ = caller(["127.0.0.1"], tls=ssl.create_default_context())
        with pytest.raises(NoAnswer, match="certificate"):
            strict.get(f"https://reader.example:{port_of(reader.base)}/")


# --- From settings


def test_private_addresses_are_called_only_where_the_setting_says_so() -> None:
    with subscriber() as reader:
        with pytest.raises(NotPublic):
            http.from_settings(Settings()).get(reader.base)
        allowed = http.from_settings(Settings(websub_private_callbacks=True))
        assert allowed.get(reader.base).status == 200
