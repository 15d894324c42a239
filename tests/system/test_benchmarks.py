"""Each benchmark runs, as small as can be: the figures mean nothing, the checks hold."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import BENCHMARKS, main

ROOT = Path(__file__).parent.parent.parent
ALL = [*BENCHMARKS]


@pytest.mark.system
@pytest.mark.parametrize("names", [ALL[::2], ALL[1::2]], ids=" ".join)
def test_each_benchmark_runs(names: list[str], tmp_path: Path):
    """Several in one process: to start one takes longer than most of them."""
    output = tmp_path / "bench.json"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--once", "--output", str(output), *names],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for name in names:
        assert f"{name} …" in done.stderr
    results = json.loads(output.read_text())
    assert len(results) >= len(names)
    for result in results:
        # Without nginx, wrk or the real calls there is no figure, and the table says what to get.
        assert result["figure"] is not None or result["unit"].startswith("needs ")


def test_an_unknown_benchmark_is_named(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as stopped:
        main(["speed"])
    assert stopped.value.code == 2
    assert "no benchmark speed" in capsys.readouterr().err
