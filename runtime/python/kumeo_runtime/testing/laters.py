"""A workflow whose call fails at first and is tried again much later, for the simulation.

Most pauses are longer than the journal is kept, so what it says has to travel with the message.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from kumeo_runtime.activation import Activation
from kumeo_runtime.agents.base import AwaitedAgent, Path, Policy
from kumeo_runtime.spec import Edge, Handler, ServiceSpec, Source, Target, Workflow
from kumeo_runtime.testing.flows import CONSUMER, Number, Plain
from kumeo_runtime.values import Failure, Fault

PAUSE_S = 12.0
ATTEMPTS = 3
TRIED = Edge("tried", "tried", Plain)
PATIENT = replace(CONSUMER, later_s=1.0)
Tell = Callable[[Any, int], int]


class Failing(AwaitedAgent[int]):
    """Fails so often as its number says, then answers."""

    def __init__(self, site: str, tell: Tell, pause_s: float = PAUSE_S) -> None:
        policy = Policy(attempts=ATTEMPTS, backoff="fixed", delay_s=pause_s)
        super().__init__(site=site, result=int, policy=policy)
        self._tell = tell

    async def work(self, act: Any, path: Path, inputs: Mapping[str, Any]) -> int:
        """Count the attempts in the journal, as no attempt knows its number."""
        made = 0
        while made < ATTEMPTS - 1:
            if await act.journal.read(self.site, path, int, made + 1) is None:
                break
            made += 1
        act.lease()  # reading took time
        if made < inputs["failures"]:
            self._tell(act, made + 1)
            raise Fault("attempt-failed", f"attempt {made + 1}")
        return self._tell(act, 0)


def laters_flow(first: Tell, second: Tell, pause_s: float = PAUSE_S) -> Workflow:
    """Return: a call that answers at once, then one that fails n % 3 times, then a value."""
    source, target = Source("numbers", "nats", "in.l", Number), Target("late", "nats", "out.l", Any)
    quick, slow = Failing("quick", first), Failing("slow", second, pause_s)

    async def take(act: Activation, event: Number) -> None:
        act.send(TRIED, Plain(act.meta, event.n, event.key))

    async def work(act: Activation, message: Plain) -> None:
        known = await quick(act, failures=0)
        answer = await slow(act, failures=message.n % ATTEMPTS)
        if isinstance(known, Failure) or isinstance(answer, Failure):
            return
        act.emit(target, {"n": message.n, "known": known, "answer": answer}, site="emit")

    one = Handler("take", take, (source,), (TRIED,), consumer=PATIENT)
    two = Handler("work", work, TRIED, emits=(target,), consumer=PATIENT)
    services = (ServiceSpec("ends", (one,)), ServiceSpec("middle", (two,), (quick, slow)))
    return Workflow("Laters", "laters", "1", services, (source,), (target,), (TRIED,))
