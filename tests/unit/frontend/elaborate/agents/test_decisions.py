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


RULES = 'rules: [{ when: source.heat > 1.0, then: "hot" }],'


@pytest.mark.parametrize("mode", ["weighted_sum", "first_match"])
def test_criteria_and_rules_together_are_refused(mode: str) -> None:
    text = TEXT.replace("criteria:", f"{RULES} criteria:").replace("weighted_sum", mode)
    text = text.replace("THRESHOLDS", "high: 1.0")
    found = compile_source(Source("w.kumeo", text), NoFiles()).diagnostics
    assert "unknown-parameter" in [each.code for each in found]


def test_criterion_negative_weight_says_which_weights_there_are() -> None:
    text = TEXT.replace("weight: 1.0", "weight: -1.0").replace("THRESHOLDS", "high: 1.0")
    found = compile_source(Source("w.kumeo", text), NoFiles()).diagnostics
    assert [each.help() for each in found] == ["write a weight of 0 or more"]


class OneTable:
    """Holds `heat.csv`, a table whose second rule never fires."""

    def read(self, path: str) -> bytes | None:
        return b"name,heat,outcome\n,> 1,hot\n,> 2,hotter\n" if path == "heat.csv" else None


def test_table_conditions_have_the_places_of_their_cells() -> None:
    text = """
schema Reading { heat: float  name: string }
workflow W {
  source: NATS("in", schema: Reading)
  target: NATS("out")
  agents: [ state = DecisionMatrix(rules: "heat.csv", default: "cold"), emit state to target ]
}
"""
    module = compile_source(Source("w.kumeo", text), OneTable()).module
    assert module is not None
    places = [str(op.location) for op in module.walk() if op.name == "data.compare"]
    assert places == ['loc("heat.csv":2:2)', 'loc("heat.csv":3:2)']
