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

from feedsvc import urls
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
    templates, footer = _environment(package), settings.footer(language.code).strip()
    shared = {
        "_": language.gettext,
        "ngettext": language.ngettext,
        "lang": language.code,
        "site_name": settings.named(language.code),
        "house_footer": footer,
        "site_url": settings.base_url,
        "logo_url": urls.logo(settings),
        "colours": _colours(settings.accent),
        **values,
    }
    return Rendered(
        text=_text(templates.get_template(text).render(shared), footer),
        html=_INDENTS.sub("\n", _inliner().inline(templates.get_template(html).render(shared))),
    )


def _text(body: str, footer: str) -> str:
    """With what the site writes below every mail, line by line."""
    lines = "\n".join(_wrapped(line) for line in footer.splitlines())
    return _GAPS.sub("\n\n", f"{body}\n\n{lines}").strip() + "\n"


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
