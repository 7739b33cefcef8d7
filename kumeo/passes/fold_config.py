"""`fold-config`: replace configuration values that cannot change by constants.

    workflow.config @alert_at : f64 = 0.8 : f64
    %limit = workflow.config_value @alert_at : f64      // becomes `data.constant 0.8 : f64`

An entry that is `dynamic` stays, because an operator may change it while the workflow runs. The
declarations stay, too: they tell which values this program was compiled with. The option `set`
compiles with other values, `fold-config{set="alert_at=0.9"}`. The value is JSON of the entry's
type; an entry that is dynamic starts with it. With `set` the pass `changes_meaning`.

Sound because an entry without `dynamic` is by definition a constant of the program, read when an
activation starts, and a constant holds no failure, as the value that was read. In a subworkflow an
entry is folded only if no workflow declares the same name: there the name would mean another entry.
"""

import json
from dataclasses import dataclass
from typing import Any, ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Operation
from xdsl.rewriter import Rewriter
from xdsl.utils.exceptions import PassFailedException

from kumeo.analysis.levels import ACTIVATIONS
from kumeo.analysis.symbols import SymbolIndex
from kumeo.analysis.walk import walk_ops
from kumeo.diagnostics import nearest
from kumeo.dialects.base import at
from kumeo.dialects.data import ConstantOp
from kumeo.dialects.data.casting import decode
from kumeo.dialects.data.constants import from_attribute, to_attribute
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.workflow import ConfigOp, ReadConfigOp, SubworkflowOp, WorkflowOp
from kumeo.passes.base import KumeoPass


@dataclass(frozen=True)
class FoldConfigPass(KumeoPass):
    """Replace configuration values that cannot change by constants."""

    name = "fold-config"
    LEVELS: ClassVar[tuple[str, ...]] = (*ACTIVATIONS, "stages")

    set: tuple[str, ...] = ()
    """Values instead of the declared ones, as `name=JSON`."""

    def __post_init__(self) -> None:
        """Refuse a setting that is not `name=JSON`."""
        for setting in self.set:
            _read_setting(setting)

    @property
    def changes_meaning(self) -> bool:
        """Whether the program may get other values than it declares."""
        return bool(self.set)

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Set the given values, then replace what reads entries that cannot change."""
        ops = list(walk_ops(op))
        self._set_values([o for o in ops if isinstance(o, ConfigOp)])
        index = SymbolIndex(op)
        local = {o.symbol for o in ops if isinstance(o, ConfigOp) and _is_local(o)}
        for read in [o for o in ops if isinstance(o, ReadConfigOp)]:
            entry = index.resolve(read, read.config_name)
            reason = _obstacle(read, entry, local)
            if reason is not None:
                self.remark(read, f"`@{read.config_name}` stays: {reason}")
            elif isinstance(entry, ConfigOp):
                self._fold(read, entry)

    def _fold(self, read: ReadConfigOp, entry: ConfigOp) -> None:
        constant = at(ConstantOp(entry.value, entry.type), read.location)
        constant.result.name_hint = read.result.name_hint
        self.remark(read, f"`@{entry.symbol}` is a constant now")
        self.count("values folded")
        Rewriter.replace_op(read, constant)

    def _set_values(self, entries: list[ConfigOp]) -> None:
        for setting in self.set:
            name, value = _read_setting(setting)
            named = [entry for entry in entries if entry.symbol == name]
            if not named:
                close = nearest(name, [entry.symbol for entry in entries])
                hint = f": write `{close}`" if close else ""
                raise PassFailedException(f"there is no config entry `{name}`{hint}")
            for entry in named:
                entry.properties["value"] = _to_attribute(name, value, entry.type)
                self.count("values set")


def _obstacle(read: ReadConfigOp, entry: Operation | None, local: set[str]) -> str | None:
    """Return why the entry may have another value when the program runs, or None."""
    if not isinstance(entry, ConfigOp):
        return "it is not declared here"
    if entry.is_dynamic:
        return "it is dynamic"
    if entry.symbol in local and _is_in_subworkflow(read):
        return "a workflow that calls this declares its own"
    try:
        from_attribute(entry.value, entry.type)
    except ValueError as fault:
        return f"its value does not fit ({fault})"
    return None


def _is_local(entry: ConfigOp) -> bool:
    return isinstance(entry.parent_op(), WorkflowOp)


def _is_in_subworkflow(op: Operation) -> bool:
    around = op.parent_op()
    while around is not None and not isinstance(around, SubworkflowOp):
        around = around.parent_op()
    return around is not None


def _read_setting(setting: str) -> tuple[str, Any]:
    """Return the name and the value of `name=JSON`. Raises: ValueError."""
    name, equals, text = setting.partition("=")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        equals = ""
        value = None
    if not equals or not name:
        raise ValueError(f"`{setting}` is not `name=JSON`, for instance `limit=0.5`")
    return name, value


def _to_attribute(name: str, value: Any, type: Attribute) -> Attribute:
    try:
        return to_attribute(decode(value, type), type)
    except (DataFailure, ValueError) as fault:
        raise PassFailedException(f"the value for `{name}` does not fit: {fault}") from None
