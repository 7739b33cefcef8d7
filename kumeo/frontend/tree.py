"""The syntax tree of a `.kumeo` file: what the author wrote, with exact places.

The parser makes it, the printer (`kumeo fmt`) and the elaborator read it. Nodes are immutable.
A tree is plain data: it holds no types and no resolved names. Comments are not in the tree; the
parser returns them beside it. One file, because everybody who reads a part of the tree needs the
whole of it.
"""

from dataclasses import dataclass
from typing import Literal

from kumeo.diagnostics import Span


@dataclass(frozen=True, slots=True)
class Node:
    """Base of all nodes. `span` covers the node's first to last character."""

    span: Span


@dataclass(frozen=True, slots=True)
class Name(Node):
    """An identifier at its place."""

    text: str


# Types, as written.


@dataclass(frozen=True, slots=True)
class NamedType(Node):
    """`string`, `Transaction`."""

    name: str


@dataclass(frozen=True, slots=True)
class ListType(Node):
    """`[T]`."""

    item: "TypeNode"


@dataclass(frozen=True, slots=True)
class MapType(Node):
    """`{string: T}`. `key` is checked to be `string` by the elaborator."""

    key: Name
    value: "TypeNode"


@dataclass(frozen=True, slots=True)
class OptionalType(Node):
    """`T?`."""

    inner: "TypeNode"


TypeNode = NamedType | ListType | MapType | OptionalType

# Expressions.


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """A bare name: an agent, a loop variable, a section such as `source`, an enum value."""

    name: str


@dataclass(frozen=True, slots=True)
class String(Node):
    """A string. `value` is decoded; `raw` marks the triple-quoted form."""

    value: str
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Int(Node):
    """An integer literal of any size; the elaborator checks the range."""

    value: int


@dataclass(frozen=True, slots=True)
class Float(Node):
    """A floating-point literal. `text` is what the author wrote."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Duration(Node):
    """A duration literal in microseconds. `text` is what the author wrote."""

    value_us: int
    text: str


@dataclass(frozen=True, slots=True)
class Bool(Node):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Null(Node):
    """`null`."""


@dataclass(frozen=True, slots=True)
class Pair(Node):
    """`key: value` in an object; `quoted` tells whether the key was a string."""

    key: Name
    value: "Expr"
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Object(Node):
    """`{ key: value, … }`."""

    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Array(Node):
    """`[a, b]`."""

    items: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class Comprehension(Node):
    """`[item for variable in source if condition]`; without brackets as the only argument."""

    item: "Expr"
    variable: Name
    source: "Expr"
    condition: "Expr | None"
    bracketed: bool = True


@dataclass(frozen=True, slots=True)
class Get(Node):
    """`base.name` or `base?.name`."""

    base: "Expr"
    name: Name
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Index(Node):
    """`base[index]`."""

    base: "Expr"
    index: "Expr"


@dataclass(frozen=True, slots=True)
class Argument(Node):
    """One argument of a call. `name` is None for a positional one. `equals`: `name = value`."""

    name: Name | None
    value: "Expr | Emit"
    equals: bool = False


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`callee(arguments)`: agent, function or subworkflow. `callee` is a Variable or Get chain."""

    callee: "Expr"
    arguments: tuple[Argument, ...]


UnaryOperator = Literal["-", "not"]
BinaryOperator = Literal[
    "or", "and", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "??", "+", "-", "*", "/", "%"
]


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`-x`, `not x` (also written `!x`)."""

    operator: UnaryOperator
    operand: "Expr"


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """`left operator right`; `&&` and `||` are read as `and` and `or`."""

    operator: BinaryOperator
    left: "Expr"
    right: "Expr"


@dataclass(frozen=True, slots=True)
class Optional(Node):
    """`Assessment?`: only meaningful where a type is expected."""

    inner: "Expr"


Expr = (
    Variable
    | String
    | Int
    | Float
    | Duration
    | Bool
    | Null
    | Object
    | Array
    | Comprehension
    | Get
    | Index
    | Call
    | Unary
    | Binary
    | Optional
)

# Statements.


@dataclass(frozen=True, slots=True)
class Block(Node):
    """`{ statements }`."""

    statements: tuple["Statement", ...]


@dataclass(frozen=True, slots=True)
class Bind(Node):
    """`name = value`."""

    name: Name
    value: "Expr | For"


@dataclass(frozen=True, slots=True)
class If(Node):
    """`if condition { … } else { … }`; `otherwise` is an `If` for `else if`."""

    condition: Expr
    then: Block
    otherwise: "Block | If | None"


@dataclass(frozen=True, slots=True)
class For(Node):
    """`for variable in source { … }`."""

    variable: Name
    source: Expr
    body: Block


@dataclass(frozen=True, slots=True)
class Case(Node):
    """`pattern | pattern => { … }`. A pattern is a literal or a Variable; `else` has none."""

    patterns: tuple[Expr, ...]
    body: Block
    is_else: bool = False


@dataclass(frozen=True, slots=True)
class Match(Node):
    """`match subject { cases }`."""

    subject: Expr
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Parallel(Node):
    """`parallel { … }`: the author states that the statements do not read each other."""

    body: Block


@dataclass(frozen=True, slots=True)
class Try(Node):
    """`try { … } catch name { … }`."""

    body: Block
    name: Name
    handler: Block


@dataclass(frozen=True, slots=True)
class Emit(Node):
    """`emit value to target`."""

    value: Expr
    target: Expr


Statement = Call | Bind | If | For | Match | Parallel | Try | Emit

# Sections and top-level items.


@dataclass(frozen=True, slots=True)
class Program(Node):
    """The statements of `agents: [ … ]` or `preprocessors: [ … ]`."""

    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Section(Node):
    """`key: value` in a body."""

    key: Name
    value: Expr | Program


@dataclass(frozen=True, slots=True)
class Body(Node):
    """The sections of a workflow, subworkflow, integration or test."""

    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Import(Node):
    """`import "path" as alias`."""

    path: String
    alias: Name | None


@dataclass(frozen=True, slots=True)
class Field(Node):
    """`name: type = default` in a schema."""

    name: Name
    type: TypeNode
    default: Expr | None


@dataclass(frozen=True, slots=True)
class Schema(Node):
    """`schema Name { fields }`."""

    name: Name
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Enum(Node):
    """`enum Name { values }`."""

    name: Name
    values: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Provider(Node):
    """`provider name { settings }`."""

    name: Name
    settings: Object


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """`name: type` of a declared agent."""

    name: Name
    type: TypeNode


@dataclass(frozen=True, slots=True)
class AgentDeclaration(Node):
    """`agent Name(parameters) -> type { settings }`."""

    name: Name
    parameters: tuple[Parameter, ...]
    result: TypeNode
    settings: Object


@dataclass(frozen=True, slots=True)
class Workflow(Node):
    """`workflow Name { sections }`."""

    name: Name
    body: Body


@dataclass(frozen=True, slots=True)
class Subworkflow(Node):
    """`subworkflow Name { sections }`."""

    name: Name
    body: Body


@dataclass(frozen=True, slots=True)
class Integration(Node):
    """`integration { sections }`."""

    body: Body


@dataclass(frozen=True, slots=True)
class Test(Node):
    """`test "title" for Workflow { sections }`."""

    __test__ = False  # Not a pytest class.

    title: String
    workflow: Name
    body: Body


Item = (
    Import
    | Schema
    | Enum
    | Provider
    | AgentDeclaration
    | Workflow
    | Subworkflow
    | Integration
    | Test
)


@dataclass(frozen=True, slots=True)
class File(Node):
    """A whole file."""

    items: tuple[Item, ...]
