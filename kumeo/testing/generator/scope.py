"""Where ops are put, and which values can be read there."""

import random
from collections.abc import Sequence
from typing import TypeVar

from xdsl.ir import Attribute, Block, Operation, SSAValue

from kumeo.dialects.agent import AgentOp
from kumeo.dialects.data import DataOp
from kumeo.dialects.workflow import OnOp

OpT = TypeVar("OpT", bound=Operation)


class Scope:
    """A block that is being filled. It reads its own values and those of the scopes around it."""

    def __init__(self, block: Block, around: "Scope | None" = None) -> None:
        self.block = block
        self.around = around
        self._by_kind: dict[Attribute, list[SSAValue]] = {}
        self.agents: list[AgentOp] = []
        """Agents of this block, to be written a second time."""
        for argument in block.args:
            self.keep(argument)

    def add(self, op: OpT) -> OpT:
        """Append an op and let later ones read its results."""
        self.block.add_op(op)
        for result in op.results:
            self.keep(result)
        return op

    def made(
        self,
        cls: type[Operation],
        operands: Sequence[SSAValue],
        kind: Attribute,
        **properties: Attribute,
    ) -> SSAValue:
        """Append an op whose result type is known; the constructor would work it out again."""
        op = cls.create(operands=operands, result_types=(kind,), properties=properties)
        self.block.add_op(op)
        return self.keep(op.results[0])

    def end(self, cls: type[Operation], values: Sequence[SSAValue]) -> None:
        """Append the terminator."""
        self.block.add_op(cls.create(operands=values))

    def keep(self, value: SSAValue) -> SSAValue:
        """Let later ops read a value."""
        self._by_kind.setdefault(value.type, []).append(value)
        return value

    def find(self, rng: random.Random, kind: Attribute) -> SSAValue | None:
        """Return a value of a type, more often one of a near scope, or None."""
        scope: Scope | None = self
        found: SSAValue | None = None
        while scope is not None:
            values = scope._by_kind.get(kind)
            if values:
                found = rng.choice(values)
                if rng.random() < 0.6:
                    return found
            scope = scope.around
        return found

    def some(self, rng: random.Random) -> SSAValue | None:
        """Return a value of any type of this scope or of one around it."""
        scope: Scope | None = self
        while scope is not None:
            if scope._by_kind and (scope.around is None or rng.random() < 0.7):
                return rng.choice(rng.choice(list(scope._by_kind.values())))
            scope = scope.around
        return None

    def inner(self, *argument_kinds: Attribute) -> "Scope":
        """Return the scope of a new block inside this one."""
        return Scope(Block(arg_types=argument_kinds), self)


def is_exact(value: SSAValue) -> bool:
    """Say whether no agent has a part in a number: what agents compute may be rounded, and the
    last digit decides whether a remainder is nothing or a whole divisor.
    """
    todo, seen = [value], set[Operation]()
    while todo:
        owner = todo.pop().owner
        if isinstance(owner, Block):
            if not isinstance(owner.parent_op(), OnOp):
                return False
        elif not isinstance(owner, DataOp):
            return False
        elif owner not in seen:
            seen.add(owner)
            todo.extend(owner.operands)
    return True
