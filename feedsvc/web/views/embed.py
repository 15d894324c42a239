"""A list of calls on somebody else's site: how it looks, and the line of HTML for it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from feedsvc import urls
from feedsvc.content.filters import Filter
from feedsvc.i18n import N_
from feedsvc.web.views import filters
from feedsvc.web.views.filters import Names
from feedsvc.web.views.reader import Reader

THEMES = {
    "auto": N_("as the reader has it"),
    "light": N_("light"),
    "dark": N_("dark"),
}
USUAL, MOST = 5, 20  # calls
ROW, REST = 116, 130  # pixels: a call, and what stands around the list


@dataclass(frozen=True)
class Look:
    """Light or dark, the accent (`#rrggbb`; empty: the site's own), and how many calls."""

    theme: str = "auto"
    accent: str = ""
    number: int = USUAL

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """As an address says it; what is usual is left out."""
        pairs = [("theme", self.theme)] if self.theme != "auto" else []
        pairs += [("accent", self.accent.removeprefix("#"))] if self.accent else []
        return pairs + ([("number", str(self.number))] if self.number != USUAL else [])


@dataclass(frozen=True)
class Frame:
    """The line of HTML, and the local address of the list in it."""

    line: str
    path: str
    height: int


def title(wanted: Filter, names: Names, reader: Reader) -> str:
    """`Calls for projects: Open · CleanTech`."""
    conditions = filters.chips(wanted, names, "/calls/", reader)
    said = " · ".join(chip.label for chip in conditions)
    calls = reader.say(N_("Calls for projects"))
    return reader.say("%(name)s: %(value)s", name=calls, value=said) if said else calls


def frame(wanted: Filter, look: Look, name: str, reader: Reader) -> Frame:
    local = urls.with_query(urls.EMBEDDED, [*wanted.pairs(), *look.pairs])
    height = REST + ROW * look.number
    line = (
        f'<iframe src="{escape(reader.absolute(local))}" title="{escape(name)}" width="100%" '
        f'height="{height}" loading="lazy" style="border:0"></iframe>'
    )
    return Frame(line, reader.path(local), height)
