"""Checks the user's own code against the declaration of its agent, without running it.

    agent Score(amount: float) -> float { python: "rules:score" }    // rules.py beside the file

What cannot be judged is a remark; what is not beside the workflow is not judged here.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from xdsl.ir import Attribute

from kumeo.diagnostics import Diagnostic, Related, Span, nearest
from kumeo.frontend import tree
from kumeo.frontend.elaborate.context import Context
from kumeo.frontend.elaborate.types import display
from kumeo.frontend.errors.own_code import (
    InvalidCode,
    SignatureMismatch,
    UncheckedCode,
    UnknownCode,
)
from kumeo.frontend.signatures.python_code import BrokenCode, Code, Definition, Found, Module
from kumeo.frontend.signatures.python_types import Annotations, Misfit, Unknown

_KEEPING = ("cache", "lru_cache", "override", "staticmethod", "final")
"""Decorators that leave a signature as it is."""
_YIELDS = (ast.Yield, ast.YieldFrom)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Declared(NamedTuple):
    """The declaration of an agent, with its types."""

    node: tree.AgentDeclaration
    target: tree.String
    parameters: Mapping[str, Attribute]
    result: Attribute


def check_own_code(ctx: Context, declared: Declared) -> None:
    """Report where the code of an agent does not fit its declaration."""
    code = Code(ctx.files.read)
    try:
        for found in _Check(ctx, declared, code).run():
            ctx.report(found)
    except BrokenCode as broken:
        related = (Related(declared.target.span, "named here"),)
        place = broken.place or declared.target.span
        ctx.report(InvalidCode(place, broken.path, broken.reason, related=related))


@dataclass
class _Check:
    ctx: Context
    declared: Declared
    code: Code

    def run(self) -> Iterator[Diagnostic]:
        """Yield what is wrong, or cannot be judged."""
        where, _, name = self.declared.target.value.partition(":")
        module = self.code.module(where)
        if module is None:
            return
        found = self.code.find(module, name)
        if found is None:
            known = (*module.names, *module.imports)
            at = self.declared.target.span
            yield UnknownCode(at, module.path, name, nearest(name, known))
        elif isinstance(found.node, ast.ClassDef):
            yield from self._class(found.node, found.module)
        elif isinstance(found.node, _Function):
            yield from self._function(found.node, found.module, is_method=False)
        else:
            yield self._unchecked("the signature", "it is made while the code runs")

    # -- classes

    def _class(self, node: ast.ClassDef, module: Module) -> Iterator[Diagnostic]:
        lineage = list(self._lineage(node, module))
        is_open = any(each.node is None for each in lineage)
        handler = _member(lineage, "on_event")
        is_agent = any(_name_of(base) == "BaseAgent" for c in lineage for base in _bases(c.node))
        if handler is None and not is_open:
            fix = "define `async def on_event(self, …)`, or name a function"
            yield self._misfit("it is a class without `on_event`", module, node, "this class", fix)
            return
        if not is_agent and not is_open:
            fix = f"write `class {node.name}(BaseAgent)`"
            yield self._misfit("it is a class, but no agent", module, node, "this class", fix)
            return
        maker = _member(lineage, "__init__")
        if maker is not None and _required(_positional(maker.node)[1:], maker.node):
            fix = "give the parameters of `__init__` defaults; `on_start` opens what is needed"
            problem = "its class is made without arguments"
            yield self._misfit(problem, maker.module, maker.node, "this needs some", fix)
        if handler is not None:
            yield from self._function(handler.node, handler.module, is_method=True)

    def _lineage(self, node: ast.ClassDef, module: Module, depth: int = 0) -> Iterator[Found]:
        """Yield a class and its bases beside the workflow; a node of None for one that is not."""
        yield Found(node, module)
        for base in node.bases:
            name = _name_of(base)
            if name in ("BaseAgent", "ABC", "object", "Generic", "Protocol") or depth > 20:
                continue
            found = self.code.find(module, name) if isinstance(base, ast.Name) else None
            if found is None or not isinstance(found.node, ast.ClassDef):
                yield Found(None, module)
            else:
                yield from self._lineage(found.node, found.module, depth + 1)

    # -- functions

    def _function(
        self, node: ast.AST | None, module: Module, *, is_method: bool
    ) -> Iterator[Diagnostic]:
        assert isinstance(node, _Function), "the caller looked"
        decorators = [_name_of(each) for each in node.decorator_list]
        if any(name not in _KEEPING for name in decorators):
            yield self._unchecked("the signature", f"`@{decorators[0]}` may change it")
            return
        if _is_generator(node):
            problem = "it is a generator, and an agent gives one value"
            yield self._misfit(problem, module, node, "`yield` is in it", "write `return`")
            return
        takes_itself = is_method and "staticmethod" not in decorators
        given = _positional(node)[1:] if takes_itself else _positional(node)
        wrong_count = self._count(node, module, given)
        if wrong_count is not None:
            yield wrong_count
            return
        yield from self._types(node, module, given)

    def _count(
        self, node: _Function, module: Module, given: Sequence[ast.arg]
    ) -> Diagnostic | None:
        """Compare how many values the agent gives and the function takes."""
        wanted = len(self.declared.parameters)
        needed = _required(given, node)
        forced = [
            a.arg
            for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            if d is None
        ]
        is_short = len(given) < wanted and node.args.vararg is None
        if len(needed) <= wanted and not is_short and not forced:
            return None
        takes = f"{len(needed)}" if len(needed) == len(given) else f"{len(needed)} to {len(given)}"
        problem = f"the agent passes {_values(wanted)}, the function takes {takes}"
        if forced:
            problem = f"the function needs `{forced[0]}` by name, and values are given in order"
        fix = "declare as many parameters as the function takes"
        return self._misfit(problem, module, node, "this function", fix)

    def _types(
        self, node: _Function, module: Module, given: Sequence[ast.arg]
    ) -> Iterator[Diagnostic]:
        incoming, outgoing = Annotations(self.code, True), Annotations(self.code, False)
        for argument, (name, kind) in zip(given, self.declared.parameters.items(), strict=False):
            what = f"the parameter `{argument.arg}`"
            if argument.annotation is None:
                yield self._unchecked(what, "it has no annotation")
                continue
            verdict = incoming.compare(argument.annotation, module, kind)
            side = f"`{name}` is `{display(kind, self.ctx.types)}`, but"
            yield from self._judged(verdict, what, side, module, argument.annotation)
        if node.returns is None:
            yield self._unchecked("the result", "it has no annotation")
            return
        verdict = outgoing.compare(node.returns, module, self.declared.result)
        side = f"the result is `{display(self.declared.result, self.ctx.types)}`, but"
        yield from self._judged(verdict, "the result", side, module, node.returns)

    def _judged(
        self, verdict: Misfit | Unknown | None, what: str, side: str, module: Module, node: ast.AST
    ) -> Iterator[Diagnostic]:
        if isinstance(verdict, Misfit):
            fix = "change the declaration or the annotation, so that both say the same"
            yield self._misfit(f"{side} {verdict.reason}", module, node, "this annotation", fix)
        elif isinstance(verdict, Unknown):
            yield self._unchecked(what, verdict.reason)

    # -- diagnostics

    def _misfit(
        self, problem: str, module: Module, node: ast.AST | None, there: str, fix: str
    ) -> SignatureMismatch:
        related = () if node is None else (Related(module.span(node), there),)
        name, target = self.declared.node.name, self.declared.target.value
        place: Span = name.span
        return SignatureMismatch(
            place, name.text, target, problem, "declared here", fix, related=related
        )

    def _unchecked(self, what: str, reason: str) -> UncheckedCode:
        name, target = self.declared.node.name, self.declared.target.value
        return UncheckedCode(name.span, what, target, reason)


def _values(count: int) -> str:
    return f"{count} value{'s' * (count != 1)}"


def _name_of(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=inner) | ast.Subscript(value=inner):
            return _name_of(inner)
        case _:
            return ""


def _bases(node: ast.AST | None) -> Sequence[ast.expr]:
    return node.bases if isinstance(node, ast.ClassDef) else ()


def _member(lineage: Sequence[Found], name: str) -> Found | None:
    """Return a method of a class or of its bases, the nearest one."""
    for each in lineage:
        body = each.node.body if isinstance(each.node, ast.ClassDef) else ()
        for statement in body:
            if isinstance(statement, _Function) and statement.name == name:
                return Found(statement, each.module)
    return None


def _positional(node: ast.AST | None) -> list[ast.arg]:
    return [*node.args.posonlyargs, *node.args.args] if isinstance(node, _Function) else []


def _required(given: Sequence[ast.arg], node: ast.AST | None) -> Sequence[ast.arg]:
    """Return the parameters without a default."""
    defaults = len(node.args.defaults) if isinstance(node, _Function) else 0
    return given[: max(len(given) - defaults, 0)]


def _is_generator(node: _Function) -> bool:
    """Say whether `yield` stands in a function, and not in one inside of it."""
    stack: list[ast.AST] = list(node.body)
    while stack:
        current = stack.pop()
        if isinstance(current, _YIELDS):
            return True
        if not isinstance(current, Definition | ast.Lambda):
            stack += ast.iter_child_nodes(current)
    return False
