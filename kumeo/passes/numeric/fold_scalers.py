"""`fold-scalers`: let trees and matrices read features as they are, without the scaler in front.

    %c = infer.sub (%x, %means) …
    %s = infer.div (%c, %scales) …
    %y = infer.trees (%s) … threshold array<f64: 0.5> …     // x <= 0.5 * scale + mean, exactly

becomes one `infer.trees` that reads `%x` and has other thresholds; a matrix gets other weights and
another bias.

A threshold is not computed: it is searched. Each step of the chain never decreases (its factors are
positive, and rounding keeps order), so there is a largest number that still goes to the true side,
and it becomes the new threshold. Every number, NaN included, takes the way that it took. Sound for
a matrix up to rounding; weights that would lose digits to cancellation stay.

Trees that compare float32 stay behind their scaler unless `widen`: no float32 boundary fits
features of float64, and trees of float64 cost more than two steps save.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from xdsl.builder import Builder
from xdsl.context import Context
from xdsl.dialects.builtin import f64
from xdsl.ir import Operation
from xdsl.rewriter import InsertPoint, Rewriter

from kumeo.analysis.walk import walk_ops
from kumeo.dialects import infer
from kumeo.dialects.infer.models import floats, floats_of
from kumeo.dialects.infer.shapes import integers_of
from kumeo.dialects.infer.tensors import element_of
from kumeo.models.emitting import array_of, dense
from kumeo.passes.base import OpPass
from kumeo.passes.numeric.affine import ARITHMETIC, Chain, chain_to, computed

_LARGEST = float(np.finfo(np.float64).max)
_EPSILON = float(np.finfo(np.float64).eps)
_LOSS_MAX = 1e-8
"""Rounding that folded weights may add, where 1e-6 is promised."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FoldScalersPass(OpPass):
    """Fold scalers into the thresholds of trees and the weights of matrices."""

    name = "fold-scalers"
    LEVELS: ClassVar[tuple[str, ...]] = ("numeric", "stages", "messaging")
    ROUNDS: ClassVar[float] = 1e-6

    widen: bool = False
    """Fold also into trees that compare float32; they compare float64 afterwards."""

    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Fold every chain of steps that ends at trees or at a matrix."""
        readers = [o for o in walk_ops(root) if isinstance(o, infer.TreesOp | infer.LinearOp)]
        for op in readers:
            chain = chain_to(op.inputs[0])
            if chain.is_shared and not _has_arithmetic(chain):
                self.remark(op, "the scaler stays: something else reads what it gives")
            if not _has_arithmetic(chain):
                continue
            fault = self._fold(op, chain)
            if fault is None:
                self.count("scalers folded")
            else:
                self.remark(op, f"the scaler stays: {fault}")

    def _fold(self, op: infer.TreesOp | infer.LinearOp, chain: Chain) -> str | None:
        """Fold a chain; return why it cannot be."""
        fault = _unfit(chain)
        if fault is not None:
            return fault
        if isinstance(op, infer.LinearOp):
            return _fold_linear(op, chain)
        if chain.is_narrowed and not self.widen:
            return "its trees compare float32 (option `widen`)"
        return _fold_trees(op, chain)


def _has_arithmetic(chain: Chain) -> bool:
    return any(type(step.op) in ARITHMETIC for step in chain.steps)


def _unfit(chain: Chain) -> str | None:
    """Return why a chain does not keep order."""
    for step in chain.steps:
        if step.numbers is None:
            continue
        if type(step.op) not in ARITHMETIC:
            return "it bounds its numbers"
        if not np.all(np.isfinite(step.numbers)):
            return "one of its numbers is not finite"
        if isinstance(step.op, infer.MulOp | infer.DivOp) and np.any(step.numbers <= 0.0):
            return "one of its factors is not positive"
    if element_of(chain.source.type) != f64:
        return "it reads no float64"
    return None


# Trees.


def _fold_trees(op: infer.TreesOp, chain: Chain) -> str | None:
    feature = np.array(integers_of(op.feature))
    is_inner = np.array(integers_of(op.true_child)) >= 0
    dtype = np.float32 if chain.is_narrowed else np.float64
    old = np.array(floats_of(op.threshold)).astype(dtype)
    new = boundaries(chain, feature, old, is_strict=op.mode.data == "lt")
    if not np.all(np.isfinite(new[is_inner])):
        return "a threshold would leave the range of numbers"
    threshold = floats(np.where(is_inner, new, 0.0).tolist())
    if not chain.is_narrowed:
        op.properties["threshold"] = threshold
        op.operands[0] = chain.source
        _erase(chain)
        return None
    parts = {
        name: integers_of(op.properties[name])
        for name in ("roots", "feature", "true_child", "false_child", "missing_true")
    }
    made = infer.TreesOp(
        chain.source,
        **{name: list(part) for name, part in parts.items()},
        threshold=floats_of(threshold),
        values=dense(array_of(op.values).astype(np.float64)),
        base=floats_of(op.base),
        mode=op.mode.data,
    )
    _replace(op, made, chain)
    return None


def boundaries(chain: Chain, feature: Any, old: Any, *, is_strict: bool) -> Floats:
    """Return thresholds that send a source number where `old` sends what the steps make of it.

    Searches the numbers in their order, all nodes at once: the largest one that goes to the true
    side. In the mode `lt` the next number after it is the threshold.
    """
    goes = np.less if is_strict else np.less_equal

    def is_true(keys: Any) -> Any:
        return goes(computed(chain.steps, _number(keys), feature), old)

    low = np.full(len(old), _key(-_LARGEST), dtype=np.int64)
    high = np.full(len(old), _key(_LARGEST), dtype=np.int64)
    nowhere, everywhere = ~is_true(low), is_true(high)
    for _ in range(66):
        middle = (low >> 1) + (high >> 1) + (low & high & 1)
        middle = np.where(middle == low, high, middle)
        holds = is_true(middle)
        low = np.where(holds, np.maximum(low, middle), low)
        high = np.where(holds, high, np.minimum(high, middle - 1))
        high = np.maximum(low, high)
    found = _number(np.where(everywhere, _key(_LARGEST), low))
    found = np.nextafter(found, np.inf) if is_strict else found
    return np.where(nowhere, -np.inf, found)


def _key(value: float) -> int:
    """Return the place of a number in the order of all numbers."""
    bits = int(np.float64(value).view(np.int64))
    return bits if bits >= 0 else -(bits & 0x7FFFFFFFFFFFFFFF) - 1


def _number(keys: Any) -> Floats:
    """Return the numbers at places of that order."""
    bits: NDArray[np.int64] = np.asarray(keys, np.int64).copy()
    below = bits < 0
    bits[below] = -(bits[below] + 1) | np.int64(-0x8000000000000000)
    return bits.view(np.float64)


# Matrices.


def _fold_linear(op: infer.LinearOp, chain: Chain) -> str | None:
    if chain.is_narrowed:
        return "its matrix multiplies float32"
    weights, bias = (array_of(part).astype(np.float64) for part in (op.weights, op.bias))
    factor, shift = np.ones(len(weights)), np.zeros(len(weights))
    for step in chain.steps:
        assert step.numbers is not None, "only a cast has none"
        work = ARITHMETIC[type(step.op)]
        shift = work(shift, step.numbers)
        if isinstance(step.op, infer.MulOp | infer.DivOp):
            factor = work(factor, step.numbers)
    lost = 4.0 * _EPSILON * (np.abs(shift) @ np.abs(weights))
    if np.any(lost > _LOSS_MAX):
        return "its weights would lose digits to cancellation"
    made = (factor[:, None] * weights, bias + shift @ weights)
    if not all(np.all(np.isfinite(part)) for part in made):
        return "a weight would leave the range of numbers"
    _replace(op, infer.LinearOp(chain.source, *(dense(part) for part in made)), chain)
    return None


def _replace(op: infer.InferOpBase, made: infer.InferOpBase, chain: Chain) -> None:
    """Put `made` in the place of an op, with a cast where its elements differ."""
    builder = Builder(InsertPoint.before(op))
    made.attributes.update(op.attributes)
    made.location = op.location
    value = builder.insert(made).results[0]
    if value.type != op.results[0].type:
        value = builder.insert(infer.CastOp(value, element_of(op.results[0].type))).results[0]
    Rewriter.replace_op(op, [], [value])
    _erase(chain)


def _erase(chain: Chain) -> None:
    """Erase the steps, last first, and constants that nothing else reads."""
    for step in reversed(chain.steps):
        Rewriter.erase_op(step.op)
        owner = None if step.constant is None else step.constant.owner
        if isinstance(owner, Operation) and not any(r.uses for r in owner.results):
            Rewriter.erase_op(owner)
