"""What administrators decide about the whole site: a part of the settings, with the same names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from feedsvc.settings import Settings

Texts = tuple[tuple[str, str], ...]  # by language code


@dataclass(frozen=True, kw_only=True)
class Decided:
    """None: not decided here, so that the file, the environment or the default decides."""

    site_name: str | None = None
    site_names: Texts | None = None
    languages: tuple[str, ...] | None = None
    timezone: str | None = None
    accent: str | None = None
    logo: str | None = None  # the name of a picture in the folder of media; empty: none
    mail_from: str | None = None
    mail_footers: Texts | None = None
    reminder_offsets: tuple[int, ...] | None = None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Decided:
        """From what is kept; names that this version does not know are left out."""
        known = {name: values[name] for name in NAMES if name in values}
        return cls(**{name: _frozen(value) for name, value in known.items()})

    def values(self) -> dict[str, Any]:
        """What is decided, by name."""
        found = {name: getattr(self, name) for name in NAMES}
        return {name: value for name, value in found.items() if value is not None}


NAMES = tuple(item.name for item in fields(Decided))
# The names by language are names too: who may not change the one may not change the others.
FIXED_WITH = {"site_names": "site_name"}


def is_fixed(settings: Settings, name: str) -> bool:
    """Whether the operator has set it in the file or the environment, so that nobody else may."""
    return FIXED_WITH.get(name, name) in settings.fixed


def free(wanted: Decided, settings: Settings) -> Decided:
    """Less what the operator has set."""
    return replace(wanted, **{name: None for name in NAMES if is_fixed(settings, name)})


def _frozen(value: Any) -> Any:
    """JSON has lists only."""
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
