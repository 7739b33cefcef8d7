"""Prompts: Jinja2 templates that are checked at compile time and become `data.format`.

    "Judge {{ source.text }} by {{ context.policies }}."

becomes `data.format` with the holes `source.text` and `context.policies`. A hole is the longest
dotted path that has a value of its own; a path below another hole needs none. A null is shown as
`null`, which is reported as a warning unless the template handles it.
"""

import re

from xdsl.ir import SSAValue

from kumeo.diagnostics import Diagnostic, Span, nearest
from kumeo.dialects.data import JSON, STR, FormatOp, OptionType, RecordType
from kumeo.frontend import tree
from kumeo.frontend.elaborate import literals, paths
from kumeo.frontend.elaborate.context import Context, Scope, is_poison
from kumeo.frontend.elaborate.expressions import Expressions
from kumeo.frontend.elaborate.narrowing import path_of
from kumeo.frontend.elaborate.prompt_places import PromptPlaces
from kumeo.frontend.errors.names import UnknownField
from kumeo.frontend.errors.prompts import PromptName, PromptSyntax
from kumeo.frontend.handlebars import handlebars_to_jinja

__all__ = ["Holes", "build_prompt", "path_of"]

_MARKS = ("{{", "{%", "{#")


def build_prompt(
    ctx: Context, expressions: Expressions, string: tree.String, scope: Scope
) -> SSAValue:
    """Return the text of a prompt as `data.format`, or as a constant if nothing is filled in."""
    if not any(mark in string.value for mark in _MARKS):
        return literals.constant(ctx, string.value, STR, string)
    template, written = handlebars_to_jinja(string.value)
    holes = Holes(expressions, scope, PromptPlaces(string, template, written))
    before = len(ctx.diagnostics)
    _check(ctx, template, holes)
    kept = holes.kept()
    if any(map(is_poison, kept.values())) or _found_error(ctx.diagnostics[before:]):
        return ctx.poison()
    return ctx.add(FormatOp(template, list(kept), list(kept.values())), string).result


def _check(ctx: Context, template: str, holes: "Holes") -> None:
    from jinja2 import Environment, TemplateSyntaxError

    from kumeo.frontend.elaborate.templates import TemplateChecker

    try:
        parsed = Environment().parse(template)
        TemplateChecker(ctx, holes).check(parsed)
    except TemplateSyntaxError as error:
        ctx.report(_syntax_fault(error.message or "syntax error", holes.places.line(error.lineno)))
    except RecursionError:
        problem = "the template is nested too deeply"
        ctx.report(PromptSyntax(holes.places.whole, problem, "too many levels"))


def _syntax_fault(message: str, place: Span) -> PromptSyntax:
    """Return the diagnostic for what the template engine says, in the words of Kumeo."""
    reason = message.split(". ")[0].rstrip(".")
    problem = f"this is no template: {reason[:1].lower()}{reason[1:]}"
    unclosed = re.search(r"needs to be closed is '(\w+)'", message)
    fix = f"close the block: `{{% end{unclosed[1]} %}}`" if unclosed else None
    if "end of print statement" in message or message == "unexpected '}'":
        problem = "this is no template: a value or statement is not closed"
        fix = "close `{{` with `}}`, and `{%` with `%}`"
    return PromptSyntax(place, problem, "near here", fix)


def _found_error(diagnostics: list[Diagnostic]) -> bool:
    return any(diagnostic.severity.value == "error" for diagnostic in diagnostics)


class Holes:
    """The values that a prompt reads, by their dotted paths."""

    def __init__(self, expressions: Expressions, scope: Scope, places: PromptPlaces) -> None:
        self.places = places
        self._e = expressions
        self._scope = scope
        self._values: dict[str, SSAValue] = {}
        self._reads: dict[tuple[str, ...], tuple[SSAValue, int]] = {}

    def read(self, names: tuple[str, ...]) -> tuple[SSAValue, int]:
        """Return the value of the longest typed part of a path, and how many names it has.

        What is left stands in a map or list, where the template looks it up.
        """
        if names not in self._reads:
            self._reads[names] = self._read(names)
        return self._reads[names]

    def _read(self, names: tuple[str, ...]) -> tuple[SSAValue, int]:
        value, node, used = self._root(names)
        while used < len(names) and not is_poison(value) and _has_fields(value):
            value, node = self._field(value, node, names, used)
            used += 1
        path = ".".join(names[:used])
        self._values[path] = value
        return value, used

    def kept(self) -> dict[str, SSAValue]:
        """Return the holes without the ones that lie inside of others."""
        return {path: v for path, v in self._values.items() if not self._is_inside(path)}

    def _is_inside(self, path: str) -> bool:
        names = path.split(".")
        return any(".".join(names[:end]) in self._values for end in range(1, len(names)))

    def _root(self, names: tuple[str, ...]) -> tuple[SSAValue, tree.Expr, int]:
        root = names[0]
        node: tree.Expr = tree.Variable(self.places.of(names, 0, 1), root)
        value = self._scope.refined(root) or self._scope.find(root)
        if value is not None:
            return value, node, 1
        value, used = paths.find_dotted(self._scope, names)
        if value is not None:
            return value, node, used
        if root in paths.SECTIONS and len(names) > 1:
            return self._entry(root, names), node, 2
        return self._e.ctx.poison(self._unknown(node)), node, len(names)

    def _entry(self, section: str, names: tuple[str, ...]) -> SSAValue:
        place = self.places.of(names, 1, 2)
        is_config = section == "config"
        scope = self._scope
        value = scope.config(names[1]) if is_config else scope.context(names[1], place)
        if value is not None:
            return value
        known = tuple(scope.config_names() if is_config else scope.context_names())
        near = nearest(names[1], known)
        return self._e.ctx.poison(UnknownField(place, f"`{section}`", names[1], near, known))

    def _unknown(self, node: tree.Variable) -> Diagnostic:
        explained = self._scope.missing(node)
        if explained is not None:
            return explained
        if node.name in paths.SECTIONS:
            fix = f"name an entry: `{node.name}.…`"
            return PromptName(node.span, node.name, None, fix)
        known = {*self._scope.visible(), *paths.SECTIONS}
        return PromptName(node.span, node.name, nearest(node.name, known))

    def _field(
        self, value: SSAValue, node: tree.Expr, names: tuple[str, ...], used: int
    ) -> tuple[SSAValue, tree.Expr]:
        name = tree.Name(self.places.of(names, used, used + 1), names[used])
        optional = isinstance(value.type, OptionType)
        span: Span = node.span.to(name.span)
        read = tree.Get(span, node, name, optional)
        known = self._scope.refined(".".join(names[: used + 1]))
        return (paths.build_get(self._e, value, read) if known is None else known), read


def _has_fields(value: SSAValue) -> bool:
    kind = value.type.inner if isinstance(value.type, OptionType) else value.type
    return isinstance(kind, RecordType) or kind == JSON
