"""Runs a pipeline one pass at a time and keeps what each pass did."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.levels import possible_levels
from kumeo.analysis.text import print_module
from kumeo.backends import graph
from kumeo.diagnostics import Diagnostic
from kumeo.passes.manager import Manager, Statistic
from kumeo.passes.resolve import Step


class State(NamedTuple):
    """The module between two passes."""

    text: str
    """IR without locations."""
    ops: int
    agents: int
    picture: str | None
    """SVG, or None when the level has no picture."""


@dataclass(frozen=True)
class Ran:
    """One pass that ran."""

    step: Step
    summary: str
    """The first paragraph of the pass's own description."""
    seconds_s: float
    """CPU time of the pass, with the verifier after it."""
    statistics: tuple[Statistic, ...]
    diagnostics: tuple[Diagnostic, ...]
    before: State
    after: State


@dataclass(frozen=True)
class Record:
    """A whole run."""

    start: State
    passes: tuple[Ran, ...]
    failed: bool

    @property
    def end(self) -> State:
        """The module after the last pass."""
        return self.passes[-1].after if self.passes else self.start


def record_pipeline(
    manager: Manager, steps: Sequence[Step], module: ModuleOp, clock: Callable[[], float]
) -> Record:
    """Run the steps on `module`, up to the first that fails. `clock` gives CPU seconds.

    Values get names first, so that a value keeps its name when others before it vanish.
    """
    _name_values(module)
    start = state = _state_of(module, None)
    ran: list[Ran] = []
    failed = False
    for step in steps:
        began = clock()
        outcome = manager.run([step], module)
        seconds = clock() - began
        after = _state_of(module, state)
        counts, found = tuple(outcome.statistics), tuple(outcome.diagnostics)
        ran.append(Ran(step, summary_of(step), seconds, counts, found, state, after))
        state, failed = after, outcome.failed is not None
        if failed:
            break
    return Record(start, tuple(ran), failed)


def _name_values(module: ModuleOp) -> None:
    results = (result for op in module.walk() for result in op.results)
    arguments = (a for op in module.walk() for r in op.regions for b in r.blocks for a in b.args)
    unnamed = [v for v in (*results, *arguments) if v.name_hint is None]
    for number, value in enumerate(unnamed):
        value.name_hint = f"v{number}"


def summary_of(step: Step) -> str:
    """Return the first paragraph of a pass's docstring as one line."""
    text = (type(step.runs).__doc__ or "").strip().partition("\n\n")[0]
    return " ".join(text.split())


def _state_of(module: ModuleOp, last: State | None) -> State:
    """Return the state; a module that prints the same keeps its picture."""
    text = print_module(module, locations=False)
    if last is not None and last.text == text:
        return last
    ops = list(module.walk())
    agents = sum(op.name.startswith("agent.") and "id" in op.properties for op in ops)
    has_picture = any(level in graph.LEVELS for level in possible_levels(module))
    bodies = list(graph.bodies_of(module)) if has_picture else []
    picture = graph.render_svg(graph.plan_graph(module, bodies), every=False) if bodies else None
    return State(text, len(ops) - 1, agents, picture)
