"""Reads a JSON Schema (draft 2020-12) as a type of the language.

| schema | type |
|---|---|
| `string`, with `format: date-time`, with `contentEncoding: base64` | string, timestamp, bytes |
| `integer`, `number`, `boolean` | int, float, bool |
| `enum` or `const` of strings, `oneOf` of them | enum |
| `array` with `items` | list |
| `object` with `properties` | record; a field that is not `required` is optional |
| `object` with `additionalProperties: T` or without members | map |
| `["string", "null"]`, `anyOf` with `null`, `null` in `enum` | optional |
| `$ref: "#/…"` | the type found there; never itself |
| `allOf` of objects | one record |
| anything else, for instance `oneOf` of different types | json |

Keywords that restrict values without changing the type are ignored on purpose: `minLength`,
`maximum`, `pattern`, `minItems`, `not`, `if`, `dependentRequired`, other values of `format`, and
annotations such as `title`. Extra properties of a record are ignored as well.
"""

from dataclasses import dataclass, field
from urllib.parse import unquote

from xdsl.ir import Attribute

from kumeo.diagnostics import Diagnostic, Place, nearest
from kumeo.dialects.data.types import (
    BOOL,
    BYTES,
    FLOAT,
    INT,
    JSON,
    STR,
    TIME,
    EnumType,
    ListType,
    MapType,
    RecordType,
    option_of,
)
from kumeo.frontend.errors.files import InvalidJsonSchema
from kumeo.frontend.signatures.documents import Node, read_json
from kumeo.frontend.signatures.report import FileReport, ReadError, name_at

MAX_TYPES = 10_000
"""Types made from one file; references to references could ask for more than fits in memory."""

MAX_OPEN = 64
"""Schemas inside each other, which bounds the depth of the recursion."""

_SIMPLE = {"integer": INT, "number": FLOAT, "boolean": BOOL}
_NAMES = ("string", *_SIMPLE, "array", "object", "null")
_COMBINERS = ("anyOf", "oneOf", "allOf")


def read_json_schema(
    data: bytes, place: Place | None, name: str | None = None
) -> tuple[Attribute | None, list[Diagnostic]]:
    """Return the type that a JSON Schema file describes.

    `name` is shown to the user; it defaults to the string at `place`.
    """
    report = FileReport(InvalidJsonSchema, name or name_at(place, "schema.json"), place)
    try:
        root = read_json(report.decode(data), report)
        type_ = _Reader(root, report).type_of(root)
    except ReadError:
        return None, report.found
    return (None if report.found else type_), report.found


@dataclass
class _Reader:
    """Walks the schema. `open` holds the schemas being read, to find one inside itself."""

    root: Node
    report: FileReport
    open: list[Node] = field(default_factory=list[Node])
    made: int = 0

    def type_of(self, schema: Node) -> Attribute:
        self.made += 1
        if self.made > MAX_TYPES or len(self.open) > MAX_OPEN:
            raise self.fail("it describes too large a type", schema)
        keys = schema.object
        if schema.value is True:
            return JSON
        if keys is None:
            is_false = schema.value is False
            reason = "no value fits `false`" if is_false else "a schema must be an object"
            raise self.fail(reason, schema)
        self.open.append(schema)
        result = self.keyed(keys, schema)
        self.open.pop()
        return result

    def keyed(self, keys: dict[str, Node], schema: Node) -> Attribute:
        if "$ref" in keys:
            return self.reference(keys["$ref"])
        if "const" in keys:
            return self.values([keys["const"]])
        if "enum" in keys:
            return self.enum(keys["enum"])
        names = self.type_names(keys)
        combiner = next((c for c in _COMBINERS if c in keys), None)
        if combiner and names in ([], ["object"]) and "properties" not in keys:
            return self.combined(combiner, keys[combiner])
        return self.typed(names, keys, schema)

    def reference(self, ref: Node) -> Attribute:
        target = self.root
        if not isinstance(ref.value, str) or not (ref.text == "#" or ref.text.startswith("#/")):
            fix = "copy the other schema into `$defs` of this file"
            raise self.fail("only references inside the file (`#/…`) are possible", ref, fix)
        for part in ref.text.split("/")[1:]:
            target = self.step(target, unquote(part).replace("~1", "/").replace("~0", "~"), ref)
        if any(target is schema for schema in self.open):
            fix = "events are finite records: use a schema without `type` here, which means json"
            raise self.fail(f"`{ref.text[:60]}` refers to itself", ref, fix)
        return self.type_of(target)

    def step(self, node: Node, part: str, ref: Node) -> Node:
        if node.object and part in node.object:
            return node.object[part]
        if node.items and part.isdecimal() and len(part) < 9 and int(part) < len(node.items):
            return node.items[int(part)]
        near = nearest(part, [key for key in node.object or () if key != "$ref"])
        fix = f"`{part}` is not there; write `{near}`" if near else None
        raise self.fail(f"`{ref.text[:60]}` is not in the file", ref, fix)

    def enum(self, values: Node) -> Attribute:
        if not values.items:
            raise self.fail("`enum` must be a list that is not empty", values)
        return self.values(values.items)

    def values(self, nodes: list[Node]) -> Attribute:
        """Return the narrowest type of some constants: an enum when they are texts."""
        real = [n for n in nodes if n.value is not None]
        if not real:
            return JSON
        texts = [n.value for n in real if isinstance(n.value, str)]
        if len(texts) == len(real):
            result: Attribute = EnumType.of(*self.distinct(real))
        else:
            result = _common([_type_of_value(n) for n in real])
        return result if len(real) == len(nodes) else option_of(result)

    def distinct(self, nodes: list[Node]) -> list[str]:
        seen: list[str] = []
        for node in nodes:
            if node.text in seen:
                self.report.add(f"value `{node.text}` is listed twice", node.start, node.end)
                continue
            seen.append(node.text)
        return seen

    def combined(self, combiner: str, choices: Node) -> Attribute:
        if not choices.items:
            raise self.fail(f"`{combiner}` must be a list that is not empty", choices)
        if combiner == "allOf":
            return _merged([self.type_of(choice) for choice in choices.items])
        real = [c for c in choices.items if not _is_null(c)]
        if not real:
            return JSON
        result = _common([self.type_of(choice) for choice in real])
        return result if len(real) == len(choices.items) else option_of(result)

    def type_names(self, keys: dict[str, Node]) -> list[str]:
        given = keys.get("type")
        if given is None:
            return []
        nodes = given.items if given.items is not None else [given]
        for node in nodes:
            if node.value not in _NAMES or not node.quoted:
                near = nearest(node.text, _NAMES)
                fix = f"write `{near}`" if near else f"the types are {', '.join(_NAMES)}"
                raise self.fail(f"`{node.text[:60]}` is not a type", node, fix)
        return [node.text for node in nodes]

    def typed(self, names: list[str], keys: dict[str, Node], schema: Node) -> Attribute:
        real = [n for n in names if n != "null"] or _implied(keys, names)
        if not real:
            return JSON
        result = _common([self.simple(n, keys, schema) for n in dict.fromkeys(real)])
        return option_of(result) if "null" in names else result

    def simple(self, name: str, keys: dict[str, Node], schema: Node) -> Attribute:
        if name == "string":
            is_time = _text(keys.get("format")) == "date-time"
            is_base64 = _text(keys.get("contentEncoding")) == "base64"
            return TIME if is_time else BYTES if is_base64 else STR
        if name == "array":
            items = keys.get("items")
            uniform = items is not None and "prefixItems" not in keys
            return ListType(self.type_of(items) if items and uniform else JSON)
        return self.members(keys, schema) if name == "object" else _SIMPLE[name]

    def members(self, keys: dict[str, Node], schema: Node) -> Attribute:
        properties, required = self.properties(keys), self.required(keys)
        if not properties and not required:
            rest = keys.get("additionalProperties")
            return MapType(JSON if rest is None or rest.object is None else self.type_of(rest))
        types: dict[str, Attribute] = {}
        for name, child in properties.items():
            type_ = self.type_of(child)
            types[name] = type_ if name in required else option_of(type_)
        return RecordType.of(types | {n: JSON for n in required if n not in types})

    def properties(self, keys: dict[str, Node]) -> dict[str, Node]:
        node = keys.get("properties")
        if node is not None and node.object is None:
            raise self.fail("`properties` must be an object", node)
        return (node.object if node else None) or {}

    def required(self, keys: dict[str, Node]) -> list[str]:
        node = keys.get("required")
        names = [] if node is None else node.items
        if names is None or not all(isinstance(n.value, str) for n in names):
            raise self.fail("`required` must be a list of names", node or self.root)
        return [n.text for n in names]

    def fail(self, reason: str, at: Node, fix: str | None = None) -> Exception:
        return self.report.fatal(reason, at.start, min(at.end, at.start + 60), fix=fix)


def _implied(keys: dict[str, Node], names: list[str]) -> list[str]:
    """Return the type that a schema without `type` means by its other keywords."""
    if names:
        return []
    if "properties" in keys:
        return ["object"]
    return ["array"] if "items" in keys else []


def _common(types: list[Attribute]) -> Attribute:
    """Return the one type of all choices: equal types, numbers, or enums put together."""
    if all(t == types[0] for t in types):
        return types[0]
    if all(t in (INT, FLOAT) for t in types):
        return FLOAT
    if not all(isinstance(t, EnumType) for t in types):
        return JSON
    names = [n for t in types if isinstance(t, EnumType) for n in t.names]
    return EnumType.of(*dict.fromkeys(names))


def _merged(types: list[Attribute]) -> Attribute:
    """Return the record with the fields of all of some records, json if they disagree."""
    if len(types) == 1:
        return types[0]
    fields: dict[str, Attribute] = {}
    for type_ in types:
        if not isinstance(type_, RecordType):
            return JSON
        for name, field_type in type_.fields:
            if fields.setdefault(name, field_type) != field_type:
                return JSON
    return RecordType.of(fields)


def _type_of_value(node: Node) -> Attribute:
    by_type: dict[type, Attribute] = {bool: BOOL, int: INT, float: FLOAT, str: STR}
    return by_type.get(type(node.value), JSON)


def _is_null(schema: Node) -> bool:
    keys = schema.object or {}
    return _text(keys.get("type")) == "null" or ("const" in keys and keys["const"].value is None)


def _text(node: Node | None) -> str:
    return node.text if node is not None else ""
