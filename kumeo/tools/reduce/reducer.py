"""The search for a small module: delta debugging over ops, then edits of single ops.

Deterministic: the same module and the same answers give the same result. A candidate counts only if
it is smaller and valid, so the search ends and its result is verified.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import Attribute, Operation, SSAValue

from kumeo.analysis.verify import verify_module
from kumeo.dialects.data import ConstantOp
from kumeo.tools.reduce.edits import Edit, edits_of, ops_of, plain_value, removals, remove

Fails = Callable[[ModuleOp], bool]
"""Says whether what is wanted is still wrong with a valid module. It may change the module."""

Tell = Callable[[str], object]

Size = tuple[int, ...]


@dataclass
class Reducer:
    """Owns the smallest failing module so far."""

    module: ModuleOp
    fails: Fails
    tell: Tell = lambda text: None
    tries: int = 0
    tries_max: int = 5000

    def reduce(self) -> ModuleOp:
        """Return a module that no step makes smaller."""
        before: Size | None = None
        while before != size_of(self.module) and self.tries < self.tries_max:
            before = size_of(self.module)
            self._remove_ops()
            self._edit_ops()
        return self.module

    def _remove_ops(self) -> None:
        """Erase half of the ops, then quarters, down to single ones."""
        length = max(len(removals(self.module)) // 2, 1)
        while True:
            self._remove_runs(length)
            if length == 1:
                return
            length //= 2

    def _remove_runs(self, length: int) -> None:
        start = 0
        while start < len(numbers := removals(self.module)):
            if not self._try(remove(numbers[start : start + length])):
                start += length

    def _edit_ops(self) -> None:
        """Try each edit of the current module; after a success go on at the same place."""
        position = 0
        while True:
            edit = _nth(edits_of(self.module), position)
            if edit is None:
                return
            if not self._try(edit):
                position += 1

    def _try(self, edit: Edit) -> bool:
        """Keep what an edit makes if it is smaller, valid, and still fails."""
        if self.tries >= self.tries_max:
            return False
        candidate = self.module.clone()
        if not edit(candidate) or size_of(candidate) >= size_of(self.module):
            return False
        if verify_module(candidate):
            return False
        self.tries += 1
        if not self.fails(candidate.clone()):
            return False
        self.module = candidate
        self.tell(f"{len(ops_of(candidate))} ops after {self.tries} tries")
        return True


def _nth(edits: Iterator[Edit], position: int) -> Edit | None:
    return next((edit for i, edit in enumerate(edits) if i == position), None)


def reduce_module(module: ModuleOp, fails: Fails, tell: Tell = lambda text: None) -> ModuleOp:
    """Return a small valid module for which `fails` holds, as it does for `module`."""
    return Reducer(module.clone(), fails, tell).reduce()


def size_of(module: ModuleOp) -> Size:
    """Return what a reduction makes smaller, the most important first.

    Ops that are no constants, operands that come from them, all ops, parts of ops, constants.
    """
    ops = ops_of(module)
    work = [op for op in ops if not isinstance(op, ConstantOp)]
    reads = sum(_is_computed(operand) for op in work for operand in op.operands)
    parts = sum(_parts(op) for op in ops)
    return len(work), reads, len(ops), parts, sum(_weight(op) for op in ops)


def _is_computed(operand: SSAValue) -> bool:
    return isinstance(operand.owner, Operation) and not isinstance(operand.owner, ConstantOp)


def _parts(op: Operation) -> int:
    return len(op.operands) + len(op.results) + len(op.regions) + len(op.properties)


def _weight(op: Operation) -> int:
    """Return how far a constant is from the plainest one of its type."""
    if not isinstance(op, ConstantOp):
        return 0
    return (op.evaluate() != plain_value(op.result.type)) + _length(op.value)


def _length(attribute: Attribute) -> int:
    return len(attribute.data) if isinstance(attribute, StringAttr) else 0
