"""The examples with language models and people run offline, as their READMEs say."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
KUMEO = str(Path(sys.executable).parent / "kumeo")
NAMES = ("customer_service", "content_review", "document_triage")
PROVIDERS = {"customer_service": "openai", "content_review": "vendor"}
OUT: dict[str, dict[str, list[str]]] = {
    "customer_service": {"answers": ["m1", "m2"]},
    "content_review": {},
    "document_triage": {"booked": ["d1"], "legal": ["d3"], "people": ["d4"]},
}
"""What each example sends by itself: ids by target."""
TASKS = {"customer_service": 4, "content_review": 2, "document_triage": 1}


@pytest.fixture(params=NAMES)
def example(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a copy of the folder of an example."""
    return Path(shutil.copytree(EXAMPLES / request.param, tmp_path / request.param))


def kumeo(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    known = {k: v for k, v in os.environ.items() if not k.startswith("KUMEO_")}
    return subprocess.run(
        [KUMEO, *arguments],
        cwd=folder,
        env={**known, "OPENAI_API_KEY": "any"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_example_has_no_warnings_and_its_tests_pass(example: Path) -> None:
    file = f"{example.name}.kumeo"
    checked = kumeo(example, "check", "--warnings-as-errors", file)
    assert checked.returncode == 0, checked.stdout
    assert kumeo(example, "fmt", "--check", file).returncode == 0
    tested = kumeo(example, "test", file)
    assert (tested.returncode, "0 failed" in tested.stdout) == (0, True), tested.stdout


def id_of(value: dict[str, Any]) -> str:
    return value.get("mail") or value.get("document") or value["id"]


def test_example_runs_offline_on_its_answers(example: Path) -> None:
    name = example.name
    command = ("fake-models", "answers.json", "--provider", PROVIDERS.get(name, "ollama"), "--")
    run = (KUMEO, "run", f"{name}.kumeo", "--input", "events.jsonl", "--output", "out.jsonl")
    ran = kumeo(example, *command, *run)
    assert ran.returncode == 0, ran.stderr
    sent: dict[str, list[str]] = {}
    for line in (example / "out.jsonl").read_text().splitlines():
        entry = json.loads(line)
        sent.setdefault(entry["target"], []).append(id_of(entry["value"]))
    assert {target: sorted(ids) for target, ids in sent.items()} == OUT[name]
    waiting = kumeo(example, "tasks", "list", f"{name}.kumeo", "--json").stdout.splitlines()
    assert len(waiting) == TASKS[name]
