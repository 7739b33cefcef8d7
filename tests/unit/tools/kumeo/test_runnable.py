"""`kumeo check` warns of what `kumeo build` refuses, and of nothing else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HEAD = """schema Order { id: string  lines: [string] }
schema Row { name: string }
schema Judgement { ok: bool }
"""
SOURCE, TARGET = 'NATS("in", schema: Order)', 'NATS("out")'
REVIEW = 'HumanReview(id: "ok", title: "T", input: source, timeout: 1h, on_timeout: "fail")'
QUERY = """Query(id: "q", context: context.db, sql: "SELECT name FROM t WHERE id = :id",
      parameters: { id: source.id }, output: Row)"""
Tool = Callable[..., Any]


def flow(
    source: str = SOURCE, target: str = TARGET, body: str = "emit source to target", more: str = ""
) -> str:
    parts = f"  source: {source}\n  target: {target}\n  {more}\n  agents: [\n    {body}\n  ]\n"
    return f"{HEAD}\nworkflow Flow {{\n{parts}}}\n"


def database(url: str) -> str:
    return flow(body=f"{QUERY}\n    emit q to target", more=f'context: {{ db: Database("{url}") }}')


CASES = {
    "nats": (flow(), True),
    "kafka": (flow('Kafka("in", brokers: ["b:9092"], schema: Order)'), False),
    "mqtt": (flow(target='MQTT("out", broker: "b")'), False),
    "csv-file": (flow(target='File("out.csv", format: "csv")'), True),
    "odd-auth": (flow('HTTP("/in", schema: Order, auth: { token: secret("T") })'), False),
    "bearer": (flow('HTTP("/in", schema: Order, auth: { bearer: secret("T") })'), True),
    "sqlite": (database("sqlite:t.db"), True),
    "postgres": (database("postgres://db/t"), True),
    "mysql": (database("mysql://db/t"), False),
    "review": (flow(body=f"{REVIEW}\n    emit ok.decision to target"), True),
    "review-in-if": (
        flow(body=f'if source.id == "x" {{ {REVIEW}\n emit ok.decision to target }}'),
        True,
    ),
    "review-in-for": (
        flow(body=f"for l in source.lines {{ {REVIEW}\n emit ok.decision to target }}"),
        False,
    ),
    "review-in-try": (
        flow(
            body=f"try {{ {REVIEW}\n emit ok.decision to target }} catch e {{ emit 1 to target }}"
        ),
        False,
    ),
}


@pytest.fixture
def file(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    path = tmp_path / "flow.kumeo"
    path.write_text(CASES[request.param][0])
    return path


@pytest.mark.parametrize(
    ("file", "runs"), [(n, runs) for n, (_, runs) in CASES.items()], indirect=["file"]
)
@pytest.mark.parametrize("level", ["-O0", "-O2"])
def test_check_and_build_agree(kumeo: Tool, file: Path, runs: bool, level: str) -> None:
    checked = kumeo("check", str(file))
    built = kumeo("build", str(file), level, "-o", str(file.parent / "built"), "-q")
    assert ("not-runnable" not in checked.out, built.code == 0) == (runs, runs), built.err
    assert (checked.code, "0 errors" in checked.out) == (0, True), checked.out
