"""Compiled Bayesian networks against pyAgrum: time of a query, and of a row in a batch.

Both are called from Python in one run, in thread time on one thread. "keeps" is pyAgrum as fast as
it can be: evidence is changed, and an engine keeps the messages that did not change. "fresh" is
pyAgrum when each row brings its evidence anew. T is the limit of late binding; with T = 0 all
evidence is looked up in the tables of the network, so the rest is inference alone.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Any, NamedTuple

import numpy as np

from benchmarks.inference.peer import ENGINES, Peer, best_us, fresh, keeping, to_peer
from benchmarks.inference.questions import (
    FINDINGS,
    RANDOM_QUESTIONS,
    Question,
    Rows,
    diagnosis,
    load,
    random_question,
    sampled_rows,
)
from benchmarks.tables import Cell, Options, Table
from kumeo.models.elimination import BIND_LIMIT, Plan, plan
from kumeo.models.network import Network
from kumeo.testing.networks import question_model

LIMITS = (0, BIND_LIMIT)
BATCHES = (64, 256, 1000)
ROWS = 40


class Cost(NamedTuple):
    """Microseconds per row, of one at a time and in the best batch."""

    one_us: float
    batch_us: float


class Compared(NamedTuple):
    """What one question costs."""

    question: Question
    keeps_us: float
    fresh_us: float
    costs: Mapping[int, Cost]


def measure(options: Options) -> Table:
    """Compare on all questions; one row per network and kind of question."""
    rows: list[list[Cell]] = []
    everything: dict[str, list[Compared]] = {"diagnosis": [], "random": []}
    for net, findings in FINDINGS.items():
        network = load(net)
        peer = to_peer(network)
        asked = [diagnosis(net, network, findings)]
        asked += [random_question(net, network, seed) for seed in range(RANDOM_QUESTIONS)]
        found = [compare(network, peer, each, options.best_of) for each in asked]
        everything["diagnosis"] += found[:1]
        everything["random"] += found[1:]
        rows += [_row(net, "diagnosis", found[:1]), _row(net, "random", found[1:])]
    columns = ["network", "questions", "keeps us", "fresh us"]
    for limit in LIMITS:
        columns += [f"T={limit} us", "/keeps", "/fresh", "batch us", "/keeps "]
    columns = _distinct(columns)
    title = f"Bayesian networks compiled, against pyAgrum {version('pyagrum')}"
    return Table(title, columns, rows, [*_notes(everything)])


def compare(network: Network, peer: Peer, question: Question, best_of: int) -> Compared:
    """Measure one question on both sides."""
    rows = sampled_rows(network, question, ROWS)
    keeps = best_us([keeping(*peer, question, each) for each in ENGINES], rows, best_of)
    anew = best_us([fresh(*peer, question, each) for each in ENGINES], rows, best_of)
    costs: dict[int, Cost] = {}
    for limit in LIMITS:
        found = plan(network, question.query, question.evidence, bind_limit=limit)
        costs[limit] = compiled_cost(network, found, rows)
    return Compared(question, keeps, anew, costs)


def compiled_cost(
    network: Network,
    found: Plan,
    rows: Rows,
    batches: Sequence[int] = BATCHES,
    times: int = 400,
) -> Cost:
    """Measure the graph of a plan in ONNX Runtime; single rows take turns."""
    session = open_session(network, found)
    names: list[str] = ["p", "possible"]
    feeds = [feed(found, rows[i : i + 1]) for i in range(len(rows))]
    one = _median_us(lambda i: session.run(names, feeds[i % len(feeds)]), times)
    best = math.inf
    for size in batches:
        many = feed(found, np.resize(rows, (size, rows.shape[1])))
        best = min(
            best, _median_us(lambda _, many=many: session.run(names, many), 1 + times // 32) / size
        )
    return Cost(one, best)


def open_session(network: Network, found: Plan) -> Any:
    """Return the graph of a plan, ready to run on one thread."""
    runtime: Any = import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    model = question_model(network, found)
    return runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def feed(found: Plan, rows: Rows) -> dict[str, Rows]:
    """Return the inputs of the graph: a column for each piece of evidence that is read."""
    places = [found.evidence.index(name) for name in found.read]
    return {f"e{place}": np.ascontiguousarray(rows[:, place]) for place in places}


def _median_us(work: Callable[[int], object], times: int) -> float:
    work(0)
    found: list[float] = []
    for _ in range(5):
        start = time.thread_time()
        for i in range(times):
            work(i)
        found.append((time.thread_time() - start) / times)
    return sorted(found)[2] * 1e6


def _row(net: str, kind: str, found: Sequence[Compared]) -> list[Cell]:
    keeps, anew = mean([c.keeps_us for c in found]), mean([c.fresh_us for c in found])
    row: list[Cell] = [net, kind, keeps, anew]
    for limit in LIMITS:
        one = mean([c.costs[limit].one_us for c in found])
        batch = mean([c.costs[limit].batch_us for c in found])
        row += [one, keeps / one, anew / one, batch, keeps / batch]
    return row


def mean(values: Sequence[float]) -> float:
    """Return the geometric mean."""
    return math.exp(sum(map(math.log, values)) / len(values))


def _distinct(columns: Sequence[str]) -> list[str]:
    """Make the names of columns different, by spaces that nobody sees."""
    found: list[str] = []
    for column in columns:
        while column in found:
            column += " "
        found.append(column)
    return found


def _notes(everything: Mapping[str, Sequence[Compared]]) -> Iterator[str]:
    yield f"onnxruntime {version('onnxruntime')}; means are geometric; random: 5 to 10 findings"
    for kind, found in everything.items():
        nets = {
            c.question.net: [d for d in found if d.question.net == c.question.net] for c in found
        }
        for limit in LIMITS:
            yield f"{kind}, T={limit}: {_summary(list(nets.values()), limit)}"


def _summary(nets: Sequence[Sequence[Compared]], limit: int) -> str:
    def ratios(of: Callable[[Compared], float]) -> str:
        each = [mean([of(c) for c in net]) for net in nets]
        worst = min(of(c) for net in nets for c in net)
        return f"{mean(each):.1f} (least net {min(each):.1f}, least question {worst:.1f})"

    keeps = ratios(lambda c: c.keeps_us / c.costs[limit].one_us)
    anew = ratios(lambda c: c.fresh_us / c.costs[limit].one_us)
    batch = ratios(lambda c: c.keeps_us / c.costs[limit].batch_us)
    return f"batch 1 /keeps {keeps}, /fresh {anew}; batch /keeps {batch}"
