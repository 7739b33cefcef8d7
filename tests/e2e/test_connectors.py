"""Workflows whose events come from files and go to files, as a user runs them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

KUMEO = str(Path(sys.executable).parent / "kumeo")
FLOW = """schema Order { id: string  amount: float }

workflow Big {
  source: File("in.csv", schema: Order)
  target: { big: File("big.jsonl"), all: File("all.csv") }
  agents: [
    emit source to target.all
    if source.amount > 10.0 { emit source to target.big }
  ]
}
"""


def run(folder: Path, passes: str) -> str:
    environ = {k: v for k, v in os.environ.items() if not k.startswith("KUMEO_")}
    done = subprocess.run(
        [KUMEO, "run", "flow.kumeo", passes],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.parametrize("passes", ["-O0", "-O2"])
def test_files_are_read_once_and_written_once_across_runs(passes: str, tmp_path: Path) -> None:
    (tmp_path / "flow.kumeo").write_text(FLOW)
    source = tmp_path / "in.csv"
    source.write_text("id,amount\n" + "".join(f"o{n},{n}\n" for n in range(300)))
    run(tmp_path, passes)
    with source.open("a") as file:
        file.write("last,99\n")
    run(tmp_path, passes)
    rows = (tmp_path / "all.csv").read_text().splitlines()
    assert rows[0] == "id,amount"
    assert sorted(rows[1:]) == sorted([f"o{n},{n}.0" for n in range(300)] + ["last,99.0"])
    assert len((tmp_path / "big.jsonl").read_text().splitlines()) == 290
