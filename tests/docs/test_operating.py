"""What docs/operating.md says of an installation is so."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

from feedsvc import installation
from feedsvc import settings as configuration
from tests.docs import pages

PAGE = "docs/operating.md"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_init_closes_the_instance_to_everybody_else(tmp_path: Path) -> None:
    settings = installation.prepare(tmp_path / "new" / "instance")
    assert mode(settings.instance_path) == mode(settings.media_path) == 0o700
    assert mode(settings.instance_path / "feedsvc.toml") == 0o600


def test_init_again_keeps_the_key(tmp_path: Path) -> None:
    first = installation.prepare(tmp_path)
    assert first.secret_key
    assert installation.prepare(tmp_path) == first


def test_the_settings_that_it_shows_can_be_used(tmp_path: Path) -> None:
    (example,) = pages.fences(PAGE, "toml")
    (tmp_path / "feedsvc.toml").write_text(example)
    settings = configuration.load(tmp_path, {})
    shown = tomllib.loads(example)
    assert {name: getattr(settings, name) for name in shown} == shown
