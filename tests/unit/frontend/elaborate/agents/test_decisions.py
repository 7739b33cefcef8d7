"""How a `DecisionMatrix` with weighted criteria reads its thresholds."""

import pytest

from kumeo.diagnostics import Source
from kumeo.frontend.compile import Elaborated, compile_source
from kumeo.interp import Event, World, run

TEXT = """
schema Reading { heat: float }
workflow W {
  source: NATS("in", schema: Reading)
  target: { out: NATS("out") }
  agents: [
    DecisionMatrix(
      id: "state",
      mode: "weighted_sum",
      criteria: { heat: { value: source.heat, weight: 1.0 } },
      thresholds: { THRESHOLDS }
    )
    emit state.decision to target.out
  ]
}
"""


class NoFiles:
    """Holds nothing."""

    def read(self, path: str) -> bytes | None:
        return None


def compiled(thresholds: str) -> Elaborated:
    return compile_source(Source("w.kumeo", TEXT.replace("THRESHOLDS", thresholds)), NoFiles())


@pytest.mark.parametrize(
    "thresholds", ["high: 0.8, middle: 0.5, low: 0.0", "low: 0.0, high: 0.8, middle: 0.5"]
)
@pytest.mark.parametrize(("heat", "decision"), [(0.9, "high"), (0.5, "middle"), (0.1, "low")])
def test_thresholds_any_order_give_the_highest_that_is_reached(
    thresholds: str, heat: float, decision: str
) -> None:
    module = compiled(thresholds).module
    assert module is not None
    module.verify()
    result = run(module, "W", [Event("1", "source", {"heat": heat})], World())
    assert result.payloads("out") == [decision]


@pytest.mark.parametrize("thresholds", ["high: 0.5, low: 0.5", 'high: "much", low: 0.0'])
def test_thresholds_equal_or_no_number_are_reported(thresholds: str) -> None:
    assert [each.code for each in compiled(thresholds).diagnostics] == ["invalid-setting"]


def test_criteria_that_all_weigh_nothing_are_refused() -> None:
    text = TEXT.replace("weight: 1.0", "weight: 0.0").replace("THRESHOLDS", "low: 0.0")
    found = compile_source(Source("w.kumeo", text), NoFiles()).diagnostics
    assert [each.code for each in found] == ["invalid-setting"]
