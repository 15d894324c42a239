"""Which browser a session is in, in words that its owner recognises. Pure.

Browsers name their ancestors too, so the first name that is found here counts.
"""

from __future__ import annotations

from feedsvc.i18n import N_, Language

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def named(agent: str) -> tuple[str, str]:
    """The browser and the system that a User-Agent names; empty where it names none we know."""
    return _first(BROWSERS, agent), _first(SYSTEMS, agent)


def in_words(agent: str, language: Language) -> str:
    """`Firefox on Linux`."""
    name, system = named(agent)
    if name and system:
        return language.gettext(N_("%(browser)s on %(system)s"), browser=name, system=system)
    return name or system or language.gettext(N_("A browser that does not say which"))


def _first(names: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for mark, name in names if mark in agent), "")
