"""What an `MLModel` on a Bayesian network takes as evidence."""

import pytest

from kumeo.diagnostics import Source
from kumeo.frontend.compile import compile_source
from kumeo.interp import Event, World, run

NETWORK = """
network n { }
variable Abroad { type discrete [ 2 ] { STATES }; }
variable Fraud { type discrete [ 2 ] { yes, no }; }
probability ( Abroad ) { table 0.5, 0.5; }
probability ( Fraud | Abroad ) { (FIRST) 0.75, 0.25; (SECOND) 0.25, 0.75; }
"""
TEXT = """
schema Payment { abroad: bool? }
workflow W {
  source: NATS("in", schema: Payment)
  target: { out: NATS("out") }
  models: { risk: "risk.bif" }
  agents: [
    MLModel(id: "risk", model: models.risk, evidence: { Abroad: EVIDENCE }, query: "Fraud")
    emit risk.Fraud.yes to target.out
  ]
}
"""


class Network:
    """Holds `risk.bif`, whose first variable has the given states."""

    def __init__(self, first: str, second: str) -> None:
        text = NETWORK.replace("STATES", f"{first}, {second}")
        self.data = text.replace("FIRST", first).replace("SECOND", second).encode()

    def read(self, path: str) -> bytes | None:
        return self.data if path == "risk.bif" else None


def probability_of_fraud(files: Network, evidence: str, payload: object) -> float:
    text = TEXT.replace("EVIDENCE", evidence)
    compiled = compile_source(Source("w.kumeo", text), files)
    assert compiled.module is not None, compiled.diagnostics
    world = World(read_file=files.read)
    (answer,) = run(compiled.module, "W", [Event("1", "source", payload)], world).payloads("out")
    return answer


@pytest.mark.parametrize("states", [("yes", "no"), ("True", "False"), ("no", "yes")])
def test_evidence_bool_names_the_state_that_means_it(states: tuple[str, str]) -> None:
    is_first_true = states[0] != "no"
    found = probability_of_fraud(Network(*states), "source.abroad ?? false", {"abroad": True})
    assert found == pytest.approx(0.75 if is_first_true else 0.25)


@pytest.mark.parametrize(("payload", "expected"), [({}, 0.5), ({"abroad": False}, 0.25)])
def test_evidence_optional_bool_null_is_no_evidence(payload: object, expected: float) -> None:
    found = probability_of_fraud(Network("yes", "no"), "source.abroad", payload)
    assert found == pytest.approx(expected)


def test_evidence_bool_for_other_states_is_reported() -> None:
    files = Network("home", "away")
    text = TEXT.replace("EVIDENCE", "source.abroad")
    found = compile_source(Source("w.kumeo", text), files).diagnostics
    assert [each.code for each in found] == ["unknown-state"]


def codes(agent: str) -> list[str]:
    text = TEXT.replace('model: models.risk, evidence: { Abroad: EVIDENCE }, query: "Fraud"', agent)
    found = compile_source(Source("w.kumeo", text), Network("yes", "no")).diagnostics
    return [f"{each.code}: {each.help()}" for each in found]


@pytest.mark.parametrize("name", ["input", "features"])
def test_network_features_of_a_model_are_reported(name: str) -> None:
    agent = f'network: models.risk, {name}: {{ Abroad: source.abroad }}, query: "Fraud"'
    assert codes(agent) == ["unknown-parameter: write `evidence`"]


def test_network_variable_asked_for_twice_is_reported() -> None:
    agent = 'network: models.risk, evidence: { }, query: ["Fraud", "Abroad", "Fraud"]'
    assert codes(agent) == ["duplicate-key: remove one `Fraud`"]
