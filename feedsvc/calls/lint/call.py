"""Everything that an editor may want to look at again in a call. Pure: give it facts and a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from feedsvc.calls.edits import CallEdit
from feedsvc.calls.lint import key_dates, promises
from feedsvc.content.lint import texts
from feedsvc.content.lint.finding import Finding, InWords, in_order, note, warning
from feedsvc.i18n import N_


class Dead(InWords, Protocol):
    """An address that does not answer: since when; it says itself what was met there."""

    @property
    def since(self) -> dt.datetime: ...


@dataclass(frozen=True, kw_only=True)
class Known(texts.Known):
    """`public_since` is None for a call that nobody sees. `dead` are addresses that do not answer,
    with what was met there."""

    now: dt.datetime
    public_since: dt.datetime | None = None
    dead: Mapping[str, Dead] = field(default_factory=dict)


def of(edit: CallEdit, known: Known) -> tuple[Finding, ...]:
    found = [
        *key_dates.of(edit, now=known.now, public_since=known.public_since),
        *promises.of(edit),
        *texts.of(edit, known),
        *_links(edit, known),
        *_whole(edit),
    ]
    return in_order([one for n, one in enumerate(found) if one not in found[:n]])


def _links(edit: CallEdit, known: Known) -> Iterator[Finding]:
    places = {"apply_url": edit.apply_url, "info_url": edit.info_url}
    places |= {f"documents.{n}.url": document.url for n, document in enumerate(edit.documents)}
    for place, url in places.items():
        if url in known.dead:
            yield warning(
                place,
                N_("This address does not answer since %(day)s: %(trouble)s."),
                N_("Open it and correct it."),
                day=known.dead[url].since.date(), trouble=known.dead[url],
            )  # fmt: skip


def _whole(edit: CallEdit) -> Iterator[Finding]:
    if not edit.apply_url:
        yield note(
            "apply_url",
            N_("It does not say where to apply."),
            N_("Add the address of the form or portal."),
        )
    if not (edit.contact_email or edit.contact_role):
        yield warning(
            "contact_role",
            N_("It names no contact."),
            N_("Say by role or address whom to ask."),
        )
    if not edit.funders:
        yield note(
            "funders",
            N_("It names no funder."),
            N_("Readers follow funders: choose one."),
        )
