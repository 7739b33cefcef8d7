"""`llm-calls`: what language models are asked by workflows, as written and after `-O2`.

The three workflows in `examples/optimise/`, which have waste, and two ordinary ones handle 1,000
generated events each; models answer from stubs. Tokens are characters / 4, which is an
approximation: no tokeniser is part of the project. The text of a call is `system` and then the
prompt. What it has in common, from the first character on, with an earlier call of the same agent
counts as cached; the rest is uncached.
"""

import random
import time
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.tables import Cell, Options, Table

if TYPE_CHECKING:
    from xdsl.dialects.builtin import ModuleOp

    from kumeo.interp.results import Run
    from kumeo.interp.world import Event

EXAMPLES = Path(__file__).parent.parent / "examples" / "optimise"
EVENTS = 1_000
CHARACTERS_PER_TOKEN = 4
GOALS = {"calls": 0.7, "uncached tokens": 0.6}
WORDS = [
    "the",
    "a",
    "we",
    "you",
    "it",
    "was",
    "is",
    "not",
    "and",
    "but",
    "for",
    "with",
    "room",
    "price",
    "wheel",
    "car",
    "house",
    "water",
    "light",
    "door",
    "late",
    "never",
    "again",
    "very",
    "good",
    "bad",
    "broken",
    "clean",
    "order",
    "invoice",
    "please",
    "thanks",
    "weeks",
    "days",
    "service",
]


@dataclass
class Asked:
    """What the language models were asked in one run."""

    calls: int = 0
    tokens: float = 0.0
    uncached: float = 0.0
    _texts: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """All texts of an agent, sorted: the longest common start is that of a neighbour."""

    def add(self, agent: str, text: str, calls: int) -> None:
        """Count `calls` calls of an agent with one text."""
        for _ in range(calls):
            known = self._texts.setdefault(agent, [])
            at = bisect_left(known, text)
            near = known[max(0, at - 1) : at + 1]
            cached = max((common_start(text, other) for other in near), default=0)
            insort(known, text)
            self.calls += 1
            self.tokens += len(text) / CHARACTERS_PER_TOKEN
            self.uncached += (len(text) - cached) / CHARACTERS_PER_TOKEN


def common_start(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def measure(options: Options) -> Table:
    """Return calls and tokens of each example, as written and after `-O2`."""
    rows: list[list[Cell]] = []
    notes: list[str] = []
    for name, make in EVENT_MAKERS.items():
        events = events_of(make)
        plain, before = ask(name, compiled(name, "O0"), events)
        small, after = ask(name, compiled(name, "O2"), events)
        if observed(plain) != observed(small):
            raise RuntimeError(f"{name}: -O2 changes what the workflow does")
        rows.append(
            [
                name,
                before.calls,
                after.calls,
                after.calls / before.calls,
                round(before.tokens),
                round(after.tokens),
                round(before.uncached),
                round(after.uncached),
                after.uncached / before.uncached,
            ]
        )
        notes.append(f"{name}: {len(plain.emitted)} messages, {len(plain.reports)} reports, equal")
    limits = ", ".join(f"{what} {limit} x or less" for what, limit in GOALS.items())
    goals = f"{limits}, for {', '.join(WASTEFUL)}; the others ask nothing in vain"
    columns = [
        *("workflow", "calls -O0", "calls -O2", "ratio", "tokens -O0", "tokens -O2"),
        *("uncached -O0", "uncached -O2", "uncached ratio"),
    ]
    title = f"llm-calls: {EVENTS:,} events, stub models, tokens = characters / 4"
    return Table(title, columns, rows, [*notes, f"goal: {goals}"])


def compiled(name: str, level: str) -> "ModuleOp":
    """Return an example after the passes of a level."""
    from kumeo.diagnostics import Source
    from kumeo.frontend.compile import compile_source
    from kumeo.passes.manager import Manager
    from kumeo.passes.pipelines import pipeline_text
    from kumeo.passes.resolve import PassTable, resolve
    from kumeo.passes.timing import Timer
    from kumeo.tools.catalog import make_catalog
    from kumeo.tools.files import FolderFiles

    path = path_of(name)
    source = Source(path.name, path.read_text(encoding="utf-8"))
    module = compile_source(source, FolderFiles.beside(str(path))).module
    assert module is not None, f"{name} is valid"
    catalog = make_catalog()
    table = PassTable(catalog.find_pass, catalog.pass_names, catalog.nearest_op)
    steps, found = resolve(pipeline_text(level), table)
    assert not found, found
    outcome = Manager(catalog.ctx, Timer(time.process_time)).run(steps, module)
    assert outcome.failed is None, outcome.diagnostics
    return module


def path_of(name: str) -> Path:
    """Return the file of an example."""
    wasteful = EXAMPLES / f"{name}.kumeo"
    return wasteful if wasteful.exists() else EXAMPLES.parent / f"{name}.kumeo"


def ask(name: str, module: "ModuleOp", events: "list[Event]") -> "tuple[Run, Asked]":
    """Run the module of an example and listen to what its language models are asked."""
    from kumeo.dialects.agent import LlmOp
    from kumeo.dialects.workflow import WorkflowOp
    from kumeo.interp.agents import agent
    from kumeo.interp.evaluate import Frame, Program, Routine, Step
    from kumeo.interp.run import all_rules, find_workflow, handle
    from kumeo.interp.session import Session
    from kumeo.interp.world import World
    from kumeo.tools.files import FolderFiles

    asked = Asked()

    def listening(op: LlmOp, program: Program) -> Step:
        step = agent(op, program)
        operands = program.slots([v for v in (op.system, op.prompt) if v is not None])

        def heard(frame: Frame) -> Routine | None:
            calls = frame.activation.session.run.calls
            count = len(calls)
            routine = step(frame)
            if len(calls) > count:
                text = "\n".join(str(value) for value in frame.read(operands))
                asked.add(op.agent_id, text, len(calls) - count)
            return routine

        return heard

    chosen = find_workflow(module, None)
    assert isinstance(chosen, WorkflowOp), "an example has one workflow"
    files = FolderFiles.beside(str(path_of(name)))
    world = World(trace="none", read_file=files.read)
    session = Session(module, chosen, world, {**all_rules(), LlmOp: listening})
    session.start_config()
    for event in events:
        handle(session, event)
    return session.run, asked


def observed(done: "Run") -> tuple[Counter[str], Counter[str]]:
    """Return the messages and reports of a run, whatever their order."""
    emitted = Counter(repr((e.id, e.target, e.payload)) for e in done.emitted)
    reports = Counter(repr((r.event.id, r.target, r.payload)) for r in done.reports)
    return emitted, reports


def events_of(make: Callable[[random.Random, int], Mapping[str, Any]]) -> "list[Event]":
    """Return the events of one example, the same on each run."""
    from kumeo.interp.world import Event

    draw = random.Random(2026)
    return [Event(f"e{k}", "source", make(draw, k)) for k in range(EVENTS)]


def prose(draw: random.Random, least: int, most: int) -> str:
    """Return some words."""
    return " ".join(draw.choices(WORDS, k=draw.randint(least, most))) + "."


def a_mail(draw: random.Random, number: int) -> Mapping[str, Any]:
    """A mail: two of three come from a mailing list, one in fifty is too large."""
    return {
        "id": f"m{number}",
        "sender": f"{draw.choice(WORDS)}{number}@example.org",
        "subject": prose(draw, 1, 6),
        "body": prose(draw, 40, 200),
        "size": draw.randint(900, 20_000) if draw.random() < 0.98 else 900_000,
        "bulk": draw.random() < 0.66,
    }


def a_claim(draw: random.Random, number: int) -> Mapping[str, Any]:
    """A claim: one in three is small, half of all are about cars."""
    return {
        "id": f"c{number}",
        "kind": draw.choices(("car", "house", "travel"), (50, 30, 20))[0],
        "amount": round(draw.lognormvariate(6.2, 1.2), 2),
        "report": prose(draw, 30, 150),
        "photos": draw.choices((0, 1, 4), (20, 40, 40))[0],
    }


def a_review(draw: random.Random, number: int) -> Mapping[str, Any]:
    """A review: most are good, half are in English."""
    return {
        "id": f"r{number}",
        "hotel": f"hotel {draw.choice(WORDS)}",
        "stars": draw.choices((1, 2, 3, 4, 5), (8, 10, 17, 35, 30))[0],
        "language": draw.choices(("en", "de", "es", "fr"), (50, 20, 20, 10))[0],
        "title": prose(draw, 2, 5),
        "text": prose(draw, 30, 150),
        "photos": [f"https://photos.example.org/{number}/{k}.jpg" for k in range(3)],
    }


def a_payment(draw: random.Random, number: int) -> Mapping[str, Any]:
    """A payment: most are small and at home."""
    return {
        "tx_id": f"t{number}",
        "card": f"card{draw.randrange(50)}",
        "amount": round(draw.lognormvariate(4.0, 1.8), 2),
        "country": draw.choices(("CL", "US", None), (70, 20, 10))[0],
        "at": f"2026-01-{1 + number % 28:02}T{draw.randrange(24):02}:00:00Z",
    }


def a_ticket(draw: random.Random, number: int) -> Mapping[str, Any]:
    """A support ticket."""
    return {
        "id": f"s{number}",
        "subject": prose(draw, 2, 6),
        "body": prose(draw, 20, 120) + "!" * draw.choice((0, 0, 0, 3)),
        "customer": {
            "name": draw.choice(WORDS),
            "email": f"{number}@example.org",
            "plan": draw.choice(("free", "team", "enterprise")),
        },
        "received": f"2026-01-{1 + number % 28:02}T10:00:00Z",
    }


WASTEFUL = ("mail_intake", "claim_severity", "review_answers")
EVENT_MAKERS: Mapping[str, Callable[[random.Random, int], Mapping[str, Any]]] = {
    "mail_intake": a_mail,
    "claim_severity": a_claim,
    "review_answers": a_review,
    "fraud_detection": a_payment,
    "text_triage": a_ticket,
}
