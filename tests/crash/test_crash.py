"""A small part of the crash matrix; `make crash N=50000` runs all of it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


def told(script: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, str(HERE / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=170)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    assert lines, done.stderr[-2000:]
    assert done.returncode == 0, lines[-1]
    return json.loads(lines[-1])


def test_matrix_few_faults_lose_and_double_nothing() -> None:
    found = told("matrix.py", "--events=400", "--faults=4", "--killers=1", "--seed=5")
    assert (found["lost"], found["duplicated"], found["wrong"]) == (0, 0, [])
    assert sum(found["faults"].values()) == 4


def test_steps_workers_that_die_there_lose_and_double_nothing() -> None:
    found = told("steps.py", "told journal", "after value", "before ack", "after batch")
    assert (found["lost"], found["duplicated"], found["steps"]) == (0, 0, 4)


def test_steps_of_a_far_retry_lose_double_and_repeat_nothing() -> None:
    steps = ("before schedule", "after schedule", "before aside", "after aside")
    found = told("steps.py", *steps, "before resumed", "after resumed")
    assert (found["lost"], found["duplicated"], found["steps"]) == (0, 0, 6)


@pytest.mark.parametrize("name", ["disk-full", "store-full"])
def test_disk_full_loses_and_doubles_nothing(name: str) -> None:
    found = told("disk.py", name)
    assert (found["lost"], found["duplicated"]) == (0, 0)


@pytest.mark.parametrize("name", ["window", "denied", "target-full", "edges-full"])
def test_scenario_loses_and_doubles_nothing(name: str) -> None:
    found = told("scenarios.py", name)
    assert (found["lost"], found["duplicated"]) == (0, 0)


def test_conversation_workers_that_die_in_it_pay_once() -> None:
    steps = (
        "before journal 1",
        "after journal 2",
        "told journal 3",
        "told state 3",
        "before value 0",
    )
    found = told("paid.py", *steps)
    assert (found["wrong"], found["deaths"]) == ([], 5)
    # Only the answer of the first step had come and was not recorded.
    assert (found["questions"], found["again"]) == (21, 1)
