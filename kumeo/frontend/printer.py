"""The canonical form of a file: what `kumeo fmt` writes.

Two spaces of indentation, one statement, section or field per line, at most one blank line between
them, and 100 characters per line. What fits stands on one line, but an object stays broken where
its author broke it behind the bracket. Commas stand between arguments, pairs and array elements,
nowhere else. Reading the result gives an equal tree, places aside; printing it again changes
nothing.
"""

import sys
from collections.abc import Generator
from contextlib import contextmanager

from kumeo.diagnostics import has_errors
from kumeo.frontend import tree
from kumeo.frontend.layout import LINE, SOFT, Doc, render, seq
from kumeo.frontend.parser import ParseResult
from kumeo.frontend.printer_comments import Style
from kumeo.frontend.printer_expressions import ExpressionPrinter, type_text

_BLOCK = Style("{", "}")
_PROGRAM = Style("[", "]")
_PARAMETERS = Style("(", ")", ",", SOFT)
_VALUES = Style("{", "}", ",", LINE)
_RECURSION = 20_000


def print_file(result: ParseResult) -> str:
    """Return the canonical text of a file. A file with errors comes back as it is."""
    file = result.tree
    if has_errors(result.diagnostics):
        return file.span.source.text
    printer = Printer(file.span.source.text, result.comments)
    with _deep_recursion():
        text = render(printer.file(file)).strip("\n")
    return text + "\n" if text else ""


@contextmanager
def _deep_recursion() -> Generator[None]:
    """Allow for trees as deep as the parser's limits let through."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _RECURSION))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


class Printer(ExpressionPrinter):
    """Writes the items, sections and statements of one file."""

    def file(self, file: tree.File) -> Doc:
        """Return the whole file."""
        end = len(self.text) + 1
        return seq(*self.rows("", file.items, self.item, 0, end, _is_apart))

    def item(self, item: tree.Item) -> Doc:
        """Return one item."""
        end = item.span.end
        match item:
            case tree.Import(_, path, alias):
                return seq("import ", self.string(path), f" as {alias.text}" if alias else "")
            case tree.Schema(_, name, fields):
                start = name.span.end
                return seq(
                    f"schema {name.text} ", self.listing(_BLOCK, fields, self.field, start, end)
                )
            case tree.Enum(_, name, values):
                start = name.span.end
                return seq(f"enum {name.text} ", self.listing(_VALUES, values, _name, start, end))
            case tree.Provider(_, name, settings):
                return seq(f"provider {name.text} ", self.expression(settings))
            case tree.AgentDeclaration():
                return self._agent(item)
            case tree.Workflow(_, name, body):
                return seq(f"workflow {name.text} ", self.body(body))
            case tree.Subworkflow(_, name, body):
                return seq(f"subworkflow {name.text} ", self.body(body))
            case tree.Integration(_, body):
                return seq("integration ", self.body(body))
            case tree.Test(_, title, workflow, body):
                return seq("test ", self.string(title), f" for {workflow.text} ", self.body(body))

    def _agent(self, item: tree.AgentDeclaration) -> Doc:
        start, end = item.name.span.end, item.result.span.start
        parameters = self.listing(_PARAMETERS, item.parameters, _parameter, start, end)
        result = type_text(item.result)
        settings = self.expression(item.settings)
        return seq(f"agent {item.name.text}", parameters, f" -> {result} ", settings)

    def field(self, field: tree.Field) -> Doc:
        """Return a field of a schema."""
        head = f"{field.name.text}: {type_text(field.type)}"
        if field.default is None:
            return head
        return seq(f"{head} = ", self.expression(field.default))

    def body(self, body: tree.Body) -> Doc:
        """Return the sections of a workflow or test."""
        return self.listing(_BLOCK, body.sections, self.section, body.span.start, body.span.end)

    def section(self, section: tree.Section) -> Doc:
        """Return `key: value`."""
        value = section.value
        if not isinstance(value, tree.Program):
            return seq(f"{section.key.text}: ", self.expression(value))
        start, end = value.span.start, value.span.end
        program = self.listing(_PROGRAM, value.statements, self.statement, start, end)
        return seq(f"{section.key.text}: ", program)

    def block(self, block: tree.Block) -> Doc:
        """Return `{ statements }`, one per line."""
        start, end = block.span.start, block.span.end
        return self.listing(_BLOCK, block.statements, self.statement, start, end)

    def statement(self, statement: tree.Statement) -> Doc:
        """Return one statement."""
        match statement:
            case tree.Call():
                return self.call(statement)
            case tree.Bind(_, name, value):
                written = (
                    self._for(value) if isinstance(value, tree.For) else self.expression(value)
                )
                return seq(f"{name.text} = ", written)
            case tree.If():
                return self._if(statement)
            case tree.For():
                return self._for(statement)
            case tree.Match(_, subject, cases):
                head = seq("match ", self.expression(subject), " ")
                start, end = subject.span.end, statement.span.end
                return seq(head, self.listing(_BLOCK, cases, self._case, start, end))
            case tree.Parallel(_, body):
                return seq("parallel ", self.block(body))
            case tree.Try(_, body, name, handler):
                return seq("try ", self.block(body), f" catch {name.text} ", self.block(handler))
            case tree.Emit():
                return self.emit(statement)

    def _if(self, statement: tree.If) -> Doc:
        parts: list[Doc] = []
        node: tree.Block | tree.If | None = statement
        while isinstance(node, tree.If):
            parts += ["if ", self.expression(node.condition), " ", self.block(node.then)]
            node = node.otherwise
            if node is not None:
                parts.append(" else ")
        if node is not None:
            parts.append(self.block(node))
        return seq(*parts)

    def _for(self, statement: tree.For) -> Doc:
        head = f"for {statement.variable.text} in "
        return seq(head, self.expression(statement.source), " ", self.block(statement.body))

    def _case(self, case: tree.Case) -> Doc:
        patterns = [self.expression(pattern) for pattern in case.patterns]
        head = [part for pattern in patterns for part in (" | ", pattern)][1:]
        return seq(*(["else"] if case.is_else else head), " => ", self.block(case.body))


def _is_apart(item: tree.Item) -> bool:
    """Return whether a blank line stands before an item in any case."""
    return not isinstance(item, tree.Import)


def _name(name: tree.Name) -> Doc:
    return name.text


def _parameter(parameter: tree.Parameter) -> Doc:
    return f"{parameter.name.text}: {type_text(parameter.type)}"
