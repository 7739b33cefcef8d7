"""A worker whose events are questions to a model; it dies at a named step, as `stepped.py` does.

    python paid_worker.py URL

The agent has a chain of two engines, a tool, answers that do not fit, and a budget for the day.
"""

import os
import sys
from pathlib import Path
from typing import Any, Literal

from kumeo_runtime.activation import Activation
from kumeo_runtime.agents import LanguageModel, UserCode
from kumeo_runtime.config import Settings
from kumeo_runtime.llm.tools import Tool
from kumeo_runtime.service import run
from kumeo_runtime.spec import Consumer, ServiceSpec, Workflow
from kumeo_runtime.testing.rig import OUT, flow
from kumeo_runtime.values import Int, Record
from stepped import Fuse, arm

SITE = "judge"


class Verdict(Record):
    level: Literal["low", "high"]


STOCK: UserCode[Int] = UserCode(site="judge.stock", target="paid_tool:stock", result=Int)
JUDGE: LanguageModel[Verdict] = LanguageModel(
    site=SITE,
    engine="openai/down",
    result=Verdict,
    settings={
        "engines": ["openai/down", "ollama/llama3"],
        "budget": {"tokens": 100_000_000, "per": "day"},
        "max_tokens": 50,
    },
    tools=(Tool("stock", STOCK, {"n": Int}, "How many there are."),),
)


async def judged(act: Activation, event: dict[str, Any]) -> None:
    """Ask about an event."""
    verdict = await JUDGE(act, prompt=f"event {event['n']}: how high?")
    act.emit(OUT, {"n": event["n"], "verdict": verdict}, site="emit")


def workflow() -> Workflow:
    """Return the workflow of workers and of who feeds them."""
    made = flow(judged, consumer=Consumer(ack_wait_s=2.0, credit=8, attempts=99))
    service = ServiceSpec("all", made.services[0].handlers, (JUDGE,))
    return Workflow("Flow", "flow", "1", (service,), made.sources, made.targets, made.edges)


def settings(url: str) -> Settings:
    """Return the settings of all processes."""
    return Settings(
        nats_url=url,
        namespace="paid",
        janitor=False,
        rerun_min_s=0.05,
        log_level="error",
        journal_max_bytes=100_000,
    )


if __name__ == "__main__":
    arm(Fuse(Path(os.environ["KUMEO_CRASH_STEP"])))
    sys.exit(run(workflow(), settings(sys.argv[1])))
