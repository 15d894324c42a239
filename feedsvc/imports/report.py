"""What an import did, and what it could not do: nothing is dropped silently."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


class Unusable(Exception):
    """A row that cannot be imported; the message says which field, and why."""


@dataclass(frozen=True)
class Refusal:
    """A row that was left out. `line` counts from 1; `source_id` is empty when unreadable."""

    line: int
    source_id: str
    reason: str


@dataclass
class Report:
    """Counts of rows, the rows refused, and what was understood in part only, by reason."""

    dry_run: bool = False
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[Refusal] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> int:
        return self.created + self.updated + self.unchanged + len(self.refused)

    def __str__(self) -> str:
        """The report for a person."""
        would = "would be " if self.dry_run else ""
        counts = (
            f"{self.rows} rows read: {self.created} {would}created, {self.updated} {would}updated,"
            f" {self.unchanged} unchanged, {len(self.refused)} refused."
        )
        refused = [
            f"  line {row.line}{f' ({row.source_id})' if row.source_id else ''}: {row.reason}"
            for row in self.refused
        ]
        notes = [f"  {number} x {note}" for note, number in self.notes.most_common()]
        parts = [
            counts,
            *(["Refused:", *refused] if refused else []),
            *(["Understood in part:", *notes] if notes else []),
        ]
        return "\n".join(parts)
