"""`BayesNet` gives bit by bit what the interpreter gives, on random networks."""

import asyncio
import random
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from kumeo_runtime.agents import AgentError, BayesNet, Resources
from kumeo_runtime.agents.bayes_net import Inference, Network
from kumeo_runtime.testing.calls import MemoryCall
from kumeo_runtime.values import Failure, Fault, Record

from kumeo.frontend.signatures.network import read_network
from kumeo.interp.bayes import ImpossibleEvidenceError, network_from_rows, posterior

BIF = Path(__file__).parents[4] / "examples" / "models" / "fraud_risk.bif"


class YesNo(Record):
    yes: float
    no: float


class Fraud(Record, rename={"fraud": "Fraud"}):
    fraud: YesNo


def written(network: Network, folder: Path) -> Resources:
    (folder / "artifacts").mkdir()
    (folder / "artifacts" / "n.json").write_bytes(msgspec.json.encode(network))
    return Resources(package=folder)


def example() -> Network:
    signature, _ = read_network(BIF.read_bytes(), "n.bif", None)
    assert signature is not None
    as_data = (signature.variables, signature.parents, signature.tables)
    return msgspec.convert(dict(zip(Network.__struct_fields__, as_data, strict=True)), Network)


@pytest.fixture
def fraud(tmp_path: Path) -> BayesNet[Fraud]:
    agent: BayesNet[Fraud] = BayesNet(
        site="risk", artifact="n.json", query=["Fraud"], result=Fraud, inputs=("Foreign", "Night")
    )
    asyncio.run(agent.start(written(example(), tmp_path)))
    return agent


@pytest.mark.parametrize("foreign", ["yes", "no", None])
@pytest.mark.parametrize("night", ["yes", "no", None])
def test_network_of_the_example_agrees_with_the_interpreter(
    fraud: BayesNet[Fraud], foreign: Literal["yes", "no"] | None, night: str | None
) -> None:
    known = example()
    network = network_from_rows(known.variables, known.parents, known.tables)
    given = {"Foreign": foreign, "Night": night}
    evidence = {name: state for name, state in given.items() if state is not None}
    yes, no = posterior(network, "Fraud", evidence)
    for _ in range(2):  # worked out, then looked up
        found = fraud(MemoryCall(), foreign=foreign, night=night)
        assert found == Fraud(fraud=YesNo(yes=yes, no=no))


def test_network_whose_answer_needs_too_much_memory_fails() -> None:
    causes = [f"v{i}" for i in range(32)]
    groups = [causes[i : i + 4] for i in range(0, 32, 4)]
    pairs = [(i, j) for i in range(8) for j in range(i)]
    parents = dict.fromkeys(causes, ()) | {f"w{i}_{j}": (*groups[i], *groups[j]) for i, j in pairs}
    tables = {name: ((0.5, 0.5),) * 2 ** len(of) for name, of in parents.items()}
    network = Network(dict.fromkeys(parents, ("yes", "no")), parents, tables)
    evidence = {name: "yes" for name in parents if name.startswith("w")}
    engine = Inference(network)
    with pytest.raises(Fault, match="takes a table of") as failed:
        engine.posterior("v0", evidence)
    assert failed.value.code == "model-failed"


def random_network(rng: random.Random) -> Network:
    names = [f"v{i}" for i in range(rng.randint(1, 8))]
    states = {name: tuple(f"s{i}" for i in range(rng.randint(1, 9))) for name in names}
    parents = {
        name: tuple(rng.sample(names[:i], min(i, rng.randint(0, 3))))
        for i, name in enumerate(names)
    }
    tables: dict[str, Any] = {}
    for name in names:
        rows = 1
        for parent in parents[name]:
            rows *= len(states[parent])
        tables[name] = tuple(random_row(rng, len(states[name])) for _ in range(rows))
    return Network(states, parents, tables)


def random_row(rng: random.Random, width: int) -> tuple[float, ...]:
    row = [rng.random() if rng.random() > 0.3 else 0.0 for _ in range(width)]
    row[rng.randrange(width)] += 0.1
    return tuple(number / sum(row) for number in row)


@pytest.mark.parametrize("seed", range(60))
def test_inference_on_a_random_network_agrees_with_the_interpreter(seed: int) -> None:
    rng = random.Random(seed)
    network = random_network(rng)
    names = list(network.variables)
    engine = Inference(network)
    other = network_from_rows(network.variables, network.parents, network.tables)
    for _ in range(5):
        given = rng.sample(names, rng.randint(0, len(names)))
        evidence = {name: rng.choice(network.variables[name]) for name in given}
        query = rng.choice(names)
        found = engine.posterior(query, evidence)
        try:
            assert found == list(posterior(other, query, evidence))
        except ImpossibleEvidenceError:
            assert found is None


@pytest.mark.parametrize(
    ("inputs", "code", "message"),
    [
        ({"a": "maybe", "b": None}, "unknown-state", "`Foreign` has no state `maybe`"),
        ({"a": True, "b": None}, "unknown-state", "`Foreign` has no state `true`"),
    ],
)
def test_network_unknown_evidence_fails(
    fraud: BayesNet[Fraud], inputs: dict[str, Any], code: str, message: str
) -> None:
    assert fraud(MemoryCall(), **inputs) == Failure(code, message, "risk")


def small(tmp_path: Path, query: str = "B") -> BayesNet[Any]:
    class Answer(Record, rename={"b": query}):
        b: YesNo

    network = Network(
        {"A": ("True", "False"), "B": ("yes", "no")},
        {"A": (), "B": ("A",)},
        {"A": ((1.0, 0.0),), "B": ((0.25, 0.75), (1.0, 0.0))},
    )
    agent: BayesNet[Any] = BayesNet(site="r", artifact="n.json", query=[query], result=Answer)
    asyncio.run(agent.start(written(network, tmp_path)))
    return agent


def test_network_a_boolean_names_a_state(tmp_path: Path) -> None:
    found = small(tmp_path)(MemoryCall(), A=True)
    assert not isinstance(found, Failure)
    assert found.b == YesNo(yes=0.25, no=0.75)


def test_network_impossible_evidence_fails(tmp_path: Path) -> None:
    found = small(tmp_path)(MemoryCall(), A=False)
    message = "the network gives the evidence probability zero"
    assert found == Failure("impossible-evidence", message, "r")


@pytest.mark.parametrize(("query", "inputs"), [("C", {}), ("B", {"C": "x"})])
def test_network_unknown_variable_fails(tmp_path: Path, query: str, inputs: dict[str, Any]) -> None:
    found = small(tmp_path, query)(MemoryCall(), **inputs)
    assert found == Failure("unknown-variable", "the network has no variable `C`", "r")


def test_start_with_a_damaged_file_refuses(tmp_path: Path) -> None:
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts" / "n.json").write_text('{"variables": 5}')
    agent: BayesNet[Any] = BayesNet(site="r", artifact="n.json", query=["Fraud"], result=Fraud)
    with pytest.raises(AgentError) as caught:
        asyncio.run(agent.start(Resources(package=tmp_path)))
    assert caught.value.code == "model-failed"
