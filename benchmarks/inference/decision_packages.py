"""Runs the handlers of a built package in this process, without a broker."""

import asyncio
import importlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kumeo_runtime.activation import Activation, Routes
from kumeo_runtime.agents import Resources
from kumeo_runtime.meta import Meta
from kumeo_runtime.values import json_decoder

from kumeo.tools.running.package import Package


def run_package(package: Package, folder: Path, rows: Sequence[Any]) -> list[Any]:
    """Return for each row the payload that is sent, or the code of the failure.

    The package has one service with one handler, as a decision by itself gives.
    """
    for path, content in package.files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    name = next(folder.glob("*/workflow.py")).parent.name
    _forget(name)
    sys.path.insert(0, str(folder))
    try:
        importlib.invalidate_caches()
        workflow = importlib.import_module(f"{name}.workflow").WORKFLOW
        return asyncio.run(_answers(workflow, folder / name, rows))
    finally:
        sys.path.remove(str(folder))
        _forget(name)


async def _answers(workflow: Any, folder: Path, rows: Sequence[Any]) -> list[Any]:
    (service,) = workflow.services
    (handler,) = service.handlers
    (source,) = handler.reads
    targets = {target.name: target.address for target in workflow.targets}
    for agent in service.agents:
        await agent.start(Resources(package=folder, artifacts=workflow.artifacts))
    decode = json_decoder(source.type).decode
    found: list[Any] = []
    for at, row in enumerate(rows):
        act = Activation(Routes(workflow.name, {}, targets, None), Meta("rows", str(at), 0))
        done = handler.function(act, decode(json.dumps(row).encode()))
        if asyncio.iscoroutine(done):
            await done
        first = act.first
        found.append(first.code if first else json.loads(act.outputs[0].payload))
    return found


def _forget(name: str) -> None:
    for known in [each for each in sys.modules if each.partition(".")[0] == name]:
        del sys.modules[known]
