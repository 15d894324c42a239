"""The oracle sees: each planted fault is found, by the seed that is known to find it."""

from __future__ import annotations

import pytest

from tests.simulation import many
from tests.simulation.faults import FAULTS

WITHIN = 15  # seeds from the known one on: what happens in a seed changes with the engine
KNOWN = [number for number, fault in enumerate(FAULTS) if fault.seed]


@pytest.mark.parametrize("number", KNOWN, ids=lambda number: FAULTS[number].name)
def test_a_planted_fault_is_found(number: int) -> None:
    assert many.search(number, base=FAULTS[number].seed, most=WITHIN)
