"""The settings of this moment: the operator's, and what was decided in the admin since.

They are a function of the generation, which every decision advances; so they are read anew only
when it has moved, and are the same in every process at once. While the database does not answer,
the last ones hold: a page that says so needs them too.
"""

from __future__ import annotations

import logging

from sqlalchemy.orm import Session

from feedsvc.content import generation
from feedsvc.db import Database
from feedsvc.house import queries as house
from feedsvc.settings import Settings

log = logging.getLogger(__name__)

GENERATION = "SELECT value FROM generation"


class Present:
    """One for each process, used by all of its threads."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.generation = db.watch(GENERATION)
        self._held: tuple[int, Settings, Settings] | None = None

    def settings(self, operators: Settings) -> Settings:
        """Those that hold now; `operators` are those of file and environment."""
        held = self._held
        try:
            number = self.generation()
            if held is not None and held[0] == number and held[1] is operators:
                return held[2]
            with self._db.read() as session:
                return self.read(session, operators)
        except Exception:  # noqa: BLE001 whatever it was, the page itself will meet it
            log.warning("the settings cannot be read; the last known ones hold")
            return held[2] if held is not None and held[1] is operators else operators

    def read(self, session: Session, operators: Settings) -> Settings:
        """Those of this snapshot."""
        number = generation.current(session).value
        found = house.effective(session, operators)
        self._held = (number, operators, found)
        return found
