"""An app for looking at: its routes and templates are read, no request is made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from feedsvc.app import create_app
from feedsvc.settings import Settings


@pytest.fixture(scope="package")
def bare_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder: Path = tmp_path_factory.mktemp("instance")
    app = create_app(Settings(instance_path=folder, secret_key="known to every test"))
    yield app
    app.extensions["feedsvc"].db.close()
