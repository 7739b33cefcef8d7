"""The message of `still-pending`. A run that is stopped while a handler is at work."""

import asyncio
import io
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from kumeo_runtime.config import Settings

from kumeo.diagnostics import render_one
from kumeo.tools.running import runner
from kumeo.tools.running.state import WorkflowState

HAND = Path(__file__).parents[2] / "unit" / "tools" / "kumeo"


def test_message_is_the_expected_one(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    golden: Callable[[Path | str, str], None],
) -> None:
    monkeypatch.syspath_prepend(HAND)
    monkeypatch.setattr(runner, "DRAIN_S", 0.1)
    import hand

    begun = asyncio.Event()

    async def never_done(act: object, source: object) -> None:
        begun.set()
        await asyncio.sleep(60)

    handler = replace(hand.WORKFLOW.services[0].handlers[0], function=never_done)
    workflow = hand.workflow(services=(replace(hand.WORKFLOW.services[0], handlers=(handler,)),))
    (tmp_path / "e.jsonl").write_text('{"id": "1", "amount": 1}\n')
    run = runner.Runner(
        workflow,
        tmp_path,
        tmp_path,
        WorkflowState(tmp_path / "Hand"),
        Settings(nats_url="memory://still-pending"),
        runner.RunOptions(hand.SOURCE, str(tmp_path / "e.jsonl"), quiet=True),
        io.BytesIO(),
        io.BytesIO(),
        sys.stderr,
    )

    async def work() -> int:
        running = asyncio.create_task(run.run())
        await begun.wait()
        run.stop()
        return await running

    assert asyncio.run(work()) == 0
    sys.modules.pop("hand", None)
    golden("message.txt", "".join(render_one(found) for found in run.diagnostics))
