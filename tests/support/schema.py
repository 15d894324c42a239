"""The schema of a test's database: what the migrations make of an empty one."""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages

from feedsvc import __path__ as package_path
from feedsvc import migrations
from feedsvc.db import Database


def load(suffix: str = "") -> None:
    """Import every module of the package (whose name ends so)."""
    for module in walk_packages(package_path, "feedsvc."):
        if module.name.endswith(suffix) and ".migrations." not in module.name:
            import_module(module.name)


def create(url: str) -> None:
    db = Database(url)
    migrations.upgrade(db)
    db.close()
