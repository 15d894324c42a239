"""Who asks, as what, and until when: the first request of a program that was given a token."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.auth.access.rules import SCOPES
from feedsvc.auth.rules import ROLES
from feedsvc.content.models import Cluster
from feedsvc.web.api.editor.asked import Answer, Asked
from feedsvc.web.api.editor.objects import Field, Object
from feedsvc.web.api.editor.shapes import INSTANT, Choice, Many, Text
from feedsvc.web.api.editor.tables import of

CALLER = Object(
    "Caller",
    dict,
    {
        "name": Field(shape=Text(), get=of("name"), meaning="As histories have it"),
        "role": Field(shape=Choice(values=ROLES), get=of("role")),
        "clusters": Field(
            shape=Many(Text()), get=of("clusters"), meaning="Slugs: all that an editor of them may"
        ),
        "scopes": Field(shape=Many(Choice(values=SCOPES)), get=of("scopes")),
        "expires_at": Field(shape=INSTANT, get=of("expires_at"), meaning="Of the token"),
    },
)


def whoami(session: Session, asked: Asked) -> Answer:
    caller = asked.caller
    theirs = select(Cluster.slug).where(Cluster.id.in_(caller.actor.clusters))
    told = {
        "name": caller.actor.name,
        "role": caller.actor.role,
        "clusters": session.scalars(theirs.order_by(Cluster.slug)).all(),
        "scopes": [scope for scope in SCOPES if scope in caller.scopes],
        "expires_at": caller.expires_at,
    }
    return Answer(body=CALLER.write(told))
