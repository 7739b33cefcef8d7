"""`place-services`: say which service each stage belongs to.

    agent.stage @run.score (%x: f64) { … }
    agent.stage @run.score (%x: f64) service "score" { … }      // becomes

A service holds everything that inline edges lead to from a stage that tokens enter from outside. So
without `agent-fuse` it holds one stage. Its name is that of the stage, as a DNS label. A stage that
only inline edges of several services reach is compiled into each of them, and names none.

`share` puts the services of one language together, but for those with agents that take longer than
`own_from_us`: they fail and scale on their own.

Sound because a service decides where a stage runs, not what it does.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr

from kumeo.analysis.costs import cost_of
from kumeo.analysis.stages import StageGraph, graphs_of
from kumeo.analysis.units import units_of
from kumeo.dialects.agent import StageOp
from kumeo.passes.base import KumeoPass

_LABEL_MAX = 40
"""A DNS label has up to 63 letters; the rest is for the name of the workflow."""


@dataclass(frozen=True)
class PlaceServicesPass(KumeoPass):
    """Say which service each stage belongs to."""

    name = "place-services"
    LEVELS: ClassVar[tuple[str, ...]] = ("stages",)

    share: bool = False
    """Put services of one language together."""

    own_from_us: int = 10_000
    """Work from which a service stays on its own although services are shared."""

    def __post_init__(self) -> None:
        """Refuse a time that is negative."""
        if self.own_from_us < 0:
            raise ValueError("a time is at least 0")

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Name the services of each workflow."""
        for graph in graphs_of(op):
            self._place(graph)

    def _place(self, graph: StageGraph) -> None:
        units = units_of(graph)
        taken = {s.service.data: None for s in graph.order if s.service is not None}
        services: dict[StageOp, str] = {}
        for root, members in units.members.items():
            services[root] = self._service(root, members, taken)
        for stage in graph.order:
            names = dict.fromkeys(services[root] for root in units.roots[stage])
            if len(names) == 1 and stage.service is None:
                stage.service = StringAttr(next(iter(names)))
            elif len(names) > 1:
                self.remark(stage, f"is compiled into {len(names)} services: {', '.join(names)}")
        self.count("services", len(set(services.values())))

    def _service(self, root: StageOp, members: Sequence[StageOp], taken: dict[str, None]) -> str:
        if root.service is not None:
            return root.service.data
        work = sum(cost_of(stage).latency_us for stage in members)
        if self.share and work < self.own_from_us:
            language = "any" if root.language is None else root.language.data
            return f"shared-{language}"
        return free_label(label_of(root.symbol), taken)


def label_of(symbol: str) -> str:
    """Return the name of a stage as a DNS label, without the word that says why it is a stage."""
    name = re.sub(r"^(on|run)\.", "", symbol).lower()
    label = re.sub(r"[^a-z0-9]+", "-", name).strip("-")[:_LABEL_MAX].strip("-")
    return label or "stage"


def free_label(label: str, taken: dict[str, None]) -> str:
    """Return the label, with a number behind it if it is taken, and take it."""
    free, number = label, 1
    while free in taken:
        number += 1
        free = f"{label}-{number}"
    taken[free] = None
    return free
