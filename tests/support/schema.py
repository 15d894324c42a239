"""The schema of a test's database: what the migrations make of an empty one."""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages

from feedsvc import __path__ as package_path
from feedsvc.db import Base, Database


def load_models() -> None:
    """Import every `models` module, so that `Base.metadata` knows all tables."""
    for module in walk_packages(package_path, "feedsvc."):
        if module.name.endswith(".models"):
            import_module(module.name)


def create(url: str) -> None:
    load_models()
    db = Database(url)
    Base.metadata.create_all(db.engine)
    db.close()
