"""Real schedulers that hang: they end by themselves, at once or when told to stop."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from threading import Timer

import pytest

from feedsvc.watchdog import EXIT_STATUS
from tests.support import schema
from tests.support.processes import PATIENCE, ROOT

pytestmark = [pytest.mark.system]

# A scheduler whose only job hangs; it prints a line when the job has begun.
HANGS = """
import logging, sys, threading
from datetime import timedelta
from feedsvc.db import Database
from feedsvc.settings import Settings
from feedsvc.worker import Job, Worker, tick

def hangs(*_):
    print("begun", flush=True)
    threading.Event().wait()

logging.basicConfig(level=logging.INFO)
job = Job("hangs", timedelta(seconds=60), hangs, limit=timedelta(seconds=float(sys.argv[2])))
tick(Worker(Database(sys.argv[1]), Settings()), [job], drain=1.0)
"""


def hanging(url: str, limit: float) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", HANGS, url, str(limit)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def first_line(process: subprocess.Popen[bytes]) -> bytes:
    """What it says first; a process that says nothing is ended, so that nobody waits for ever."""
    assert process.stdout is not None
    patience = Timer(PATIENCE, process.kill)
    patience.start()
    line = process.stdout.readline()
    patience.cancel()
    return line


@pytest.fixture
def database_url(tmp_path) -> str:
    """Which database makes no difference here; a job is told what the admin has decided."""
    url = f"sqlite:///{tmp_path / 'feedsvc.sqlite3'}"
    schema.create(url)
    return url


def test_a_job_that_hangs_ends_its_process(database_url: str) -> None:
    process = hanging(database_url, limit=0.5)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == EXIT_STATUS
    assert b"stuck: hangs has shown nothing for 0.5 s" in said
    assert b"in hangs" in said, "what the thread was doing is in the log"


def test_a_job_that_hangs_does_not_hold_up_the_stop(database_url: str) -> None:
    process = hanging(database_url, limit=3_600)
    assert first_line(process) == b"begun\n"
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == EXIT_STATUS
    assert b"still at work: hangs" in said
    assert time.monotonic() - began < 15
