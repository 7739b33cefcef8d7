"""`ScopedOps`: what a region adds is forgotten after it."""

from kumeo.dialects.data import INT, ConstantOp
from kumeo.passes.cse import ScopedOps


def test_forget_since_knows_again_what_was_known_at_the_mark() -> None:
    first, second = ConstantOp.of(1, INT), ConstantOp.of(1, INT)
    other = ConstantOp.of(2, INT)
    known = ScopedOps()
    known[first] = first
    mark = known.mark()
    known[second] = second
    known[other] = other
    assert known.get(first) is second
    known.forget_since(mark)
    assert known.get(second) is first
    assert other not in known
