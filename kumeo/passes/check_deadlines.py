"""`check-deadlines`: agents that may take longer than what waits for them.

    nats: { ack_wait: 10s }
    agents: [LLM(id: "judge", …, timeout: 30s)]      // deadline-exceeded

It changes nothing. One attempt is compared with the ack wait of the streams (`ack_wait` of the
section `nats`, `ack_wait_s` of a source): a message that is not acknowledged in time comes again
while the first attempt is at work. All attempts with the pauses between them are compared with the
timeout of an HTTP source and with `latency` of the budget. A reminder of a review must come before
the review ends. Agents without a timeout or retries have no time to compare, so they are left out.

Sound because only written numbers are compared: what is reported can happen.
"""

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.deadlines import deadline_faults
from kumeo.passes.base import KumeoPass


@dataclass(frozen=True)
class CheckDeadlinesPass(KumeoPass):
    """Report agents that outlast an ack wait, a client or the budget, and late reminders."""

    name = "check-deadlines"
    LEVELS: ClassVar[tuple[str, ...]] = ("workflow",)

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Report what is found; the module stays as it is."""
        for diagnostic in deadline_faults(op):
            self.count("deadlines exceeded")
            self.report(diagnostic)
