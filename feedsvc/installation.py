"""An installation: its folder, its settings file with a fresh key, and an up-to-date database."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from feedsvc import migrations, tokens
from feedsvc import settings as configuration
from feedsvc.content import generation
from feedsvc.db import Database
from feedsvc.settings import Settings

FILE = """\
# feedsvc's settings. docs/settings.md explains every one; FEEDSVC_* variables win over this file.
secret_key = "{key}"
# base_url = "https://calls.example.org"
# mail_url = "smtp://user:password@mail.example.org:587?starttls=require"
# site_name = "Innovation Agency"
"""


def prepare(instance_path: Path | str | None = None, *, now: datetime) -> Settings:
    """Make what is missing and keep what is there; the settings as they are then read.

    A new generation begins: a new version may write other bytes for the same content, and who asks
    by date alone must learn of them too.

    The folder and the file are for the owner alone: the file holds the key that signs every link.
    """
    settings = configuration.load(instance_path)
    for folder in (settings.instance_path, settings.media_path):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = settings.instance_path / "feedsvc.toml"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(FILE.format(key=tokens.secret()), encoding="utf-8")
        settings = configuration.load(instance_path)
    db = Database(settings.effective_database_url)
    migrations.upgrade(db)
    with db.begin() as session:
        generation.advance(session, now)
    db.close()
    return settings
