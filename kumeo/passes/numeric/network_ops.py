"""Writes the steps of a plan as elementary ops of `infer`: evidence in, a posterior out.

On entry the evidence is one tensor of state indices for each variable of the plan. On exit the
posterior has the batch in front, and is zero where the evidence is impossible. Inside, the batch is
the last axis. In log space a product is a sum, and "zero" is a finite number that is below all
others, so that no infinity appears.
"""

from collections.abc import Sequence

import numpy as np
from xdsl.builder import Builder
from xdsl.dialects.builtin import f64
from xdsl.ir import SSAValue

from kumeo.dialects import infer
from kumeo.dialects.infer.tensors import BATCH
from kumeo.models.elimination import LOG_ZERO, Plan
from kumeo.models.elimination.steps import (
    Bind,
    MatMul,
    Multiply,
    Operand,
    Rescale,
    Reshape,
    Spread,
    Step,
    Sum,
    Transpose,
    dims_of,
)
from kumeo.models.emitting import Emit
from kumeo.models.network import Table


class NetworkWriter:
    """Writes one plan at the place of a builder."""

    def __init__(self, plan: Plan, evidence: Sequence[SSAValue], builder: Builder) -> None:
        self.plan = plan
        self.evidence = evidence
        self.emit = Emit(builder)
        self.is_log = plan.precision == "log"
        self.kind = np.float32 if plan.precision == "float32" else np.float64
        self.dims = dims_of(plan.steps)
        self.indices: dict[object, SSAValue] = {}

    def write(self) -> tuple[SSAValue, SSAValue]:
        """Return the posterior and whether the evidence is possible."""
        values: list[SSAValue] = []
        for step in self.plan.steps:
            values.append(self.step(step, values))
        weights = values[-1]
        if self.is_log:
            weights = self.from_logs(weights)
        total = self.emit.add(infer.ReduceSumOp(weights, [0]))
        zero = self.emit.constant(self.kind(0.0))
        possible = self.emit.add(infer.CompareOp("gt", total, zero))
        if self.plan.has_zeros:
            total = self.emit.add(infer.SelectOp(possible, total, self.emit.constant(self.kind(1))))
        shares = self.emit.add(infer.DivOp(weights, total))
        posterior = self.emit.add(infer.TransposeOp(shares, [1, 0]))
        return self.emit.cast(posterior, f64), possible

    def step(self, step: Step, values: Sequence[SSAValue]) -> SSAValue:
        """Return the value of one step."""
        match step:
            case Bind():
                table, index = self.constant(step.table), self.index(step.index, step.offset)
                return self.emit.add(infer.GatherOp(table, index, step.table.ndim - 1))
            case Spread():
                raise TypeError("a constant has no batch without evidence")
            case Multiply(left, right):
                kind = infer.AddOp if self.is_log else infer.MulOp
                operands = (self.operand(left, values), self.operand(right, values))
                return self.emit.add(kind(*operands))
            case MatMul(table, value):
                return self.emit.add(infer.MatmulOp(self.constant(table), values[value]))
            case Sum(value, axes):
                return self.sum(values[value], range(axes))
            case Reshape(value, dims):
                return self.emit.add(infer.ReshapeOp(values[value], (*dims, BATCH)))
            case Transpose(value, order):
                return self.emit.add(infer.TransposeOp(values[value], (*order, len(order))))
            case Rescale(value):
                return self.rescaled(values[value], len(self.dims[value]))

    def constant(self, table: Table) -> SSAValue:
        """Return a table as a constant."""
        return self.emit.constant(np.ascontiguousarray(table, self.kind))

    def operand(self, operand: Operand, values: Sequence[SSAValue]) -> SSAValue:
        """Return a value or a constant."""
        return values[operand] if isinstance(operand, int) else self.constant(operand)

    def index(self, terms: tuple[tuple[int, int], ...], offset: int) -> SSAValue:
        """Return offset + the sum of stride * evidence; equal indices are computed once."""
        known = self.indices.get((terms, offset))
        if known is not None:
            return known
        total: SSAValue | None = None
        for position, stride in terms:
            term = self.scaled(self.evidence[position], stride)
            total = term if total is None else self.emit.add(infer.AddOp(total, term))
        assert total is not None, "a table is looked up by some evidence"
        if offset:
            total = self.emit.add(infer.AddOp(total, self.emit.constant(np.int64(offset))))
        self.indices[terms, offset] = total
        return total

    def scaled(self, value: SSAValue, stride: int) -> SSAValue:
        """Return an index times a stride."""
        if stride == 1:
            return value
        return self.emit.add(infer.MulOp(value, self.emit.constant(np.int64(stride))))

    def sum(self, value: SSAValue, axes: Sequence[int]) -> SSAValue:
        """Return the sum over axes; of logarithms, the logarithm of the sum."""
        if not self.is_log:
            return self.emit.add(infer.ReduceSumOp(value, axes))
        add = self.emit.add
        largest = add(infer.ReduceMaxOp(value, axes))
        total = add(infer.ReduceSumOp(add(infer.ExpOp(add(infer.SubOp(value, largest)))), axes))
        return add(infer.AddOp(add(infer.LogOp(total)), largest))

    def rescaled(self, value: SSAValue, axes: int) -> SSAValue:
        """Return a value divided by its largest entry; zeros stay."""
        largest = self.emit.add(infer.ReduceMaxOp(value, range(axes)))
        floor = self.emit.constant(np.finfo(self.kind).tiny)
        return self.emit.add(infer.DivOp(value, self.emit.add(infer.MaxOp(largest, floor))))

    def from_logs(self, logs: SSAValue) -> SSAValue:
        """Return weights of which the largest is one, or all zero if the evidence is impossible."""
        add = self.emit.add
        largest = add(infer.ReduceMaxOp(logs, [0]))
        weights = add(infer.ExpOp(add(infer.SubOp(logs, largest))))
        possible = self.emit.compare("gt", largest, LOG_ZERO / 2)
        return add(infer.MulOp(weights, self.emit.cast(possible, f64)))
