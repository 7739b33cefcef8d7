"""What a condition says about null: after `x != null`, `x` is no longer optional.

A fact is a path, such as `country` or `source.country`, that is not null where the condition has
the given truth. A `RefinedScope` answers for the paths of its facts with unwrapped values.
"""

from collections.abc import Iterator

from xdsl.ir import SSAValue

from kumeo.dialects.data import GetOp, OptionType, RecordType, UnwrapOp
from kumeo.frontend import tree
from kumeo.frontend.elaborate.context import Context, Scope

_CONSTANTS = (tree.String, tree.Int, tree.Float, tree.Duration, tree.Bool)


def path_of(expr: tree.Expr) -> str | None:
    """Return `source.country` for that chain of names, also written with `?.`; else None."""
    names: list[str] = []
    while isinstance(expr, tree.Get):
        names.append(expr.name.text)
        expr = expr.base
    if not isinstance(expr, tree.Variable):
        return None
    return ".".join([expr.name, *reversed(names)])


def facts(expr: tree.Expr, truth: bool) -> set[str]:
    """Return the paths that are not null where `expr` is known to be `truth`."""
    found = set[str]()
    for path in _paths(expr, truth):
        names = path.split(".")
        found.update(".".join(names[: end + 1]) for end in range(len(names)))
    return found


def _paths(expr: tree.Expr, truth: bool) -> Iterator[str]:
    while isinstance(expr, tree.Unary) and expr.operator == "not":
        expr, truth = expr.operand, not truth
    whole = "and" if truth else "or"
    while isinstance(expr, tree.Binary) and expr.operator == whole:
        yield from _paths(expr.right, truth)
        expr = expr.left
    if isinstance(expr, tree.Binary) and expr.operator in ("and", "or"):
        return
    if isinstance(expr, tree.Unary):
        yield from _paths(expr, truth) if expr.operator == "not" else ()
    elif isinstance(expr, tree.Binary):
        yield from _compared(expr, truth)


def _compared(expr: tree.Binary, truth: bool) -> Iterator[str]:
    """Yield the path that `path != null`, or `path == constant`, proves to be there."""
    for one, other in ((expr.left, expr.right), (expr.right, expr.left)):
        is_null = isinstance(other, tree.Null)
        proves = expr.operator == ("!=" if truth == is_null else "==")
        path = path_of(one) if is_null or isinstance(other, _CONSTANTS) else None
        if proves and path is not None:
            yield path


class RefinedScope(Scope):
    """A scope in which some paths are known not to be null.

    The unwrapped values are made on first use, in the block that was current when the scope was
    made. That block dominates all places where the scope is used.
    """

    def __init__(self, parent: Scope, ctx: Context, paths: set[str], at: tree.Node) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._block = ctx.block
        self._paths = set(paths)
        self._at = at
        self._made: dict[str, SSAValue | None] = {}

    def learn(self, paths: set[str]) -> None:
        """Add facts that hold from here on."""
        self._paths |= paths

    def refined(self, path: str) -> SSAValue | None:
        """Return the unwrapped value of `path`, or what an outer scope knows."""
        if path.partition(".")[0] in self.values:
            return None
        if path not in self._paths:
            return super().refined(path)
        if path not in self._made:
            with self._ctx.inside(self._block):
                self._made[path] = self._unwrapped(path)
        return self._made[path]

    def _unwrapped(self, path: str) -> SSAValue | None:
        value = super().refined(path) or self._read(path)
        if value is None or not isinstance(value.type, OptionType):
            return value
        return self._ctx.add(UnwrapOp(value), self._at).result

    def _read(self, path: str) -> SSAValue | None:
        head, _, name = path.rpartition(".")
        if not head:
            return self.find(name)
        if head == "config" and not self.defines("config"):
            return self.config(name)
        base = self.refined(head) or self._read(head)
        if base is None or not isinstance(base.type, RecordType):
            return None
        if base.type.field(name) is None:
            return None
        return self._ctx.add(GetOp(base, name), self._at).result
