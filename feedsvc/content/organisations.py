"""Write organisations (funders, programme owners) and programmes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedsvc import markup
from feedsvc.auth.rules import Actor
from feedsvc.content import addresses, generation, history
from feedsvc.content.models import Entry, Organisation, OrganisationText, Programme
from feedsvc.content.rules import url_problem
from feedsvc.errors import Conflict, Invalid, NotFound, Problem
from feedsvc.i18n import N_

Row = TypeVar("Row", Organisation, Programme)


@dataclass(frozen=True, kw_only=True)
class OrganisationEdit:
    """`names` by language; `country` is an ISO 3166-1 alpha-2 code or empty."""

    names: Mapping[str, str]
    slug: str = ""
    url: str = ""
    country: str = ""
    version: int | None = None


@dataclass(frozen=True, kw_only=True)
class ProgrammeEdit:
    """A programme by its proper name; `owner` is an organisation's slug."""

    name: str
    slug: str = ""
    owner: str | None = None
    version: int | None = None


def create_organisation(
    session: Session, edit: OrganisationEdit, *, actor: Actor, now: datetime
) -> Organisation:
    """Raises: Invalid."""
    organisation = Organisation(uid=str(uuid4()), slug="", version=0)
    _assign_organisation(session, organisation, edit)
    _kept(session, "organisation", organisation, "created", {}, actor=actor, now=now)
    return organisation


def edit_organisation(
    session: Session, organisation_id: int, edit: OrganisationEdit, *, actor: Actor, now: datetime
) -> Organisation:
    """Raises: Invalid, Conflict, NotFound."""
    organisation = _loaded(session, Organisation, organisation_id, edit.version)
    before = organisation_snapshot(organisation)
    _assign_organisation(session, organisation, edit)
    changes = history.differences(before, organisation_snapshot(organisation))
    if changes:
        _kept(session, "organisation", organisation, "edited", changes, actor=actor, now=now)
    return organisation


def create_programme(
    session: Session, edit: ProgrammeEdit, *, actor: Actor, now: datetime
) -> Programme:
    """Raises: Invalid."""
    programme = Programme(uid=str(uuid4()), slug="", name="", version=0)
    _assign_programme(session, programme, edit)
    _kept(session, "programme", programme, "created", {}, actor=actor, now=now)
    return programme


def edit_programme(
    session: Session, programme_id: int, edit: ProgrammeEdit, *, actor: Actor, now: datetime
) -> Programme:
    """Raises: Invalid, Conflict, NotFound."""
    programme = _loaded(session, Programme, programme_id, edit.version)
    before = programme_snapshot(programme)
    _assign_programme(session, programme, edit)
    changes = history.differences(before, programme_snapshot(programme))
    if changes:
        _kept(session, "programme", programme, "edited", changes, actor=actor, now=now)
    return programme


def delete_organisation(
    session: Session, organisation_id: int, *, actor: Actor, now: datetime
) -> None:
    """Raises: Invalid while calls name it as their funder; NotFound."""
    organisation = _loaded(session, Organisation, organisation_id, None)
    _remove(session, "organisation", addresses.FUNDER, organisation, actor=actor, now=now)


def delete_programme(session: Session, programme_id: int, *, actor: Actor, now: datetime) -> None:
    """Delete a programme; its calls stay, without one. Raises: NotFound."""
    programme = _loaded(session, Programme, programme_id, None)
    _remove(session, "programme", addresses.PROGRAMME, programme, actor=actor, now=now)


def organisation_snapshot(organisation: Organisation) -> dict[str, Any]:
    names = {f"names.{text.language}": text.name for text in organisation.texts}
    return names | {name: getattr(organisation, name) for name in ("slug", "url", "country")}


def programme_snapshot(programme: Programme) -> dict[str, Any]:
    owner = programme.owner.slug if programme.owner else None
    return {"name": programme.name, "slug": programme.slug, "owner": owner}


def _assign_organisation(
    session: Session, organisation: Organisation, edit: OrganisationEdit
) -> None:
    names = {code: markup.one_line(name) for code, name in edit.names.items() if name.strip()}
    problems = url_problem("url", edit.url)
    if not names:
        problems.append(Problem("names", N_("Write the name in one language at least.")))
    country = edit.country.strip().upper()
    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        problems.append(Problem("country", N_("Enter a country code of two letters, like LU.")))
    slug = (
        markup.slug(edit.slug) or organisation.slug or markup.slug(next(iter(names.values()), ""))
    )
    problems += _slug_problems(session, Organisation, slug, organisation.id)
    if problems:
        raise Invalid(*problems)
    old, organisation.slug = organisation.slug, slug
    organisation.url, organisation.country = edit.url.strip(), country
    rows = {text.language: text for text in organisation.texts}
    organisation.texts = [rows.get(code) or OrganisationText(language=code) for code in names]
    for text in organisation.texts:
        text.name = names[text.language]
    session.add(organisation)
    session.flush()
    _keep_address(session, addresses.FUNDER, old, organisation)


def _assign_programme(session: Session, programme: Programme, edit: ProgrammeEdit) -> None:
    name = markup.one_line(edit.name)
    slug = markup.slug(edit.slug) or programme.slug or markup.slug(name)
    problems = [] if name else [Problem("name", N_("Enter a name."))]
    problems += _slug_problems(session, Programme, slug, programme.id) if name else []
    owner = _owner(session, edit.owner)
    if edit.owner and owner is None:
        problems.append(
            Problem(
                "owner", N_("“%(value)s” does not exist; choose again."), (("value", edit.owner),)
            )
        )
    if problems:
        raise Invalid(*problems)
    old, programme.slug = programme.slug, slug
    programme.name, programme.owner = name, owner
    session.add(programme)
    session.flush()
    _keep_address(session, addresses.PROGRAMME, old, programme)


def _keep_address(session: Session, kind: str, old: str, row: Organisation | Programme) -> None:
    """Lists, feeds and calendars that were filtered by the former slug lead to the new one."""
    if old != row.slug:
        addresses.forget(session, kind, "", row.slug)
        if old:
            addresses.remember(session, kind, "", old, row.id)


def _owner(session: Session, slug: str | None) -> Organisation | None:
    if not slug:
        return None
    return session.scalar(select(Organisation).where(Organisation.slug == slug))


def _slug_problems(
    session: Session, model: type[Organisation | Programme], slug: str, own_id: int | None
) -> list[Problem]:
    if not slug:
        return [Problem("slug", N_("Enter an address of letters and figures."))]
    with session.no_autoflush:
        taken = session.scalar(
            select(exists().where(model.slug == slug, model.id != (own_id or 0)))
        )
    if taken:
        return [Problem("slug", N_("Another one has this address; choose another."))]
    return []


def _loaded(session: Session, model: type[Row], row_id: int, version: int | None) -> Row:
    row = session.get(model, row_id)
    if row is None:
        raise NotFound(N_("There is no entry with this number."))
    if version is not None and version != row.version:
        raise Conflict(N_("Somebody else changed this while you were editing it."))
    return row


def _kept(
    session: Session,
    subject: str,
    row: Organisation | Programme,
    act: str,
    changes: Mapping[str, tuple[Any, Any]],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Count the change. Names stand in the rendered form of calls, so every entry counts as
    changed: names change seldom, and to say which ones is the calls' knowledge, not ours."""
    row.version += 1
    session.flush()
    if act == "edited":
        session.execute(update(Entry).values(revision=Entry.revision + 1))
    history.record(session, subject, row.id, act, changes, actor=actor, now=now)
    generation.advance(session, now)


def _remove(
    session: Session,
    subject: str,
    kind: str,
    row: Organisation | Programme,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    row_id, uid, slug = row.id, row.uid, row.slug
    try:
        with session.begin_nested():
            session.delete(row)
    except IntegrityError:
        raise Invalid(
            Problem("", N_("Calls name this organisation as their funder. Change them first."))
        ) from None
    session.execute(update(Entry).values(revision=Entry.revision + 1))
    addresses.bury(session, uid, kind, row_id, [("", slug)], now=now)
    history.record(
        session, subject, row_id, "deleted", {"slug": (slug, None)}, actor=actor, now=now
    )
    generation.advance(session, now)
