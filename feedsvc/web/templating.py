"""What every template may use: translations, addresses, dates and Markdown."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import Flask
from markupsafe import Markup

from feedsvc import i18n, markup, urls
from feedsvc.web import assets, context


def install(app: Flask) -> None:
    env = app.jinja_env
    env.trim_blocks = env.lstrip_blocks = True
    env.globals.update(
        _=_gettext,
        gettext=_gettext,
        ngettext=_ngettext,
        asset=assets.asset,
        theme_address=assets.theme_address,
        lang=context.lang,
        language_names=i18n.NAMES,
        path=context.path,
        settings=context.settings,
        site=context.site,
        urls=urls,
    )
    env.filters.update(
        markdown=_markdown,
        day=_day,
        instant=_instant,
        money=_money,
        number=_number,
        json_data=_json_data,
        name_of_language=i18n.NAMES.get,
    )


def _gettext(message: str, **values: object) -> str:
    return context.lang().gettext(message, **values)


def _ngettext(one: str, many: str, n: int, **values: object) -> str:
    return context.lang().ngettext(one, many, n, **values)


def _markdown(text: str) -> Markup:
    # `markup.html` has cleaned what it gives; this is the one place that trusts it.
    return Markup(markup.html(text))  # noqa: S704


def _day(value: date, *, weekday: bool = False) -> str:
    """A day in words; of an instant, the day in the agency's zone."""
    if isinstance(value, datetime):
        value = value.astimezone(context.zone()).date()
    return context.lang().date(value, weekday=weekday)


def _instant(value: datetime) -> str:
    return context.lang().instant(value, context.zone())


def _money(amount: Decimal, currency: str) -> str:
    return context.lang().money(amount, currency)


def _number(value: int | Decimal) -> str:
    return context.lang().number(value)


def _json_data(value: Any) -> Markup:
    """JSON for a data block: a `<` in a text cannot end the element."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704
