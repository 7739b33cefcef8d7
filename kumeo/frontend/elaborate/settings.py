"""Settings: objects of constants that the IR keeps as attributes for the backends.

`deployment`, `monitor` and `nats` have a table of known settings with their kinds; connectors and
agents check their own. A secret is only ever a reference: `secret("NAME")`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from kumeo.diagnostics import nearest
from kumeo.dialects.data.constants import INT_MAX, INT_MIN
from kumeo.dialects.settings import Setting
from kumeo.frontend import tree
from kumeo.frontend.elaborate.context import Context
from kumeo.frontend.errors.sections import (
    DuplicateKey,
    InvalidSetting,
    MisplacedEnvironment,
    SecretLiteral,
    UnknownSetting,
)
from kumeo.frontend.errors.types import IntegerRange

_SECRET_KEY = re.compile(
    r"(^|_)(password|passwd|secret|token|api_?key|access_?key|private_?key|credentials?)$", re.I
)
_SECRET_VALUE = re.compile(
    r"^(sk-[A-Za-z0-9_-]{16,}|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|xox[abp]-[A-Za-z0-9-]{10,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*)",
    re.S,
)
_REFERENCE = re.compile(r"\$\{env\.[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}")


def pairs_of(ctx: Context, node: tree.Object) -> dict[str, tree.Pair]:
    """Return the pairs of an object by key; a second one of the same key is a diagnostic."""
    found: dict[str, tree.Pair] = {}
    for pair in node.pairs:
        if pair.key.text in found:
            ctx.report(DuplicateKey(pair.key.span, pair.key.text))
        else:
            found[pair.key.text] = pair
    return found


def plain(ctx: Context, expr: tree.Expr, name: str) -> Setting:
    """Return the constant that `expr` writes as plain data; durations are microseconds.

    `secret("NAME")` becomes `{"secret": "NAME"}`. Anything else is a diagnostic and None.
    """
    match expr:
        case tree.String(value=value):
            check_no_secret(ctx, expr, name)
            return value
        case tree.Int(value=value):
            return _whole(ctx, expr, value)
        case tree.Float(value=value) | tree.Bool(value=value):
            return value
        case tree.Duration(value_us=value):
            return value
        case tree.Null():
            return None
        case tree.Array(items=items):
            return [plain(ctx, item, name) for item in items]
        case tree.Object():
            pairs = pairs_of(ctx, expr)
            return {key: plain(ctx, pair.value, key) for key, pair in pairs.items()}
        case tree.Unary(operator="-", operand=tree.Int(value=number)):
            return _whole(ctx, expr, -number)
        case tree.Unary(operator="-", operand=tree.Float(value=v)):
            return -v
        case _:
            return _reference(ctx, expr, name)


def _whole(ctx: Context, expr: tree.Expr, number: int) -> int | None:
    if INT_MIN <= number <= INT_MAX:
        return number
    ctx.report(IntegerRange(expr.span, str(number)))
    return None


def secret_name(expr: tree.Expr) -> str | None:
    """Return NAME of `secret("NAME")`."""
    match expr:
        case tree.Call(
            callee=tree.Variable(name="secret"),
            arguments=(tree.Argument(name=None, value=tree.String(value=name)),),
        ):
            return name
        case _:
            return None


def check_no_secret(ctx: Context, string: tree.String, name: str) -> None:
    """Report a password or token that stands in the file as plain text."""
    if _REFERENCE.fullmatch(string.value) or not string.value:
        return
    if _SECRET_KEY.search(name) or _SECRET_VALUE.match(string.value):
        ctx.report(SecretLiteral(string.span, f"`{name}`"))


def check_secrets(ctx: Context, node: tree.File) -> None:
    """Report tokens in any string of a file, whatever its key is."""
    for string in _strings(node):
        if _SECRET_VALUE.match(string.value):
            ctx.report(SecretLiteral(string.span, "this string"))


def check_environment(ctx: Context, program: tree.Program) -> None:
    """Warn about `${env.NAME}` in a prompt, condition or value, where nothing replaces it."""
    for string in _strings(program):
        found = _REFERENCE.search(string.value)
        if found is not None:
            ctx.report(MisplacedEnvironment(string.span, found.group()))


def _strings(node: object) -> Iterator[tree.String]:
    stack: list[object] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, tree.String):
            yield current
        elif isinstance(current, tree.Node):
            stack += [getattr(current, slot) for slot in _slots(type(current))]
        elif type(current) is tuple:
            stack += cast(tuple[object, ...], current)


def _slots(kind: type) -> Iterator[str]:
    for base in kind.__mro__:
        yield from (s for s in getattr(base, "__slots__", ()) if s != "span")


def _reference(ctx: Context, expr: tree.Expr, name: str) -> Setting:
    secret = secret_name(expr)
    if secret is not None:
        return {"secret": secret}
    ctx.report(InvalidSetting(expr.span, name, "a constant"))
    return None


# The sections `deployment`, `monitor` and `nats`.

Check = Callable[[Any], bool]
Known = Mapping[str, "tuple[str, Check] | Known"]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_count(value: Any) -> bool:
    return _is_text_reference(value) or (
        isinstance(value, int) and not isinstance(value, bool) and value >= 0
    )


def _is_text_reference(value: Any) -> bool:
    return isinstance(value, str) and _REFERENCE.search(value) is not None


def _is_number(value: Any) -> bool:
    return _is_count(value) or (isinstance(value, float) and value >= 0)


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_texts(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(item, str) for item in cast(list[Any], value))
    )


def _is_mapping(value: Any) -> bool:
    return isinstance(value, dict)


def _is_quantity(value: Any) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?", value) is not None or bool(
            _is_text_reference(value)
        )
    return _is_number(value)


def _is_language(value: Any) -> bool:
    return value in ("python", "rust")


def _is_hidden(value: Any) -> bool:
    if isinstance(value, dict):
        return set(cast(dict[str, Any], value)) == {"secret"}
    return isinstance(value, str) and _REFERENCE.fullmatch(value) is not None


def _is_address(value: Any) -> bool:
    return _is_text(value) or _is_hidden(value)


def _is_positive(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_models(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_mapping, cast(dict[str, Any], value).values()))


TEXT = ("a string", _is_text)
ADDRESS = ("an address, or `secret(…)`", _is_address)
POSITIVE = ("an integer above 0", _is_positive)
COUNT = ("an integer, 0 or more", _is_count)
NUMBER = ("a number, 0 or more", _is_number)
BOOL = ("`true` or `false`", _is_bool)
TEXTS = ("a string or a list of strings", _is_texts)
MAPPING = ("an object", _is_mapping)
QUANTITY = ('a quantity such as `"500m"` or `"2Gi"`', _is_quantity)
DURATION = ("a duration such as `30s`", _is_count)

_RESOURCES: Known = {"cpu": QUANTITY, "memory": QUANTITY, "gpu": COUNT, "storage": QUANTITY}

KNOWN_SETTINGS: Mapping[str, Known] = {
    "deployment": {
        "platform": TEXT,
        "namespace": TEXT,
        "language": ('`"python"` or `"rust"`', _is_language),
        "image": TEXT,
        "registry": MAPPING,
        "replicas": COUNT,
        "resources": {**_RESOURCES, "requests": _RESOURCES, "limits": _RESOURCES},
        "scaling": {"min": COUNT, "max": COUNT, "target_lag": COUNT, "cooldown": DURATION},
        "environment": MAPPING,
        "labels": MAPPING,
        "annotations": MAPPING,
        "services": MAPPING,
        "secrets": TEXTS,
        "ingress": MAPPING,
        "node_selector": MAPPING,
    },
    "monitor": {
        "metrics": TEXTS,
        "alerts": ("a list or an object", lambda v: isinstance(v, list | dict)),
        "dashboard": TEXT,
        "traces": ("a boolean or an object", lambda v: isinstance(v, bool | dict)),
        "logging": MAPPING,
        "sampling": NUMBER,
        "port": COUNT,
    },
    "nats": {
        "url": TEXTS,
        "urls": TEXTS,
        "servers": TEXTS,
        "cluster": TEXT,
        "stream": TEXT,
        "subject": TEXT,
        "queue": TEXT,
        "durable": TEXT,
        "credentials": ("`secret(…)` or a path", lambda v: isinstance(v, str | dict)),
        "user": TEXT,
        "password": ("`secret(…)`", _is_mapping),
        "token": ("`secret(…)`", _is_mapping),
        "tls": ("a boolean or an object", lambda v: isinstance(v, bool | dict)),
        "replicas": COUNT,
        "retention": TEXT,
        "max_age": DURATION,
        "max_bytes": QUANTITY,
        "jetstream": ("a boolean or an object", lambda v: isinstance(v, bool | dict)),
        "namespace": TEXT,
        "reconnect": MAPPING,
        "ack_wait": DURATION,
    },
    "provider": {
        "kind": ('`"openai"` or `"ollama"`', lambda v: v in ("openai", "ollama")),
        "url": ADDRESS,
        "base_url": ADDRESS,
        "endpoint": ADDRESS,
        "key": ('`secret("NAME")`', _is_hidden),
        "api_key": ('`secret("NAME")`', _is_hidden),
        "max_concurrent": POSITIVE,
        "requests_per_minute": POSITIVE,
        "capabilities": ("an object of objects by model", _is_models),
        "prices": ("`{ MODEL: { input: 2.5, output: 10.0, cached: 1.25 } }`", _is_mapping),
        "inside": BOOL,
        "description": TEXT,
    },
    "budget": {
        "calls": COUNT,
        "tokens": COUNT,
        "price_usd": NUMBER,
        "latency": DURATION,
        "items": COUNT,
    },
}


def known_settings(ctx: Context, owner: str, node: tree.Object) -> dict[str, Setting]:
    """Return the settings of one of the sections above, each checked against the table."""
    return _check_object(ctx, owner, node, KNOWN_SETTINGS[owner])


def _check_object(ctx: Context, owner: str, node: tree.Object, known: Known) -> dict[str, Setting]:
    result: dict[str, Setting] = {}
    for key, pair in pairs_of(ctx, node).items():
        entry = known.get(key)
        if entry is None:
            ctx.report(UnknownSetting(pair.key.span, owner, key, nearest(key, known)))
            continue
        result[key] = _check_value(ctx, f"{owner}.{key}", key, pair.value, entry)
    return result


def _check_value(
    ctx: Context, owner: str, key: str, value: tree.Expr, entry: "tuple[str, Check] | Known"
) -> Setting:
    if isinstance(entry, Mapping):
        if isinstance(value, tree.Object):
            return _check_object(ctx, owner, value, entry)
        ctx.report(InvalidSetting(value.span, key, "an object"))
        return None
    before = len(ctx.diagnostics)
    data = plain(ctx, value, key)
    expected, is_valid = entry
    if len(ctx.diagnostics) == before and not is_valid(data):
        ctx.report(InvalidSetting(value.span, key, expected))
    return data
