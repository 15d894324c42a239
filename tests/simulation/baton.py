"""Work that can be put aside in the middle: threads of which exactly one has the baton.

Nothing is left to the machine's own scheduler: a thread runs from the moment it is handed the baton
until it hands it back, so the same seed interleaves in the same way on every machine.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

_idle: list[_Runner] = []


class Turn:
    """A piece of work. `resume` lets it go on until it pauses or ends; `pause` is for its inside."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._runner: _Runner | None = None
        self.has_ended = False

    def resume(self) -> None:
        if self._runner is None:
            self._runner = _idle.pop() if _idle else _Runner()
            self._runner.turn = self
        self._runner.run()
        if self.has_ended:
            _idle.append(self._runner)

    def pause(self) -> None:
        assert self._runner is not None, "a turn pauses itself, while it runs"
        self._runner.wait()

    def work(self) -> None:
        try:
            self._work()
        finally:
            self.has_ended = True


class _Runner:
    """A thread for one turn after another. A lock is a door: closed, until somebody opens it."""

    def __init__(self) -> None:
        self.turn: Turn | None = None
        self._inside, self._outside = threading.Lock(), threading.Lock()
        self._inside.acquire()
        self._outside.acquire()
        self._error: BaseException | None = None
        threading.Thread(target=self._live, name="turn", daemon=True).start()

    def run(self) -> None:
        """Hand over the baton; return when it comes back."""
        self._inside.release()
        self._outside.acquire()
        error, self._error = self._error, None
        if error is not None:
            raise error

    def wait(self) -> None:
        """Hand the baton back; return when it comes again."""
        self._outside.release()
        self._inside.acquire()

    def _live(self) -> None:
        while True:
            self._inside.acquire()
            assert self.turn is not None
            try:
                self.turn.work()
            except BaseException as error:  # noqa: BLE001  told to the thread that waits for it
                self._error = error
            self._outside.release()
