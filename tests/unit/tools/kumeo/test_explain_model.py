"""`kumeo explain-model`: what a model file, a network or a table says."""

import gzip
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import skops.io
from sklearn.cluster import KMeans
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC, OneClassSVM

from kumeo.tools.console import Console

Kumeo = Callable[..., Any]

EXAMPLES = Path(__file__).parents[4] / "examples"
RISK = str(EXAMPLES / "models" / "fraud_risk.bif")
ALARM = str(EXAMPLES / "alarm" / "alarm.bif")
CELLS = str(EXAMPLES / "breast_cancer" / "breast_cancer.skops")
FOREST = str(EXAMPLES / "wine" / "wine.skops")
TREE = str(EXAMPLES / "models" / "fraud_anomaly.onnx")
SVG = "{http://www.w3.org/2000/svg}"
LEFT_FAILURE = (ALARM, "--query", "LVFAILURE", "--evidence", "HISTORY,CVP,PCWP")


@pytest.fixture
def told(kumeo: Kumeo) -> Callable[..., Any]:
    """Explain a file as JSON."""

    def call(*arguments: str) -> Any:
        result = kumeo("explain-model", *arguments, "--format", "json")
        assert (result.code, result.err) == (0, "")
        return json.loads(result.out)

    return call


@pytest.fixture
def table(folder: Path, told: Kumeo) -> Callable[[str], Any]:
    """Explain a decision table of this text."""

    def call(text: str) -> Any:
        Path("table.csv").write_text(text, encoding="utf-8")
        return told("table.csv")

    return call


def variable(name: str) -> str:
    """Return the declaration of a variable with two states."""
    return f"variable {name} {{\n  type discrete [ 2 ] {{ a, b }};\n}}\n"


def naive_bayes(leaves: int, least: float) -> str:
    """Return a network of one cause with many effects, some of them nearly impossible."""
    names = [f"L{i}" for i in range(leaves)]
    text = "network n {\n}\n" + "".join(map(variable, ["C", *names]))
    text += "probability ( C ) {\n  table 0.5, 0.5;\n}\n"
    rows = f"  (a) {least}, {1 - least};\n  (b) {2 * least}, {1 - 2 * least};\n"
    return text + "".join(f"probability ( {n} | C ) {{\n{rows}}}\n" for n in names)


def clique(size: int, states: int) -> str:
    """Return a network in which effects tie every two of the causes together."""
    names = ", ".join(f"s{i}" for i in range(states))
    kinds = f"  type discrete [ {states} ] {{ {names} }};\n"
    chances = ", ".join([str(1 / states)] * states)
    text = "network n {\n}\n"
    for i in range(size):
        text += f"variable R{i} {{\n{kinds}}}\nprobability ( R{i} ) {{\n  table {chances};\n}}\n"
    for i, j in combinations(range(size), 2):
        text += variable(f"E{i}_{j}")
        text += f"probability ( E{i}_{j} | R{i}, R{j} ) {{\n  default 0.9, 0.1;\n}}\n"
    return text


def test_network_tree_hangs_children_below_parents(kumeo: Kumeo) -> None:
    result = kumeo("explain-model", RISK)
    assert (
        "  o Foreign: yes|no\n  o Night: yes|no\n  └─ o Fraud: yes|no  (also Foreign)" in result.out
    )


def test_network_without_a_question_proposes_one(kumeo: Kumeo) -> None:
    result = kumeo("explain-model", RISK)
    assert result.out.endswith(f"kumeo explain-model {RISK} --query Foreign --evidence Fraud\n")


def test_network_question_tells_what_is_needed(told: Kumeo) -> None:
    shown = told(*LEFT_FAILURE)
    roles = {row["variable"]: row["role"] for row in shown["tables"]["variables"]}
    assert [roles[n] for n in ("LVFAILURE", "CVP", "LVEDVOLUME", "HYPOVOLEMIA")] == [
        *("asked for", "evidence", "summed out", "summed out")
    ]
    assert roles["PRESS"] == "not needed"


def test_network_question_tells_cost_and_precision(told: Kumeo) -> None:
    facts = told(*LEFT_FAILURE)["facts"]
    assert facts["at -O2"] == "compiled into a graph"
    assert facts["cost"].endswith(" multiply-adds for an event")
    assert facts["computed in"] == "float64"
    assert facts["because"].startswith("possible evidence has a probability of at least 1e-")


def test_network_evidence_without_influence_is_named(told: Kumeo) -> None:
    facts = told(ALARM, "--query", "PAP", "--evidence", "PULMEMBOLUS,CVP")["facts"]
    assert facts["without influence"] == "CVP: the rest decides"


def test_network_tiny_probabilities_rule_float32_out(folder: Path, told: Kumeo) -> None:
    Path("leaves.bif").write_text(naive_bayes(40, 1e-9), encoding="utf-8")
    every = ",".join(f"L{i}" for i in range(40))
    facts = told("leaves.bif", "--query", "C", "--evidence", every)["facts"]
    assert facts["computed in"] != "float32"
    assert "may have a probability of only 1e-" in facts["because"]


def test_network_beyond_the_limits_names_the_fallback(folder: Path, told: Kumeo) -> None:
    Path("clique.bif").write_text(clique(6, 20), encoding="utf-8")
    every = ",".join(f"E{i}_{j}" for i, j in combinations(range(6), 2))
    shown = told("clique.bif", "--query", "R0", "--evidence", every)
    assert shown["facts"]["at -O2"].startswith("not compiled: ")
    assert shown["facts"]["at -O2"].endswith("answered exactly, one event at a time")
    assert shown["tables"]["answers"][0]["s0"] == pytest.approx(1 / 20)


def test_network_answers_show_one_finding_at_a_time(told: Kumeo) -> None:
    answers = told(RISK, "--query", "Fraud", "--evidence", "Foreign")["tables"]["answers"]
    assert [row["finding"] for row in answers] == [
        *("nothing known", "Foreign = yes", "Foreign = no")
    ]
    assert answers[1]["yes"] == pytest.approx(0.25 * 0.85 + 0.75 * 0.3)


def test_network_answers_of_impossible_findings_say_so(folder: Path, told: Kumeo) -> None:
    text = Path(RISK).read_text(encoding="utf-8").replace("table 0.25, 0.75", "table 1.0, 0.0")
    Path("night.bif").write_text(text, encoding="utf-8")
    answers = told("night.bif", "--query", "Fraud", "--evidence", "Night")["tables"]["answers"]
    assert answers[2] == {"finding": "Night = no: impossible", "yes": None, "no": None}


def test_network_many_findings_show_what_changes_most(told: Kumeo) -> None:
    every = "HISTORY,CVP,PCWP,BP,HRBP,HREKG,HRSAT,SAO2,EXPCO2,MINVOL,PRESS,PAP"
    answers = told(ALARM, "--query", "LVFAILURE", "--evidence", every)["tables"]["answers"]
    assert len(answers) == 1 + len(every.split(","))
    assert answers[1]["finding"] == "HISTORY = TRUE"


def test_network_packed_file_is_read(folder: Path, told: Kumeo) -> None:
    Path("risk.bif.gz").write_bytes(gzip.compress(Path(RISK).read_bytes()))
    assert told("risk.bif.gz")["facts"]["variables"] == 3


def test_network_picture_marks_the_roles(kumeo: Kumeo) -> None:
    result = kumeo("explain-model", *LEFT_FAILURE, "--format", "svg")
    root = ET.fromstring(result.out)
    kinds = [group.get("class") for group in root.iter(f"{SVG}g")]
    assert [kinds.count(kind) for kind in ("asked", "given")] == [1, 3]
    assert kinds.count("unused") > 10
    assert kinds.count("unused") + kinds.count("variable") + 4 == 37


def test_network_picture_goes_where_the_ending_says(folder: Path, kumeo: Kumeo) -> None:
    assert kumeo("explain-model", RISK, "-o", "risk.dot").code == 0
    assert Path("risk.dot").read_text(encoding="utf-8").startswith("digraph ")


def test_network_page_holds_the_picture(kumeo: Kumeo) -> None:
    page = kumeo("explain-model", RISK, "--format", "html").out
    assert page.startswith("<!doctype html>")
    assert page.count("<svg ") == 1


def test_network_unknown_variable_names_the_nearest(kumeo: Kumeo) -> None:
    result = kumeo("explain-model", RISK, "--query", "Frud")
    assert result.code == 1
    assert result.err.startswith("error[unknown-variable]: the network has no variable `Frud`")
    assert "write `Fraud`" in result.err


def test_network_query_that_is_given_is_refused(kumeo: Kumeo) -> None:
    result = kumeo("explain-model", RISK, "--query", "Fraud", "--evidence", "Fraud")
    assert "`Fraud` is both asked for and given" in result.err


def test_network_evidence_without_a_question_is_wrong_usage(kumeo: Kumeo) -> None:
    result = kumeo("explain-model", RISK, "--evidence", "Night")
    assert (result.code, "add `--query VARIABLE`" in result.err) == (2, True)


def test_network_with_a_cycle_is_refused(folder: Path, kumeo: Kumeo) -> None:
    text = Path(RISK).read_text(encoding="utf-8")
    cyclic = text.replace(
        "( Night ) {\n  table 0.25, 0.75;", "( Night | Fraud ) {\n  default 1, 0;"
    )
    Path("cycle.bif").write_text(cyclic, encoding="utf-8")
    result = kumeo("explain-model", "cycle.bif")
    assert (result.code, "its variables form a cycle" in result.err) == (1, True)


def test_network_damaged_archive_is_refused(folder: Path, kumeo: Kumeo) -> None:
    Path("cut.bif.gz").write_bytes(gzip.compress(Path(RISK).read_bytes())[:40])
    result = kumeo("explain-model", "cut.bif.gz")
    assert (result.code, result.err[:20]) == (1, "error[corrupt-model]")


def test_table_shows_cells_as_written(table: Kumeo) -> None:
    shown = table('rule,amount,country,outcome\na,> 10,"CL, AR",x\n,,,y\n')
    assert shown["tables"]["rules"] == [
        {"no": 1, "rule": "a", "amount": "> 10", "country": "CL, AR", "-> outcome": "x"},
        {"no": 2, "rule": "rule_2", "amount": None, "country": None, "-> outcome": "y"},
    ]


def test_table_gap_has_an_event(table: Kumeo) -> None:
    gaps = table("amount,outcome\n> 10,x\n< 10,y\n")["facts"]["gaps"]
    assert gaps.startswith("no rule holds when amount is 10.0; ")


def test_table_without_a_gap_is_complete(table: Kumeo) -> None:
    gaps = table("amount,outcome\n> 10,x\n-,y\n")["facts"]["gaps"]
    assert gaps == "none: some rule holds for every event"


def test_table_rule_that_never_fires_is_told(table: Kumeo) -> None:
    shown = table("rule,amount,outcome\na,> 10,x\nb,> 20,y\n")
    assert shown["tables"]["dead"] == [
        {"rule and reason": "the rule b never fires: a holds whenever it does"}
    ]


def test_table_unique_overlap_is_a_fault(table: Kumeo) -> None:
    shown = table("# hit: unique\nrule,amount,outcome\na,> 10,x\nb,> 20,y\n")
    assert shown["tables"]["overlaps"][0]["both hold when"] == "amount is 21.0"
    assert shown["notes"]["overlaps"] == ["the table promises `unique`, so this is a fault"]


def test_table_collect_rules_never_hide_each_other(table: Kumeo) -> None:
    shown = table("# hit: collect\nrule,amount,outcome\na,> 10,x\nb,> 20,y\n")
    assert shown["facts"]["never fire"] == "none of the rules"


def test_table_of_mixed_cells_says_why_nothing_is_known(table: Kumeo) -> None:
    shown = table("amount,outcome\n> 10,x\nbig,y\n")
    assert shown["facts"]["gaps"].startswith("not known: ")


def test_table_without_rules_is_refused(folder: Path, kumeo: Kumeo) -> None:
    Path("empty.csv").write_text("amount,outcome\n", encoding="utf-8")
    result = kumeo("explain-model", "empty.csv")
    assert (result.code, "it has no rules" in result.err) == (1, True)


def test_table_has_no_picture(folder: Path, kumeo: Kumeo) -> None:
    Path("one.csv").write_text("amount,outcome\n-,y\n", encoding="utf-8")
    result = kumeo("explain-model", "one.csv", "--format", "svg")
    assert (result.code, "there is no picture" in result.err) == (2, True)


def test_onnx_trees_and_ops_are_counted(told: Kumeo) -> None:
    shown = told(TREE)
    assert shown["facts"]["trees"] == "1 with 64 leaves"
    assert shown["tables"]["ops"] == [{"op": "ai.onnx.ml.TreeEnsembleRegressor", "nodes": 1}]


def test_onnx_damaged_file_is_refused(folder: Path, kumeo: Kumeo) -> None:
    Path("bad.onnx").write_bytes(Path(TREE).read_bytes()[:99])
    result = kumeo("explain-model", "bad.onnx")
    assert (result.code, result.err[:20]) == (1, "error[corrupt-model]")


def test_sklearn_features_are_ranked_by_weight(told: Kumeo) -> None:
    features = told(CELLS)["tables"]["features"]
    assert features[0]["feature"] == "radius"
    assert features[0]["largest weight"] > abs(features[-1]["largest weight"])


def test_sklearn_forest_is_counted(told: Kumeo) -> None:
    facts = told(FOREST)["facts"]
    assert (facts["form"], facts["trees"], facts["compares in"]) == ("trees", 15, "float32")


def test_sklearn_pickle_is_refused(folder: Path, kumeo: Kumeo) -> None:
    Path("model.pkl").write_bytes(b"\x80\x04.")
    result = kumeo("explain-model", "model.pkl")
    assert (result.code, result.err[:19]) == (1, "error[unsafe-model]")


def test_file_that_is_missing_names_the_nearest(folder: Path, kumeo: Kumeo) -> None:
    Path("risk.bif").write_bytes(Path(RISK).read_bytes())
    result = kumeo("explain-model", "rsk.bif")
    assert (result.code, "did you mean `risk.bif`?" in result.err) == (2, True)


def test_file_with_an_unknown_ending_is_wrong_usage(folder: Path, kumeo: Kumeo) -> None:
    Path("model.h5").write_bytes(b"x")
    result = kumeo("explain-model", "model.h5")
    assert (result.code, "has no known ending" in result.err) == (2, True)


def test_file_that_is_a_pipe_is_refused(folder: Path, kumeo: Kumeo) -> None:
    import os

    os.mkfifo("pipe.bif")
    result = kumeo("explain-model", "pipe.bif")
    assert (result.code, "it is no regular file" in result.err) == (2, True)


def test_onnx_model_that_no_graph_takes_says_why(told: Kumeo) -> None:
    shown = told(str(EXAMPLES / "models" / "triage.onnx"))
    assert shown["facts"]["at -O2"] == "runs by itself: it takes or gives texts"


@pytest.mark.parametrize(
    ("model", "verdict"),
    [
        (KNeighborsClassifier(1, algorithm="kd_tree"), "cannot be built: it holds types that are"),
        (KNeighborsClassifier(1, algorithm="brute"), "runs by itself: operator `Scan` runs an"),
        (SVC(), "one op of a graph, as it is"),
        (KMeans(2), "one op of a graph, as it is"),
        (OneClassSVM(), "one op of a graph, as it is"),
    ],
)
def test_sklearn_model_without_rules_tells_whether_it_can_be_built(
    folder: Path, told: Kumeo, model: Any, verdict: str
) -> None:
    skops.io.dump(model.fit([[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1]), "m.skops")
    assert verdict in told("m.skops")["facts"]["at -O2"]


def test_flow_lists_its_numeric_agents(told: Kumeo) -> None:
    shown = told(str(EXAMPLES / "wine" / "wine.kumeo"))
    kinds = {row["agent"]: row["kind"] for row in shown["tables"]["agents"]}
    assert (kinds["usual"], kinds["kind"], kinds["next"]) == (
        "model",
        "Bayesian network",
        "decision",
    )


def test_flow_with_a_mistake_is_rejected(folder: Path, kumeo: Kumeo) -> None:
    Path("bad.kumeo").write_text("workflow {", encoding="utf-8")
    result = kumeo("explain-model", "bad.kumeo")
    assert (result.code, result.err[:19]) == (1, "error[syntax-error]")


def test_flow_is_no_network_that_can_be_asked(kumeo: Kumeo) -> None:
    result = kumeo("explain-model", str(EXAMPLES / "wine" / "wine.kumeo"), "--query", "Cultivar")
    assert (result.code, "only a Bayesian network can be asked" in result.err) == (2, True)


def test_network_question_shows_what_takes_long(
    kumeo: Kumeo, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []

    def progress(_: Console, text: str) -> None:
        shown.append(text)

    monkeypatch.setattr(Console, "progress", progress)
    kumeo("explain-model", *LEFT_FAILURE)
    findings = [f"sample answers: {i}/3 {n}" for i, n in enumerate(("HISTORY", "CVP", "PCWP"), 1)]
    asked = "planning how to ask for LVFAILURE"
    assert shown == [f"reading {ALARM}", asked, *findings, ""]
