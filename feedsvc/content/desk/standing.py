"""An earlier version of an entry as far as it can be had again: what it named may be gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.content import addresses, entries
from feedsvc.content.addresses import CLUSTER, FUNDER, PROGRAMME, Moved
from feedsvc.content.desk.revisions import Values
from feedsvc.content.edits import EntryEdit
from feedsvc.content.media.models import Photo
from feedsvc.content.models import Entry
from feedsvc.errors import Gone, NotFound

Edit = TypeVar("Edit", bound=EntryEdit)
LISTS = {"clusters": CLUSTER, "funders": FUNDER}


def edit(
    session: Session, values: Values, edit_of: Callable[[Mapping[str, Any]], Edit]
) -> tuple[Edit, list[str]]:
    """The edit that brings these values back, and what had to be left out of it."""
    found, left_out = of(session, values)
    earlier = edit_of(found)
    photo = session.get(Photo, earlier.photo_id) if earlier.photo_id is not None else None
    return entries.knowing_photo(photo, earlier), left_out


def of(session: Session, values: Values) -> tuple[dict[str, Any], list[str]]:
    """The values with renamed things under their present names, and what had to be left out."""
    found, gone = dict(values), list[str]()
    for field, kind in LISTS.items():
        if field in found:
            found[field] = _named(session, kind, found[field], gone)
    if found.get("programme"):
        found["programme"] = next(
            iter(_named(session, PROGRAMME, [found["programme"]], gone)), None
        )
    uids = found.get("related") or []
    found["related"] = sorted(session.scalars(select(Entry.uid).where(Entry.uid.in_(uids))))
    photo = found.get("photo_id")
    if photo is not None and session.get(Photo, photo) is None:
        found["photo_id"] = None
    return found, gone


def _named(session: Session, kind: str, slugs: Iterable[str], gone: list[str]) -> list[str]:
    kept = []
    for slug in slugs:
        try:
            present = addresses.resolve_name(session, kind, slug)
        except (Gone, NotFound):
            gone.append(slug)
        else:
            kept.append(present.slug if isinstance(present, Moved) else slug)
    return kept
