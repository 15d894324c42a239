"""Templates: each one compiles, is used by something, and uses only what exists."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask
from jinja2 import meta

import feedsvc

PACKAGE = Path(feedsvc.__file__).parent
FOLDERS = [path for path in PACKAGE.rglob("templates") if path.is_dir()]
QUOTED = re.compile(r"""["']([\w./{}-]+\.(?:html|txt|xml|xsl))["']""")
SLOT = re.compile(r"\\{[^}]+\\}")  # of an f-string, once escaped


def templates() -> dict[str, Path]:
    return {
        path.relative_to(folder).as_posix(): path
        for folder in FOLDERS
        for path in folder.rglob("*")
        if path.is_file()
    }


def named_in_code() -> set[str]:
    return {name for path in PACKAGE.rglob("*.py") for name in QUOTED.findall(path.read_text())}


def named_in_templates(app: Flask) -> set[str]:
    names: set[str] = set()
    for path in templates().values():
        parsed = app.jinja_env.parse(path.read_text())
        names.update(name for name in meta.find_referenced_templates(parsed) if name)
    return names


def covers(named: str, template: str) -> bool:
    """Code may leave out the folder of its area and fill in a part: `{kind.path}/form.html`."""
    pattern = SLOT.sub("[^/]+", re.escape(named))
    return re.fullmatch(f"(.+/)?{pattern}", template) is not None


def test_every_template_is_used(bare_app: Flask) -> None:
    used = named_in_code() | named_in_templates(bare_app)
    unused = [name for name in templates() if not any(covers(named, name) for named in used)]
    assert sorted(unused) == []


def test_every_template_named_by_another_exists(bare_app: Flask) -> None:
    assert sorted(named_in_templates(bare_app) - set(templates())) == []


def test_every_template_of_the_site_compiles(bare_app: Flask) -> None:
    for name in bare_app.jinja_env.list_templates():
        bare_app.jinja_env.get_template(name)
