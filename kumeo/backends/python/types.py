"""Types of values as Python annotations, and the classes of the records that they need.

Records are structural in the IR, so one class stands for all equal types. It is named after the
schema where the name is known, else after the first thing that has it: a source, an agent, a field.
"""

import keyword
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from xdsl.ir import Attribute

from kumeo.backends.python.code import quoted
from kumeo.backends.python.names import Names, class_name, field_names, pascal
from kumeo.dialects.data import (
    BOOL,
    BYTES,
    DURATION,
    FLOAT,
    INT,
    STR,
    TIME,
    EnumType,
    JsonType,
    ListType,
    MapType,
    OptionType,
    RecordType,
)
from kumeo.dialects.data.types import is_nullable
from kumeo.dialects.workflow.control import ERROR_TYPE

SCALARS: Mapping[Attribute, str] = {
    BOOL: "bool",
    INT: "int",
    FLOAT: "float",
    STR: "str",
    BYTES: "bytes",
    TIME: "Time",
    DURATION: "Duration",
}
PROBLEM = "Problem"
"""The class of the runtime for what the handler of a `try` gets to know."""
RUNTIME_NAMES = (
    *("Activation", "Duration", "Edge", "Failure", "Int", "Json", "Message", "Record", "Raw"),
    *("Literal", "Time", "TypeAlias", "Source", "Target", "Workflow", "Handler", "Consumer"),
    *("Permission", "ServiceSpec", "StreamSizes", "Policy", "Config", "Meta", PROBLEM),
    *(
        "OnnxModel",
        "InferModel",
        "BayesNet",
        "Decide",
        "LanguageModel",
        "KnowledgeBase",
        "Database",
    ),
    *("Review", "Aggregate", "UserCode"),
)


@dataclass
class Types:
    """The classes of a workflow, by type."""

    given: Mapping[Attribute, str] = field(default_factory=dict[Attribute, str])
    """Names of schemas and enums."""
    raw: frozenset[tuple[Attribute, str]] = frozenset()
    """Fields of type json that nothing reads, by record and name: they stay bytes."""
    names: Names = field(default_factory=lambda: Names((*RUNTIME_NAMES, *keyword.kwlist)))
    records: dict[RecordType, str] = field(default_factory=dict[RecordType, str])
    """In the order in which they are declared: what a class needs stands before it."""
    enums: dict[EnumType, str] = field(default_factory=dict[EnumType, str])
    fields: dict[RecordType, dict[str, str]] = field(
        default_factory=dict[RecordType, dict[str, str]]
    )

    def learn(self, kind: Attribute, hint: str) -> None:
        """Give names to the records and enums in a type that have none yet."""
        match kind:
            case OptionType():
                self.learn(kind.inner, hint)
            case ListType():
                self.learn(kind.item, hint)
            case MapType():
                self.learn(kind.value, hint)
            case EnumType() if kind not in self.enums:
                self.enums[kind] = self.names.fresh(self._wanted(kind, hint))
            case RecordType() if kind not in self.records and kind != ERROR_TYPE:
                self._learn_record(kind, self._wanted(kind, hint))
            case _:
                return

    def _wanted(self, kind: Attribute, hint: str) -> str:
        given = self.given.get(kind)
        return class_name(given) if given else pascal(hint)

    def _learn_record(self, kind: RecordType, hint: str) -> None:
        name = self.names.fresh(hint)
        for part, inner in kind.fields:
            self.learn(inner, pascal(part) if _is_enum(inner) else f"{name}_{part}")
        self.records[kind] = name

    def class_of(self, kind: Attribute) -> str:
        """Return the class of a record."""
        if kind == ERROR_TYPE:
            return PROBLEM
        assert isinstance(kind, RecordType), "only records have a class"
        if kind not in self.records:
            self.learn(kind, "value")
        return self.records[kind]

    def attribute_of(self, kind: Attribute, field_name: str) -> str:
        """Return the Python name of a field."""
        assert isinstance(kind, RecordType), "only records have fields"
        if kind not in self.fields:
            self.fields[kind] = field_names(kind.names)
        return self.fields[kind][field_name]

    def of(self, kind: Attribute) -> str:
        """Return the annotation of a value in code."""
        match kind:
            case OptionType():
                return f"{self.of(kind.inner)} | None"
            case ListType():
                return f"list[{self.of(kind.item)}]"
            case MapType():
                return f"dict[str, {self.of(kind.value)}]"
            case EnumType():
                return self.enums.get(kind) or literal_of(kind)
            case RecordType():
                return self.class_of(kind)
            case JsonType():
                return "Json"
            case _:
                return SCALARS[kind]

    def in_schema(self, record: RecordType, part: str, kind: Attribute) -> str:
        """Return the annotation of a field: integers are checked when they are read."""
        if (record, part) in self.raw:
            return "Raw"
        text = self.of(kind)
        return {"int": "Int", "int | None": "Int | None"}.get(text) or text.replace("[int", "[Int")

    def failing(self, kind: Attribute) -> str:
        """Return the annotation of a value that may be a failure."""
        return f"{self.of(kind)} | Failure"

    def declared(self) -> Iterator[tuple[str, RecordType]]:
        """Yield the classes in the order in which they are declared."""
        for kind, name in self.records.items():
            yield name, kind

    def __contains__(self, name: str) -> bool:
        return name in self.records.values() or name in self.enums.values()


def _is_enum(kind: Attribute) -> bool:
    match kind:
        case OptionType():
            return _is_enum(kind.inner)
        case ListType():
            return _is_enum(kind.item)
        case _:
            return isinstance(kind, EnumType)


def literal_of(kind: EnumType) -> str:
    """Return an enum as the set of its texts."""
    return f"Literal[{', '.join(map(quoted, kind.names))}]"


def default_of(kind: Attribute) -> str:
    """Return what stands behind the annotation of a field: a nullable one may be missing."""
    return " = None" if is_nullable(kind) else ""
