"""The oracle sees: each planted fault is found, by the seed that is known to find it."""

from __future__ import annotations

import pytest

from tests.simulation import many
from tests.simulation.faults import FAULTS, Fault

KNOWN = [fault for fault in FAULTS if fault.seed]


@pytest.mark.parametrize("fault", KNOWN, ids=lambda fault: fault.name)
def test_a_planted_fault_is_found(fault: Fault) -> None:
    with fault.planted():
        assert many.one(fault.seed).complaints
