"""`assign-language`: choose the language in which each stage is written.

    agent.stage @run.score (%x: f64) { %r = agent.call @score … }       // @score is written in Rust
    agent.stage @run.score (%x: f64) language "rust" { … }              // becomes

Stages that inline edges connect run in one process, so they get one language: the first that every
agent in them can run in. The order is that of `prefer`, then that of the first agent. A unit whose
agents take less than `native_below_us` in all is bound by the hop around it: a native hop takes 22
microseconds of CPU time, one in Python 40, so it prefers Rust. That is off by default, because it
brings a second toolchain. A stage that several units contain gets a language only if they agree.

Sound because a language decides how a stage is written, not what it does: every function and agent
has one meaning in all languages in which it says that it can run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr

from kumeo.analysis.costs import cost_of
from kumeo.analysis.errors import IrInvalid
from kumeo.analysis.places import point_of
from kumeo.analysis.stages import StageGraph, graphs_of
from kumeo.analysis.symbols import SymbolIndex
from kumeo.analysis.units import common, languages_of, units_of
from kumeo.dialects.agent import LANGUAGES, StageOp
from kumeo.passes.base import KumeoPass


@dataclass(frozen=True)
class AssignLanguagePass(KumeoPass):
    """Choose the language in which each stage is written."""

    name = "assign-language"
    LEVELS: ClassVar[tuple[str, ...]] = ("stages",)

    prefer: tuple[str, ...] = ()
    """Languages to take where the agents allow it, best first."""

    native_below_us: float | None = None
    """Units with less work than this prefer Rust."""

    def __post_init__(self) -> None:
        """Refuse a language that does not exist."""
        unknown = [name for name in self.prefer if name not in LANGUAGES]
        if unknown:
            raise ValueError(f"`{unknown[0]}` is not one of {', '.join(LANGUAGES)}")

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Choose a language for each unit, then for each stage."""
        index = SymbolIndex(op)
        for graph in graphs_of(op):
            self._assign(graph, index)

    def _assign(self, graph: StageGraph, index: SymbolIndex) -> None:
        units = units_of(graph)
        allowed = {stage: languages_of(stage, index) for stage in graph.order}
        chosen: dict[StageOp, str | None] = {}
        for root, members in units.members.items():
            chosen[root] = self._choose(members, [allowed[stage] for stage in members])
        for stage in graph.order:
            names = {chosen[root] for root in units.roots[stage]}
            name = names.pop() if len(names) == 1 else None
            if name is not None:
                stage.language = StringAttr(name)
                self.count(f"stages in {name}")
            elif names:
                self.remark(stage, "is compiled into services of several languages")

    def _choose(self, members: Sequence[StageOp], allowed: Sequence[tuple[str, ...]]) -> str | None:
        """Return the language of a unit, or report that there is none."""
        agreed = common(allowed)
        if not agreed:
            root = members[0]
            names = ", ".join(f"`@{stage.symbol}`" for stage in members)
            message = f"no language fits all agents of {names}: put them into stages of their own"
            self.report(IrInvalid(point_of(root), root.name, message))
            return None
        work = sum(cost_of(stage).latency_us for stage in members)
        is_light = self.native_below_us is not None and work < self.native_below_us
        order = (*self.prefer, *(("rust",) if is_light else ()), *agreed)
        return next(name for name in order if name in agreed)
