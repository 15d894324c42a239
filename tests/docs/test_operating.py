"""What docs/operating.md says of an installation is so."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

from feedsvc import installation
from feedsvc import settings as configuration
from feedsvc.content import generation
from feedsvc.db import Database
from tests.docs import pages
from tests.support.clock import NOW

PAGE = "docs/operating.md"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_init_closes_the_instance_to_everybody_else(tmp_path: Path) -> None:
    settings = installation.prepare(tmp_path / "new" / "instance", now=NOW)
    assert mode(settings.instance_path) == mode(settings.media_path) == 0o700
    assert mode(settings.instance_path / "feedsvc.toml") == 0o600


def test_init_again_keeps_the_key(tmp_path: Path) -> None:
    first = installation.prepare(tmp_path, now=NOW)
    assert first.secret_key
    assert installation.prepare(tmp_path, now=NOW) == first


def test_init_lets_readers_who_ask_by_date_learn_of_a_new_version(tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        settings = installation.prepare(tmp_path, now=NOW)
        db = Database(settings.effective_database_url)
        with db.read() as session:
            found.append(generation.current(session))
        db.close()
    assert found[0].value < found[1].value
    assert found[0].changed_at < found[1].changed_at


def test_the_settings_that_it_shows_can_be_used(tmp_path: Path) -> None:
    (example,) = pages.fences(PAGE, "toml")
    (tmp_path / "feedsvc.toml").write_text(example)
    settings = configuration.load(tmp_path, {})
    shown = tomllib.loads(example)
    assert {name: getattr(settings, name) for name in shown} == shown
