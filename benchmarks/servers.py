"""Servers and clients of a benchmark: on the loopback interface, bounded, ended by their ids."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.result import Missing, Untrue
from feedsvc.settings import Settings

HOST = "127.0.0.1"
SERVER_CPU, CLIENT_CPU = "0", "1"
PATIENCE = 60  # seconds until a server must answer; the machine may be busy
CONNECTIONS = 32
UNITS = {"us": 1e-6, "ms": 0.001, "s": 1, "m": 60}
SHIPPED = Path(__file__).parent.parent / "docs" / "deploy" / "nginx.conf"
TICKS = os.sysconf("SC_CLK_TCK")

NGINX = """
daemon off; master_process on; worker_processes 1; pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
events {{ worker_connections 256; }}
http {{
  access_log off; etag on; gzip_static on; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  types {{ application/atom+xml atom; }}
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen {host}:{port}; root {folder}; add_header Vary Accept-Encoding; }}
}}
"""


@dataclass(frozen=True)
class Server:
    """A running server, known by the process that was started for it."""

    port: int
    pid: int
    behind: int | None = None  # another one, that works for it

    def cpu(self) -> float:
        """Seconds of processor time that it and its children have used."""
        own = [self.pid] if self.behind is None else [self.pid, self.behind]
        return sum(cpu_seconds(pid) for one in own for pid in (one, *_children(one)))


@dataclass(frozen=True)
class Load:
    """What a client measured."""

    requests: int
    seconds: float
    received: float  # bytes
    p99: float  # seconds that a request took, but for the slowest hundredth

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


def need(*programs: str) -> None:
    """Raises: Missing, with what to install."""
    absent = [name for name in programs if shutil.which(name) is None]
    if absent:
        raise Missing(f"needs {', '.join(absent)}: apt-get install nginx-light wrk")


@contextmanager
def nginx(folder: Path) -> Iterator[Server]:
    """nginx with one worker, serving the files of the folder."""
    port = _free_port()
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, host=HOST, port=port))
    with _running(["nginx", "-p", str(folder), "-c", str(config)], port) as server:
        yield server


@contextmanager
def caching_nginx(folder: Path, behind: Server) -> Iterator[Server]:
    """nginx with the configuration that we ship, in front of a server; without TLS."""
    folder = folder / "caching"
    folder.mkdir()
    port = _free_port()
    site = SHIPPED.read_text()
    for line, instead in (
        ("listen 443 ssl;", f"listen {HOST}:{port};"),
        ("server 127.0.0.1:8000;", f"server {HOST}:{behind.port};"),
        ("/var/cache/nginx/feedsvc", f"{folder}/cache"),
    ):
        if line not in site:
            raise Untrue(f"{SHIPPED} does not say {line!r}")
        site = site.replace(line, instead)
    site = re.sub(r"^ *ssl_certificate.*$", "", site, flags=re.MULTILINE)
    (folder / "site.conf").write_text(site)
    config = folder / "nginx.conf"
    head = NGINX[: NGINX.index("  server {{")]
    config.write_text(head.format(folder=folder) + f"  include {folder}/site.conf;\n}}\n")
    with _running(["nginx", "-p", str(folder), "-c", str(config)], port) as server:
        yield server


@contextmanager
def feedsvc(instance: Path) -> Iterator[Server]:
    """The product as `feedsvc serve` runs it, with one worker for the one core."""
    with _served("feedsvc.app:create_served", FEEDSVC_INSTANCE_PATH=str(instance)) as server:
        yield server


@contextmanager
def app(factory: str, settings: Settings, *, workers: int = 1) -> Iterator[Server]:
    """One of `benchmarks.apps`, served as the product is."""
    environment = {
        "FEEDSVC_INSTANCE_PATH": str(settings.instance_path),
        "FEEDSVC_DATABASE_URL": settings.effective_database_url,
    }
    with _served(f"benchmarks.apps:{factory}", workers=workers, **environment) as server:
        yield server


@contextmanager
def _served(factory: str, *, workers: int = 1, **environment: str) -> Iterator[Server]:
    """What `feedsvc serve` becomes, without what the command line loads before."""
    port = _free_port()
    command = [sys.executable, "-m", "feedsvc.serving", factory, HOST, str(port), str(workers)]
    cpu = SERVER_CPU if workers == 1 else f"{SERVER_CPU},{CLIENT_CPU}"
    with _running(command, port, cpu=cpu, **environment) as server:
        yield server


def fetch(port: int, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    """Status, headers (their names in lower case) and body of one answer."""
    connection = HTTPConnection(HOST, port, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, found, answer.read()
    finally:
        connection.close()


def load(
    port: int,
    path: str,
    headers: dict[str, str],
    *,
    seconds: float,
    connections: int = CONNECTIONS,
    script: Path | None = None,
) -> Load:
    """Ask as fast as can be over kept connections, each time as wrk's `script` says.

    Raises: Untrue for errors of any kind.
    """
    command = ["taskset", "-c", CLIENT_CPU, "wrk", "-t1", "--latency"]
    command += ["-s", str(script)] if script else []
    command += [f"-c{connections}", f"-d{seconds:g}s"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    text = subprocess.run(
        [*command, f"http://{HOST}:{port}{path}"],
        capture_output=True, text=True, check=True, timeout=seconds + PATIENCE,
    ).stdout  # fmt: skip
    if "Socket errors" in text or "Non-2xx" in text:
        raise Untrue(text)
    found = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m), ([\d.]+)([KMG]?)B read", text)
    slow = re.search(r"99% +([\d.]+)(us|ms|s)", text)
    if found is None or slow is None or not int(found[1]):
        raise Untrue(text)
    size = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}[found[5]]
    return Load(
        requests=int(found[1]), seconds=float(found[2]) * UNITS[found[3]],
        received=float(found[4]) * size, p99=float(slow[1]) * UNITS[slow[2]],
    )  # fmt: skip


@contextmanager
def _running(
    command: Sequence[str], port: int, *, cpu: str = SERVER_CPU, **environment: str
) -> Iterator[Server]:
    process = subprocess.Popen(
        ["taskset", "-c", cpu, *command],
        env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        _await(process, port)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stderr
        process.stderr.close()


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            assert process.stderr
            raise Untrue(process.stderr.read().decode(errors="replace"))
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.05)
    raise Untrue(f"nothing answers on port {port}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def cpu_seconds(pid: int) -> float:
    """User and system time of a process (proc(5): fields 14 and 15 of stat)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def _children(pid: int) -> list[int]:
    """The processes that it started, and theirs."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in path.read_text().split():
            found += [int(child), *_children(int(child))]
    return found
