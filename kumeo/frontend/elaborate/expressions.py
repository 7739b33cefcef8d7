"""Expressions become `data` operations; types are checked in the same walk.

`build` returns the value of an expression. Each fault gives one diagnostic and then poison, a value
that fits everywhere, so no fault is reported twice. The parts by topic: `paths` (names, fields,
indices), `operators`, `literals`, `containers` (objects, arrays), `calls`, `coercion`, `narrowing`.
"""

from collections.abc import Sequence

from xdsl.ir import Attribute, SSAValue

from kumeo.diagnostics import Place, Related
from kumeo.dialects.data import BOOL, JSON, ListType, OptionType
from kumeo.dialects.data.casts import join_types
from kumeo.frontend import tree
from kumeo.frontend.elaborate import calls, coercion, containers, literals, operators, paths
from kumeo.frontend.elaborate.context import Context, Scope, is_poison
from kumeo.frontend.elaborate.display import display
from kumeo.frontend.elaborate.narrowing import RefinedScope, facts
from kumeo.frontend.errors.branches import BranchMismatch
from kumeo.frontend.errors.syntax import NestingTooDeep
from kumeo.frontend.errors.types import TypeMismatch

MAX_DEPTH = 64
"""How deep expressions may be nested. Chains such as `a + b + …` and `a.b.…` count once."""


class Expressions:
    """Builds the expressions of one file into the current block of a context."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self._depth = 0

    def build(self, expr: tree.Expr, scope: Scope, expected: Attribute | None = None) -> SSAValue:
        """Return the value of `expr`, as `expected` if that is given."""
        value = self._build(expr, scope, expected, strict=expected is not None)
        return value if expected is None else self.coerce(value, expected, expr)

    def build_hinted(
        self, expr: tree.Expr, scope: Scope, hint: Attribute | None = None
    ) -> SSAValue:
        """Return the value of `expr`; `hint` gives literals and enum values their type."""
        return self._build(expr, scope, hint, strict=False)

    def condition(self, expr: tree.Expr, scope: Scope) -> SSAValue:
        """Return the truth of `expr`; null and other types than `bool` are reported."""
        value = self.build_hinted(expr, scope)
        if is_poison(value) or value.type == BOOL:
            return value
        if value.type == JSON:
            return coercion.coerce(self.ctx, value, BOOL, expr, "condition")
        if isinstance(value.type, OptionType):
            text = coercion.shown(expr)
            checks = f"write `{text} != null` to ask whether it exists"
            is_bool = value.type.inner == BOOL
            fix = f"write `{text} ?? false`, or `{text} != null`" if is_bool else checks
            return self.ctx.poison(coercion.null_not_handled(self.ctx, value, expr, fix))
        return self.ctx.poison(
            coercion.mismatch(self.ctx, value.type, BOOL, expr, what="condition")
        )

    def coerce(
        self, value: SSAValue, expected: Attribute, at: tree.Node, *, what: str = "value"
    ) -> SSAValue:
        """Return `value` as `expected`; a conversion that the language does not do is reported."""
        return coercion.coerce(self.ctx, value, expected, at, what)

    def narrowed(self, expr: tree.Expr, scope: Scope, truth: bool) -> Scope:
        """Return the scope where `expr` is known to be `truth`; it knows what is not null there.

        Call it where the current block is the one in which the scope is used.
        """
        found = facts(expr, truth)
        return RefinedScope(scope, self.ctx, found, expr) if found else scope

    def join(
        self, values: Sequence[SSAValue], places: Sequence[Place | None], name: str = "value"
    ) -> Attribute | None:
        """Return the type that all values convert to without failing.

        None when there is none; the first value that does not fit is then reported as
        `branch-mismatch`, unless one of the values is poison.
        """
        if any(is_poison(value) for value in values) or not values:
            return None
        joined = values[0].type
        for value, place in zip(values[1:], places[1:], strict=True):
            both = join_types(joined, value.type)
            if both is None:
                left, right = (display(kind, self.ctx.types) for kind in (joined, value.type))
                first = places[0]
                related = () if first is None else (Related(first, f"{left} here"),)
                self.ctx.report(BranchMismatch(place, name, left, right, related=related))
                return None
            joined = both
        return joined

    def list_of(self, expr: tree.Expr, scope: Scope) -> SSAValue:
        """Return a list to walk through; `json` is checked to be a list when it runs."""
        value = self.build_hinted(expr, scope)
        if is_poison(value) or isinstance(value.type, ListType):
            return value
        if value.type == JSON:
            return self.coerce(value, ListType(JSON), expr)
        found = display(value.type, self.ctx.types)
        if isinstance(value.type, OptionType):
            fix = f"write `{coercion.shown(expr)} ?? []`"
            return self.ctx.poison(coercion.null_not_handled(self.ctx, value, expr, fix))
        problem = f"`{found}` is no list"
        return self.ctx.poison(TypeMismatch(expr.span, problem, f"this is `{found}`"))

    def _build(
        self, expr: tree.Expr, scope: Scope, hint: Attribute | None, strict: bool
    ) -> SSAValue:
        if self._depth >= MAX_DEPTH:
            return self.ctx.poison(NestingTooDeep(expr.span, MAX_DEPTH, self._depth + 1))
        hint = None if hint is None or is_poison(hint) else hint
        self._depth += 1
        try:
            if isinstance(expr, tree.Object):
                return containers.build_object(self, expr, scope, hint)
            if isinstance(expr, tree.Array):
                return containers.build_array(self, expr, scope, hint, strict)
            return self._dispatch(expr, scope, hint)
        finally:
            self._depth -= 1

    def _dispatch(self, expr: tree.Expr, scope: Scope, hint: Attribute | None) -> SSAValue:
        if literals.is_scalar(expr):
            return literals.build_scalar(self.ctx, expr, hint)
        match expr:
            case tree.Variable() | tree.Get() | tree.Index():
                return paths.build_path(self, expr, scope, hint)
            case tree.Binary():
                return operators.build_binary(self, expr, scope, hint)
            case tree.Unary():
                return operators.build_unary(self, expr, scope, hint)
            case tree.Comprehension():
                return calls.build_comprehension(self, expr, scope, hint)
            case tree.Call():
                return calls.build_call(self, expr, scope)
            case _:
                problem = "a type stands where a value is expected"
                fix = "remove the `?`; to test for null write `!= null`"
                return self.ctx.poison(TypeMismatch(expr.span, problem, "this is a type", fix))
