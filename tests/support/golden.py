"""Golden files: what was made is compared with what a person has looked at and committed.

`GOLDEN=write pytest tests/...` writes them anew; read the difference before committing.
"""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "golden"
WRITE = os.environ.get("GOLDEN") == "write"


def check(path: Path, made: bytes) -> None:
    """Assert that the golden file `path` (below tests/golden) holds exactly these bytes."""
    golden = FOLDER / path
    if WRITE:
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_bytes(made)
    assert golden.exists(), f"no golden file {path}; make it with GOLDEN=write"
    assert made == golden.read_bytes(), f"{path} differs from the golden file"
