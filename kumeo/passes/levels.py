"""Whether passes and output forms get a module of a level that they work at.

    judge_step(step, module)                 // just before a pass: what the module is now
    judge_pipeline(steps, module, target)    // before all passes: what it will be

What says nothing about levels works at every one. A pass that leaves the module at another level
says so with `LOWERS_TO`; any other pass is taken to keep it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from kumeo.analysis.levels import EVERY_LEVEL, LEVELS, possible_levels
from kumeo.analysis.places import point_of
from kumeo.diagnostics import Diagnostic
from kumeo.passes.errors import WrongLevel
from kumeo.passes.resolve import Step


class Lowering(NamedTuple):
    """A pass that takes a module from one of some levels to another one."""

    name: str
    reads: tuple[str, ...]
    to: str


def levels_read(reader: object) -> tuple[str, ...]:
    """Return the levels at which a pass or an output form works; none means every level."""
    return getattr(reader, "LEVELS", EVERY_LEVEL)


def level_listing(levels: Sequence[str]) -> str:
    """Return levels in words, with the noun in front."""
    *first, last = (f"`{level}`" for level in levels)
    return f"levels {', '.join(first)} and {last}" if first else f"level {last}"


def judge_step(step: Step, module: ModuleOp) -> Diagnostic | None:
    """Return what is wrong if the pass does not work at the level of the module."""
    if not levels_read(step.runs):
        return None
    return _judge("pass", step.name, step.runs, possible_levels(module), module)


def judge_pipeline(
    steps: Sequence[Step], module: ModuleOp, target: Any | None = None
) -> Diagnostic | None:
    """Return the first thing in a pipeline that will not work at the level the module has then."""
    if not any(map(levels_read, (*(step.runs for step in steps), target))):
        return None
    levels = possible_levels(module)
    for step in steps:
        found = _judge("pass", step.name, step.runs, levels, module)
        if found is not None:
            return found
        to = getattr(step.runs, "LOWERS_TO", None)
        if to is not None and to not in levels:
            levels = (to,)
    return None if target is None else _judge("target", target.name, target, levels, module)


def _judge(
    what: str, name: str, reader: object, levels: tuple[str, ...], module: ModuleOp
) -> Diagnostic | None:
    wanted = levels_read(reader)
    if not wanted or any(level in wanted for level in levels):
        return None
    fix = fix_for(levels[0], wanted, registered_lowerings())
    return WrongLevel(_place(module), what, name, level_listing(wanted), levels[0], fix)


def fix_for(actual: str, wanted: Sequence[str], lowerings: Iterable[Lowering]) -> str | None:
    """Return where in a pipeline something belongs that works at the `wanted` levels."""
    known = list(lowerings)
    passes = _route(actual, wanted, known)
    if passes:
        return f"run `{','.join(passes)}` before it"
    back = [passes for level in wanted if (passes := _route(level, (actual,), known))]
    if back:
        return f"run it before `{min(back, key=len)[0]}`"
    return None


def _route(start: str, ends: Sequence[str], lowerings: Sequence[Lowering]) -> tuple[str, ...]:
    """Return the fewest passes that take a module from a level to one of others."""
    routes: dict[str, tuple[str, ...]] = {start: ()}
    todo = [start]
    for level in todo:
        if level in ends:
            return routes[level]
        for lowering in lowerings:
            if level in lowering.reads and lowering.to not in routes:
                routes[lowering.to] = (*routes[level], lowering.name)
                todo.append(lowering.to)
    return ()


def registered_lowerings() -> list[Lowering]:
    """Return the lowerings of Kumeo."""
    from kumeo.passes.registry import PASSES

    classes: Mapping[str, Any] = {name: load() for name, load in PASSES.items()}
    lowered = {name: getattr(cls, "LOWERS_TO", None) for name, cls in classes.items()}
    return [
        Lowering(name, levels_read(classes[name]) or tuple(LEVELS), to)
        for name, to in lowered.items()
        if to is not None
    ]


def _place(module: ModuleOp) -> Any:
    """Return the place of the first workflow: what stands before it is at several levels."""
    shown: Operation = next((op for op in module.ops if op.name == "workflow.workflow"), module)
    return point_of(shown)
