"""Render a mail's text and HTML from the templates of its owner, without a web application.

The HTML's rules are written onto its elements, because many mail readers drop a style sheet; only
the block marked `keep` (dark mode) stays one.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from functools import cache

import css_inline
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape

from feedsvc.colours import ink_on, readable
from feedsvc.i18n import Language
from feedsvc.settings import Settings

TEXT_WIDTH = 72
LIGHT_CARD, DARK_CARD = "#ffffff", "#171f1d"
_GAPS = re.compile(r"\n{3,}")
_INDENTS = re.compile(r"\n\s+")


@dataclass(frozen=True)
class Rendered:
    """Both forms of one mail, which say the same."""

    text: str
    html: str


def render(
    package: str, *, text: str, html: str, language: Language, settings: Settings, **values: object
) -> Rendered:
    """`package` holds `templates/`; `text` and `html` are names in it. Both extend `mail/base`."""
    templates = _environment(package)
    shared = {
        "_": language.gettext,
        "ngettext": language.ngettext,
        "lang": language.code,
        "site_name": settings.site_name,
        "site_url": settings.base_url,
        "colours": _colours(settings.accent),
        **values,
    }
    return Rendered(
        text=_GAPS.sub("\n\n", templates.get_template(text).render(shared)).strip() + "\n",
        html=_INDENTS.sub("\n", _inliner().inline(templates.get_template(html).render(shared))),
    )


@cache
def _environment(package: str) -> Environment:
    templates = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("feedsvc.mail")]),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["wrapped"] = _wrapped
    return templates


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False)


@cache
def _colours(accent: str) -> dict[str, str]:
    """The accent and the ink on it, on light and on dark paper."""
    light, dark = readable(accent, LIGHT_CARD), readable(accent, DARK_CARD)
    return {
        "accent": light,
        "on_accent": ink_on(light),
        "dark_accent": dark,
        "on_dark_accent": ink_on(dark),
    }


def _wrapped(text: str, indent: str = "") -> str:
    """Lines of at most 72 columns; an address is never broken."""
    return textwrap.fill(
        text,
        TEXT_WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
