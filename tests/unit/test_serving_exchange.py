"""What a WSGI app learns of a request, what becomes of its answer, and of an app that breaks the rules."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from feedsvc.serving.answers import Plain, question, refusal, wire
from feedsvc.serving.exchange import PART, Exchange, Message, environ_of

App = Callable[[dict[str, Any], Any], Iterable[bytes]]


def asked(method: str = "GET", version: str = "1.1", **values: Any) -> Message:
    return {
        "method": method, "http_version": version, "scheme": "http", "raw_path": b"/",
        "query_string": b"", "headers": [], "server": ("127.0.0.1", 8000),
        "client": ("192.0.2.7", 1234), **values,
    }  # fmt: skip


def answered(app: App, **scope: Any) -> list[Message]:
    """All that is said, in its order."""
    said: list[Message] = []

    async def send(message: Message) -> None:
        said.append(message)

    async def run() -> None:
        exchange = Exchange(asked(**scope), io.BytesIO(), send)
        said.extend(await asyncio.to_thread(exchange.run, app))

    asyncio.run(run())
    return said


def saying(*chunks: bytes, status: str = "200 OK", headers: Iterable[tuple[str, str]] = ()) -> App:
    def app(_environ: dict[str, Any], respond: Any) -> Iterable[bytes]:
        respond(status, [*headers])
        return chunks

    return app


def test_the_app_learns_what_was_sent():
    headers = [
        (b"x-forwarded-for", b"203.0.113.9"), (b"x_forwarded_for", b"192.0.2.66"),
        (b"if-none-match", b'"a"'), (b"if-none-match", b'"b"'), (b"content-length", b"0"),
        (b"content-type", "text/plain; name=é".encode()),
    ]  # fmt: skip
    environ = environ_of(
        asked(raw_path=b"/caf%C3%A9%ff+", query_string=b"q=%20", headers=headers), io.BytesIO()
    )
    assert environ["PATH_INFO"].encode("latin-1") == b"/caf\xc3\xa9\xff+"
    assert environ["QUERY_STRING"] == "q=%20"
    # A client that writes a name as CGI does cannot pretend to be the proxy.
    assert environ["HTTP_X_FORWARDED_FOR"] == "203.0.113.9"
    assert environ["HTTP_IF_NONE_MATCH"] == '"a","b"'
    assert (environ["CONTENT_LENGTH"], environ["REMOTE_ADDR"]) == ("0", "192.0.2.7")
    assert environ["CONTENT_TYPE"].encode("latin-1").endswith("é".encode())


def test_a_short_answer_has_its_length_and_its_date():
    head, body = answered(saying(b"ab", b"", b"c"))
    assert head["status"] == 200
    assert [name for name, _ in head["headers"]] == [b"Date", b"Content-Length"]
    assert head["headers"][1][1] == b"3"
    assert (body["body"], body["more_body"]) == (b"abc", False)


def test_what_the_app_says_of_its_answer_stays():
    own = [("Date", "then"), ("Content-Length", "3"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    head, _ = answered(saying(b"abc", headers=own))
    assert head["headers"] == [(name.encode(), text.encode()) for name, text in own]


@pytest.mark.parametrize(("scope", "status"), [({"method": "HEAD"}, 200), ({}, 304), ({}, 204)])
def test_what_has_no_body_has_no_length(scope: dict[str, str], status: int):
    head, body = answered(saying(status=f"{status} As it is"), **scope)
    assert [name for name, _ in head["headers"]] == [b"Date"]
    assert body["body"] == b""


def test_a_long_answer_is_said_in_parts():
    half = b"a" * (PART // 2)
    head, *parts = answered(saying(*[half] * 5, b"end"))
    assert b"Content-Length" not in dict(head["headers"])
    assert [len(part["body"]) for part in parts] == [PART, PART, PART // 2 + 3]
    assert [part["more_body"] for part in parts] == [True, True, False]
    whole = answered(saying(*[half] * 5), version="1.0")
    assert dict(whole[0]["headers"])[b"Content-Length"] == str(len(half) * 5).encode()


def test_what_the_app_holds_is_closed_however_it_ends():
    closed = []

    def app(_environ: dict[str, Any], respond: Any) -> Iterator[bytes]:
        respond("200 OK", [])
        try:
            yield b"a"
            raise RuntimeError("as it should be")
        finally:
            closed.append(True)

    with pytest.raises(RuntimeError):
        answered(app)
    assert closed == [True]


def test_who_breaks_the_rules_of_wsgi_learns_it():
    def twice(_environ: dict[str, Any], respond: Any) -> list[bytes]:
        respond("200 OK", [])
        respond("200 OK", [])
        return []

    for app in (twice, lambda _environ, _respond: []):
        with pytest.raises(AssertionError):
            answered(app)


def test_an_app_may_change_its_mind_and_write():
    def app(_environ: dict[str, Any], respond: Any) -> list[bytes]:
        respond("200 OK", [])
        write = respond("503 Service Unavailable", [], (None, None, None))
        write(b"a")
        return [b"b"]

    head, body = answered(app)
    assert (head["status"], body["body"]) == (503, b"ab")


def test_a_question_says_each_thing_once_and_has_no_body():
    plain = [(b"host", b"x"), (b"accept-encoding", b"gzip")]
    assert question(plain) == dict(plain)
    for more in (b"host", b"content-length", b"transfer-encoding", b"expect", b"upgrade"):
        assert question([*plain, (more, b"1")]) is None


def test_an_answer_is_written_down_as_it_is_sent():
    found = wire(Plain(304, [("ETag", '"a"')], b""))
    assert found.head == b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'
    assert found.last().head.endswith(b'"a"\r\nConnection: close\r\n\r\n')
    assert refusal(408, "Late.").body == b"Late.\n"
