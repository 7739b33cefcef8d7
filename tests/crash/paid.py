"""Kills a worker at each step of a conversation with a model; each question is paid for once.

    python tests/crash/paid.py [STEP …]

A conversation has four questions: the first engine is not there for it, the second one calls a
tool, gives an answer that does not fit, and then one that does. A worker dies at every write to the
journal, the store and the target, before it is sent, after, and when the store has answered.
Prints one JSON line; the exit code is 1 when something is wrong.
"""

import asyncio
import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.testing.fake_models import Call, Counts, FakeModels, Fault, Reply, Rule, Script
from paid_worker import settings, workflow
from processes import HERE, Supervised, end_by_cleaning_up, free_port, server, until_listening

KINDS = {"journal": 6, "state": 8, "value": 1, "ack": 1}
"""How many writes of a kind a conversation has."""
STEPS = tuple(
    f"{when} {kind} {number}"
    for kind, count in KINDS.items()
    for number in range(count)
    for when in (("before", "after") if kind == "ack" else ("before", "after", "told"))
)
LOST = ("before journal 0", "before journal 1", "before journal 3", "before journal 4")
"""Where an answer has come and is not recorded: the one thing that is paid for again."""
USED = Counts(100, 10)
DONE_S = 20.0


def script() -> Script:
    """Return what the models say."""
    gone = Reply(fault=Fault(status=404, message="no such model"))
    return Script(
        rules=[
            Rule([gone], model="down"),
            Rule([Reply(json={"level": "high"}, usage=USED)], prompt="cannot be used"),
            Rule([Reply(json={"level": "huge"}, usage=USED)], prompt=r"\n2$"),
            Rule([Reply(tool_calls=[Call("stock", {"n": 1})], usage=USED)]),
        ]
    )


class Paid:
    """One server, one worker that dies and comes back, one model."""

    def __init__(self, folder: Path, models: FakeModels) -> None:
        self.models = models
        self.folder = folder
        self.port = free_port()
        self.server = server(folder / "store", self.port)
        self.step = folder / "step"
        self.tool = folder / "tool"
        url = f"nats://127.0.0.1:{self.port}"
        environment = {
            "KUMEO_CRASH_STEP": str(self.step),
            "KUMEO_CRASH_TOOL": str(self.tool),
            "KUMEO_OLLAMA_URL": models.url,
            "KUMEO_OPENAI_URL": models.openai_url,
        }
        command = [sys.executable, str(HERE / "paid_worker.py"), url]
        self.worker = Supervised("worker", command, folder / "worker.log", environment)
        self.worker.pause_s = 0.05
        self.client = RuntimeClient(workflow(), settings(url))
        self.wrong: list[str] = []
        self.paid = Counter[str]()

    async def run(self, steps: Sequence[str]) -> None:
        """Let the worker die at each step."""
        self.server.start()
        await until_listening(self.port)
        await self.client.connect()
        self.worker.start()
        for number, step in enumerate(steps):
            await self._die_at(step, number)
        await self.worker.stop()
        await self.client.close()
        await self.server.stop()

    async def _die_at(self, step: str, number: int) -> None:
        self.tool.write_text("", encoding="utf-8")
        done = self.step.with_suffix(".done")
        done.unlink(missing_ok=True)
        self.step.write_text(step, encoding="utf-8")
        await asyncio.sleep(0.05)
        await self.client.publish("events", {"n": number}, id=f"e{number}")
        if not await self._made(number + 1):
            self.wrong.append(f"{step}: nothing came out")
        if not done.exists():
            self.wrong.append(f"{step}: was never reached")
        self._judge(step, number)

    async def _made(self, count: int) -> bool:
        deadline = time.monotonic() + DONE_S
        while time.monotonic() < deadline:
            info = await self.client.shared.transport.stream_info(self.client.shared.names.outputs)
            if info is not None and info.messages >= count:
                return True
            await asyncio.sleep(0.02)
        return False

    def _judge(self, step: str, number: int) -> None:
        """Compare what was paid for with the four questions of the conversation."""
        asked = [each.body for each in self.models.requests if mentions(each.body, number)]
        again = sum(n - 1 for n in Counter(json.dumps(body) for body in asked).values())
        allowed = 1 if step in LOST else 0
        if len(asked) != 4 + allowed or again != allowed:
            self.wrong.append(f"{step}: {len(asked)} questions, {again} of them again")
        runs = len(self.tool.read_text(encoding="utf-8").splitlines())
        if runs != (2 if step == "before journal 2" else 1):
            self.wrong.append(f"{step}: the tool ran {runs} times")
        self.paid["questions"] += len(asked)
        self.paid["again"] += again


def mentions(body: Any, number: int) -> bool:
    """Say whether a question is about an event."""
    text = json.dumps(body["messages"])
    return re.search(rf"event {number}:", text) is not None


async def whole(folder: Path, models: FakeModels, steps: Sequence[str]) -> dict[str, Any]:
    """Run all steps and return what is to be told."""
    run, begun = Paid(folder, models), time.monotonic()
    try:
        await asyncio.wait_for(run.run(steps), 600)
    finally:
        await run.worker.stop()
        await run.server.stop()
    seconds = round(time.monotonic() - begun, 1)
    told: dict[str, Any] = {"steps": len(steps), **run.paid, "deaths": run.worker.codes.get(-9, 0)}
    told["exits"] = run.worker.codes
    return {**told, "seconds": seconds, "wrong": run.wrong}


def main(steps: Sequence[str]) -> int:
    """Run the steps that are named, or all; return 1 when something is wrong."""
    end_by_cleaning_up()
    with FakeModels(script()) as models, tempfile.TemporaryDirectory(prefix="kumeo-") as folder:
        told = asyncio.run(whole(Path(folder), models, steps or STEPS))
    print(json.dumps(told))
    return 1 if told["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
