"""The message of `meaning-changed`: only a wrong pass of somebody else changes meaning."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Operation

from kumeo.dialects.data import CompareOp
from kumeo.passes.base import OpPass
from kumeo.passes.registry import PASSES

FLOW = """workflow.workflow @Alerts {
  workflow.source @payments nats("payments") : !data.record<{amount: f64, note: !data.str}>
  workflow.target @big nats("big")
  workflow.on @payments (%p: !data.record<{amount: f64, note: !data.str}>) {
    %amount = data.get %p["amount"] : f64
    %limit = data.constant 1000.0 : f64
    %hot = data.compare gt, %amount, %limit : f64
    workflow.if %hot {
      workflow.emit %p : !data.record<{amount: f64, note: !data.str}> to @big site "emit:big"
      workflow.yield
    }
    workflow.return
  }
}
"""


@dataclass(frozen=True)
class LoosenPass(OpPass):
    """Turn `>` into `>=`."""

    name = "loosen"

    def apply_to(self, ctx: Context, root: Operation) -> None:
        for op in root.walk():
            if isinstance(op, CompareOp):
                op.predicate = StringAttr("ge")


def test_message_is_the_expected_one(
    messages: Callable[..., str],
    golden: Callable[[Path | str, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(PASSES, "loosen", lambda: LoosenPass)  # pyright: ignore
    text = messages("-p", "cse, loosen, dce", "--check-semantics=40", stdin=FLOW)
    golden("loosen.txt", text)
