"""Units: what one service has to contain, because inline edges lead there.

    units = units_of(graph)
    units.roots[stage]       // the stages that a token enters from outside and that lead to `stage`
    units.members[root]      // everything that is compiled together with `root`

A stage that a token enters from outside (an event, a message, an answer after parking) is a root.
What can be reached from it on inline edges is compiled with it; a stage that several roots reach is
compiled into each of their services. The time is linear in the edges times the roots of a stage.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from xdsl.ir import Operation

from kumeo.analysis.stages import StageGraph, agents_of
from kumeo.analysis.symbols import SymbolIndex, uses_of
from kumeo.dialects.agent import INLINE, StageOp
from kumeo.dialects.agent.base import LANGUAGES

Roots = dict[StageOp, None]
"""A set of stages that keeps its order."""


@dataclass
class Units:
    """Which stages are compiled together."""

    roots: dict[StageOp, Roots] = field(default_factory=dict[StageOp, Roots])
    members: dict[StageOp, list[StageOp]] = field(default_factory=dict[StageOp, list[StageOp]])


def units_of(graph: StageGraph) -> Units:
    """Return the units of a workflow, in program order."""
    units = Units()
    for stage in graph.order:
        found: Roots = {}
        entering = graph.entering[stage]
        if stage.is_entry or any(edge.edge.mode != INLINE for edge in entering):
            found[stage] = None
            units.members[stage] = []
        for edge in entering:
            if edge.edge.mode == INLINE:
                found |= units.roots[edge.stage]
        units.roots[stage] = found
        for root in found:
            units.members[root].append(stage)
    return units


def languages_of(stage: StageOp, index: SymbolIndex) -> tuple[str, ...]:
    """Return the languages in which all agents of a stage can run, preferred first.

    A function of the user is written in one language, and that decides.
    """
    wanted = [agent.languages() for agent in agents_of(stage)]
    wanted += [_declared_languages(agent, index) for agent in agents_of(stage)]
    if stage.language is not None:
        wanted.append((stage.language.data,))
    return common(wanted)


def common(wanted: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Return what all have, in the order of the first that asks; everything if nobody does."""
    lists = list(wanted)
    first = lists[0] if lists else LANGUAGES
    return tuple(name for name in first if all(name in names for names in lists))


def _declared_languages(op: Operation, index: SymbolIndex) -> tuple[str, ...]:
    """Return the languages of the declarations that an agent uses, all if none names one."""
    for use in uses_of(op):
        declared = index.resolve(op, use.name)
        language = None if declared is None else declared.properties.get("language")
        if language is not None:
            return (str(getattr(language, "data", "")),)
    return LANGUAGES
