"""For whom a page is made: the language, the time, and how addresses read there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from feedsvc import urls
from feedsvc.content import rules as entry_rules
from feedsvc.content.models import Cluster, ClusterText, Entry, Organisation, Translation
from feedsvc.content.rules import InLanguage, Localised
from feedsvc.i18n import Language
from feedsvc.urls import Site
from feedsvc.web import context

T = TypeVar("T", bound=InLanguage)


@dataclass(frozen=True)
class Reader:
    """What a view model needs to know of the request; make one by hand for a preview."""

    language: Language
    site: Site
    now: datetime
    zone: ZoneInfo
    closing_soon_days: int = 14
    media: str = urls.MEDIA  # where pictures are had: of drafts in the admin only

    def say(self, message: str, **values: object) -> str:
        return self.language.gettext(message, **values)

    def ngettext(self, one: str, many: str, n: int, **values: object) -> str:
        return self.language.ngettext(one, many, n, **values)

    def joined(self, parts: Sequence[str]) -> str:
        """Half-sentences as one sentence."""
        return self.language.clauses(parts) + "."

    def path(self, local: str) -> str:
        return self.site.path(local, self.language.code)

    def absolute(self, local: str) -> str:
        return self.site.absolute(local, self.language.code)

    def webcal(self, local: str) -> str:
        """The address by which a calendar program subscribes instead of downloading once."""
        return "webcal:" + self.absolute(local).partition(":")[2]

    def pick(self, texts: Sequence[T]) -> Localised[T]:
        """The text in this reader's language, or the one that stands in for it."""
        return entry_rules.localised(texts, self.language.code, self.site.languages)

    def text(self, entry: Entry) -> Localised[Translation]:
        return self.pick(entry.translations)

    def cluster(self, cluster: Cluster) -> Localised[ClusterText]:
        return self.pick(cluster.texts)

    def organisation(self, organisation: Organisation) -> str:
        return self.pick(organisation.texts).text.name

    def paths(self, entry: Entry) -> dict[str, str]:
        """The local path of an entry in each language of the site, translated or not."""
        found = {code: self._slug(entry, code) for code in self.site.languages}
        return {code: urls.entry(entry.kind, slug) for code, slug in found.items()}

    def foreign(self, found: Localised[T]) -> str:
        """The language of a text that is not the reader's own, for `lang`; else empty."""
        return found.language if found.is_fallback else ""

    def _slug(self, entry: Entry, code: str) -> str:
        return entry_rules.localised(entry.translations, code, self.site.languages).text.slug


def here() -> Reader:
    """The reader of this request."""
    return Reader(
        language=context.lang(),
        site=context.site(),
        now=context.now(),
        zone=context.zone(),
        closing_soon_days=context.settings().closing_soon_days,
    )
