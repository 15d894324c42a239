"""The first page: what is being written, what comes next, what happened."""

from __future__ import annotations

from dataclasses import replace

from flask import url_for
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc.auth import accounts, rules
from feedsvc.auth.models import Account, History
from feedsvc.auth.rules import AUTHOR, Actor
from feedsvc.content import history, queries, rights
from feedsvc.content.models import Entry
from feedsvc.house import changes as house
from feedsvc.i18n import N_
from feedsvc.mail import queries as mail_queries
from feedsvc.reminders import story
from feedsvc.web import context
from feedsvc.web.admin import choices, histories, lists, outbox, pages, sending
from feedsvc.web.admin.gate import actor, blueprint
from feedsvc.web.admin.histories import Happening
from feedsvc.web.admin.house import first_steps
from feedsvc.web.admin.kinds import BY_NAME
from feedsvc.web.admin.listing import shown
from feedsvc.web.admin.parts import PARTS

RECENT = 10


@blueprint.get("/")
def dashboard() -> Response:
    now = context.now()
    with context.db().read() as session:
        return pages.page(
            "dashboard.html",
            title=context.lang().gettext(N_("Overview")),
            section="dashboard",
            steps=first_steps.steps(session),
            drafts=lists.drafts(session, actor=actor(), now=now),
            waiting=lists.waiting(
                session, actor=actor(), now=now, second_person=context.settings().two_persons
            ),
            may_answer=actor().role != AUTHOR,
            scheduled=lists.scheduled(session, actor=actor(), now=now),
            closing=lists.closing_next(session, actor=actor(), now=now),
            mails=mail_queries.counts(session),
            health=sending.health(session, context.settings(), now),
            mail_names=outbox.NAMES,
            history=_happened(session),
            kinds=BY_NAME,
            **shown.helpers(),
        )


def _concerns(reader: Actor) -> ColumnElement[bool]:
    """The condition that an act is news for the reader: accounts have a page of their own."""
    if rights.sees_all(reader):
        return History.subject != accounts.SUBJECT
    theirs = select(Entry.id).where(queries.seen_by(reader))
    return and_(History.subject.in_(BY_NAME), History.subject_id.in_(theirs))


def _happened(session: Session) -> list[Happening]:
    """The latest changes, each with the name and the page of what was changed, if it is there."""
    rows = history.recent(session, _concerns(actor()), limit=RECENT)
    told = histories.told(rows, context.lang())
    return [named(session, happening) for happening in told]


def named(session: Session, happening: Happening) -> Happening:
    """With the name and the page of what it is about, if that is there."""
    kind = BY_NAME.get(happening.subject)
    if kind is not None:
        entry = session.get(kind.model, happening.subject_id)
        if entry is not None:
            address = url_for(f"admin.{kind.name}_edit", entry_id=entry.id)
            return replace(happening, name=choices.title(entry), address=address)
    if happening.subject == story.SUBJECT:
        address = url_for("admin.mail", mail_id=happening.subject_id)
        return replace(happening, name=f"{happening.subject_name} {happening.subject_id}",
                       address=address)  # fmt: skip
    if happening.subject == house.SUBJECT:
        address = url_for("admin.settings_edit") if rules.may(actor(), rules.SITE) else ""
        return replace(happening, name=context.site_name(), address=address)
    if happening.subject == accounts.SUBJECT:
        address = url_for("admin.account_edit", account_id=happening.subject_id)
        account = session.get_one(Account, happening.subject_id)
        return replace(happening, name=account.name, address=address)
    part = next((part for part in PARTS.values() if part.name == happening.subject), None)
    row = part.found(session, happening.subject_id) if part else None
    if part is not None and row is not None:
        address = url_for("admin.part_edit", path=part.path, part_id=row.id)
        return replace(happening, name=part.called(row), address=address)
    return replace(happening, name=next((c.old for c in happening.changes if c.old), ""))
