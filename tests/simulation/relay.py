"""The mail server of a seed: it keeps a journal of what it was handed, and fails as the weather says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from feedsvc.mail.transports import RelayDown
from tests.simulation.world import Moment, World

PATIENCE = timedelta(minutes=5)  # of a greylist


@dataclass
class Handed:
    """A mail that was handed over. `stored`: the server has it, whatever the sender was told.

    `gate` is the moment of the sender's last commit before it: what the mail may rely on.
    """

    at: Moment
    gate: Moment
    sender: str
    address: str
    message_id: str
    digest: str
    content: bytes
    word: str
    stored: bool
    group: Group


@dataclass
class Group:
    """What one life of a scheduler handed over between two commits. A `broken` one may be doubled."""

    handed: list[Handed] = field(default_factory=list)
    broken: str = ""


@dataclass
class Moods:
    """What the server does now, as probabilities."""

    down: bool = False
    greylist: bool = False
    lost: float = 0  # the mail is stored, the answer does not arrive
    silent: float = 0  # neither is
    closing: float = 0  # 421, and the connection ends
    later: float = 0  # 450
    slow: float = 0


@dataclass
class Relay:
    world: World
    moods: Moods = field(default_factory=Moods)
    journal: list[Handed] = field(default_factory=list)
    _first_seen: dict[str, datetime] = field(default_factory=dict)

    def answer(self, address: str) -> tuple[str, str]:
        """What becomes of a mail to that address: stored or not, and what the sender hears."""
        moods, world = self.moods, self.world
        if moods.down:
            raise RelayDown("the relay is down")
        if moods.greylist and not self._knows(address):
            return "", "deferred"
        if world.chance(moods.closing):
            return "", "closing"
        if world.chance(moods.later):
            return "", "deferred"
        if world.chance(moods.silent):
            return "", "uncertain"
        if world.chance(moods.lost):
            return "stored", "uncertain"
        return "stored", "accepted"

    def keep(self, handed: Handed) -> None:
        self.journal.append(handed)
        handed.group.handed.append(handed)

    def _knows(self, address: str) -> bool:
        first = self._first_seen.setdefault(address, self.world.now)
        return self.world.now >= first + PATIENCE
