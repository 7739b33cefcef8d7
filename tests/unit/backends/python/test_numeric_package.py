"""A package with a numeric program: what it holds, how it reads, and that it means the same."""

import asyncio
import hashlib
import importlib
import json
import random
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from kumeo_runtime.activation import Activation, Routes
from kumeo_runtime.agents import Resources
from kumeo_runtime.meta import Meta
from kumeo_runtime.values import Failure, json_decoder

from kumeo.backends.python import Origin, build_python
from kumeo.dialects.registry import make_context
from kumeo.dialects.text import KumeoParser
from kumeo.dialects.workflow import WorkflowOp
from kumeo.interp.run import run
from kumeo.interp.world import Event, World
from kumeo.tools.sources import optimise

SOURCE = Path(__file__).with_name("numeric.mlir")
PACKAGE = "alarms"


def module() -> Any:
    """Return the program, not lowered."""
    return KumeoParser(make_context(), SOURCE.read_text(encoding="utf-8")).parse_module()


@cache
def files() -> dict[str, str | bytes]:
    """Return the package."""
    lowered = module()
    assert not optimise(lowered, "O2", "messaging")
    origin = Origin("numeric.mlir", "1.2.3")
    return build_python(lowered, read_file=lambda path: None, origin=origin)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Write the package and import its workflow."""
    for path, content in files().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / path).write_bytes(data)
    monkeypatch.syspath_prepend(str(tmp_path))
    forget()
    yield importlib.import_module(f"{PACKAGE}.workflow").WORKFLOW
    forget()


def forget() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def text_of(path: str) -> str:
    content = files()[f"{PACKAGE}/{path}"]
    assert isinstance(content, str)
    return content


def test_numeric_package_holds_the_graph_and_its_digest() -> None:
    data = files()[f"{PACKAGE}/artifacts/infer.risk.onnx"]
    assert isinstance(data, bytes)
    manifest = json.loads(files()["manifest.json"])
    assert manifest["artifacts"] == {"infer.risk.onnx": hashlib.sha256(data).hexdigest()}


def test_numeric_package_handler_that_awaits_nothing_else_needs_no_task() -> None:
    assert "is_light=True," in text_of("workflow.py")


def test_numeric_package_declares_the_model_with_its_inputs() -> None:
    assert """INFER_RISK: InferModel[InferRiskResult] = InferModel(
    site="infer.risk",
    artifact="infer.risk.onnx",
    takes={"amount": float, "night": (Night, None)},
    result=InferRiskResult,
)
""" in text_of("agents.py")


def test_numeric_package_awaits_the_model_and_takes_its_numbers() -> None:
    text = text_of("services/events.py")
    assert "n = await INFER_RISK(act, amount=e.amount, night=e.night)" in text
    assert "n.risk_ok" in text
    assert "n.shares[1]" in text


def test_numeric_package_is_the_same_for_the_same_program() -> None:
    files.cache_clear()
    first = files()
    files.cache_clear()
    assert files() == first


def events() -> list[dict[str, Any]]:
    rng = random.Random(5)
    nights = ("no", "yes", None)
    return [
        {"id": str(i), "amount": round(rng.uniform(0.0, 6.0), 3), "night": rng.choice(nights)}
        for i in range(60)
    ]


async def printed(workflow: Any) -> list[Any]:
    """Return what each event gives in the package: the payload, or the code of the failure."""
    (service,) = workflow.services
    (handler,) = service.handlers
    (source,) = handler.reads
    for agent in service.agents:
        folder = Path(importlib.import_module(PACKAGE).__file__ or "").parent
        await agent.start(Resources(package=folder, artifacts=workflow.artifacts))
    targets = {target.name: target.address for target in workflow.targets}

    async def one(at: int, payload: Any) -> Any:
        value = json_decoder(source.type).decode(json.dumps(payload).encode())
        act = Activation(Routes(workflow.name, {}, targets, None), Meta("events", str(at), 0))
        await handler.function(act, value)
        first = act.first
        return first.code if first else json.loads(act.outputs[0].payload)

    found = await asyncio.gather(*[one(at, each) for at, each in enumerate(events())])
    for agent in service.agents:
        await agent.stop()
    return list(found)


def interpreted() -> list[Any]:
    """Return the same by the interpreter."""
    program = module()
    (workflow,) = (op for op in program.walk() if isinstance(op, WorkflowOp))
    given = [Event(str(at), "events", payload) for at, payload in enumerate(events())]
    done = run(program, workflow.symbol, given, World())
    found: list[Any] = [None] * len(given)
    for emitted in done.emitted:
        found[int(emitted.event)] = emitted.payload
    for report in done.reports:
        found[int(report.event.id)] = report.failure.code
    return found


def test_numeric_package_means_what_the_interpreter_says(package: Any) -> None:
    found, wanted = asyncio.run(printed(package)), interpreted()
    assert found == wanted
    assert "impossible-evidence" in wanted
    assert sum(isinstance(each, dict) for each in wanted) > 20


def test_numeric_package_one_bad_row_fails_alone(package: Any) -> None:
    (model,) = package.services[0].agents

    async def body() -> list[Any]:
        folder = Path(importlib.import_module(PACKAGE).__file__ or "").parent
        await model.start(Resources(package=folder, artifacts=package.artifacts))
        act = Activation(Routes("w", {}, {}, None), Meta("events", "1", 0))
        amounts: list[Any] = [1.0, "many", 3.0]
        calls = [model(act, amount=each, night="no") for each in amounts]
        return list(await asyncio.gather(*calls))

    first, bad, last = asyncio.run(body())
    assert (first.shares[1], last.shares[1]) == (2.0, 6.0)
    assert isinstance(bad, Failure)
