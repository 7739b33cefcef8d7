"""Expressions and types as documents, with parentheses only where the grammar needs them."""

from kumeo.frontend import tree
from kumeo.frontend.handlebars import handlebars_to_jinja
from kumeo.frontend.layout import HARD, LINE, SOFT, Doc, group, indent, seq
from kumeo.frontend.literals import dedent, encode_string
from kumeo.frontend.printer_comments import ListPrinter, Style

_LEVELS = (
    ("or",),
    ("and",),
    ("not",),
    ("==", "!=", "<", "<=", ">", ">=", "in", "not in"),
    ("??",),
    ("+", "-"),
    ("*", "/", "%"),
)
PRECEDENCE = {operator: level for level, row in enumerate(_LEVELS, 1) for operator in row}
"""How tightly a binary operator, or `not`, binds."""

_NEGATE = 8
_OPTIONAL = 9
_POSTFIX = 10
_ATOM = 11
_COMPARISON = PRECEDENCE["=="]
_PROMPTS = ("prompt", "system")

_ARGUMENTS = Style("(", ")", ",", SOFT)
_ARRAY = Style("[", "]", ",", SOFT)
_OBJECT = Style("{", "}", ",", LINE)
_BROKEN_OBJECT = Style("{", "}", ",", HARD)


def precedence_of(expr: tree.Expr) -> int:
    """Return how tightly the outermost operator of an expression binds."""
    match expr:
        case tree.Binary(_, operator):
            return PRECEDENCE[operator]
        case tree.Unary(_, operator):
            return PRECEDENCE["not"] if operator == "not" else _NEGATE
        case tree.Optional():
            return _OPTIONAL
        case tree.Get() | tree.Index() | tree.Call():
            return _POSTFIX
        case _:
            return _ATOM


def type_text(node: tree.TypeNode) -> str:
    """Return a type as it is written."""
    match node:
        case tree.NamedType(_, name):
            return name
        case tree.ListType(_, item):
            return f"[{type_text(item)}]"
        case tree.MapType(_, key, value):
            return f"{{{key.text}: {type_text(value)}}}"
        case tree.OptionalType(_, inner):
            return f"{type_text(inner)}?"


class ExpressionPrinter(ListPrinter):
    """Writes expressions, arguments and the `emit` that an argument may hold."""

    def expression(self, expr: tree.Expr, least: int = 0) -> Doc:
        """Return an expression, in parentheses if it binds less tightly than `least`."""
        if precedence_of(expr) < least:
            return group("(", indent(SOFT, self.expression(expr)), SOFT, ")")
        match expr:
            case tree.Binary():
                return self._binary(expr)
            case tree.Unary(_, operator, operand):
                word = "not " if operator == "not" else "-"
                return seq(word, self.expression(operand, precedence_of(expr)))
            case tree.Get() | tree.Index() | tree.Call() | tree.Optional():
                return self._postfix(expr)
            case tree.Object() | tree.Array() | tree.Comprehension():
                return self._container(expr)
            case tree.String():
                return self.string(expr)
            case _:
                return _literal(expr)

    def _binary(self, expr: tree.Binary) -> Doc:
        """Write a chain of operators of one level, broken before the operators if too long."""
        level = PRECEDENCE[expr.operator]
        if expr.operator == "??":
            first, rest = self._right_chain(expr, level)
        elif level == _COMPARISON:
            left = self.expression(expr.left, level + 1)
            first, rest = left, [(expr.operator, self.expression(expr.right, level + 1))]
        else:
            first, rest = self._left_chain(expr, level)
        tail = [part for operator, right in rest for part in (LINE, f"{operator} ", right)]
        return group(first, indent(*tail, by=4))

    def _left_chain(self, expr: tree.Binary, level: int) -> tuple[Doc, list[tuple[str, Doc]]]:
        nodes: list[tree.Binary] = []
        node: tree.Expr = expr
        while isinstance(node, tree.Binary) and PRECEDENCE[node.operator] == level:
            nodes.append(node)
            node = node.left
        first = self.expression(node, level)
        nodes.reverse()
        return first, [(n.operator, self.expression(n.right, level + 1)) for n in nodes]

    def _right_chain(self, expr: tree.Binary, level: int) -> tuple[Doc, list[tuple[str, Doc]]]:
        first = self.expression(expr.left, level + 1)
        rest: list[tuple[str, Doc]] = []
        node: tree.Expr = expr.right
        while isinstance(node, tree.Binary) and node.operator == "??":
            rest.append(("??", self.expression(node.left, level + 1)))
            node = node.right
        rest.append(("??", self.expression(node, level)))
        return first, rest

    def _postfix(self, expr: tree.Get | tree.Index | tree.Call | tree.Optional) -> Doc:
        match expr:
            case tree.Get(_, base, name, optional):
                number = isinstance(base, tree.Int | tree.Float | tree.Duration)
                least = _ATOM + 1 if number else _POSTFIX
                return seq(self.expression(base, least), "?." if optional else ".", name.text)
            case tree.Index(_, base, index):
                return seq(self.expression(base, _POSTFIX), "[", self.expression(index), "]")
            case tree.Optional(_, inner):
                return seq(self.expression(inner, _POSTFIX), "?")
            case tree.Call():
                return self.call(expr)

    def call(self, call: tree.Call) -> Doc:
        """Return a call: on one line, or one argument per line."""
        callee = self.expression(call.callee, _POSTFIX)
        start, end = call.callee.span.end, call.span.end
        arguments = self.listing(_ARGUMENTS, call.arguments, self.argument, start, end)
        return seq(callee, arguments)

    def argument(self, argument: tree.Argument) -> Doc:
        """Return `value` or `name: value`."""
        name, value = argument.name, argument.value
        prefix = "" if name is None else f"{name.text}: "
        if isinstance(value, tree.Emit):
            return seq(prefix, self.emit(value))
        if name is not None and name.text in _PROMPTS and isinstance(value, tree.String):
            return seq(prefix, self.string(_modern(value)))
        return seq(prefix, self.expression(value))

    def emit(self, emit: tree.Emit) -> Doc:
        """Return `emit value to target`."""
        target = self.expression(emit.target, _POSTFIX)
        return seq("emit ", self.expression(emit.value), " to ", target)

    def _container(self, expr: tree.Object | tree.Array | tree.Comprehension) -> Doc:
        start, end = expr.span.start, expr.span.end
        match expr:
            case tree.Object(_, pairs):
                style = _BROKEN_OBJECT if self._opens_line(expr) else _OBJECT
                return self.listing(style, pairs, self.pair, start, end)
            case tree.Array(_, items):
                return self.listing(_ARRAY, items, self.expression, start, end)
            case tree.Comprehension():
                body = self._comprehension(expr)
                return group("[", indent(SOFT, body), SOFT, "]") if expr.bracketed else body

    def _opens_line(self, expr: tree.Object) -> bool:
        """Return whether the author wrote the first pair of an object on a line of its own."""
        if not expr.pairs:
            return False
        return "\n" in self.text[expr.span.start : expr.pairs[0].span.start]

    def _comprehension(self, expr: tree.Comprehension) -> Doc:
        source = self.expression(expr.source)
        parts: list[Doc] = [
            self.expression(expr.item),
            LINE,
            f"for {expr.variable.text} in ",
            source,
        ]
        if expr.condition is not None:
            parts += [LINE, "if ", self.expression(expr.condition)]
        return group(*parts)

    def pair(self, pair: tree.Pair) -> Doc:
        """Return `key: value`."""
        key = encode_string(pair.key.text) if pair.quoted else pair.key.text
        return seq(f"{key}: ", self.expression(pair.value))

    def string(self, string: tree.String) -> Doc:
        """Return a string in double quotes, or in triple quotes on lines of its own."""
        if not string.raw:
            return encode_string(string.value)
        if not _can_be_block(string.value):
            return f'"""{string.value}"""'
        *lines, last = string.value.split("\n")
        body = [part for line in lines for part in (HARD, line)]
        if last:
            return seq('"""', indent(*body, HARD, f'{last}"""'))
        return seq('"""', indent(*body), HARD, '"""')


def _modern(string: tree.String) -> tree.String:
    """Return a prompt without Handlebars blocks."""
    return tree.String(string.span, handlebars_to_jinja(string.value)[0], string.raw)


def _can_be_block(value: str) -> bool:
    """Return whether a raw text keeps its meaning when it is indented on lines of its own."""
    return "\r" not in value and dedent("\n" + value).value == value


def _literal(expr: tree.Expr) -> str:
    match expr:
        case tree.Variable(_, name):
            return name
        case tree.Int(_, value):
            return str(value)
        case tree.Float(_, _, text) | tree.Duration(_, _, text):
            return text
        case tree.Bool(_, value):
            return "true" if value else "false"
        case _:
            return "null"
