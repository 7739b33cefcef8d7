"""Rendering of prompts and string templates: the meaning of `data.format`.

A template is Jinja2. Its holes are dotted paths (`source`, `assess.level`), each with a value; the
paths build a tree of names, and nothing else is visible: no globals but `range`, no attributes of
Python objects, no methods.

Values are data. All of them pass through one filter, `shown`, which turns a value into text.
Strings go in as they are and anything else as JSON. The text is never read as a template again,
so a value that holds `{{ ... }}` is just these characters. Quotes are not added: what a model
should make of untrusted text is up to the author of the prompt.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from jinja2 import StrictUndefined, Template, TemplateError, Undefined
from jinja2.runtime import LoopContext
from jinja2.sandbox import SandboxedEnvironment
from xdsl.ir import Attribute

from kumeo.dialects.data.failures import DataFailure
from kumeo.interp.wire import to_json

Tree = dict[str, Any]

_RENDER_FAULTS = (TemplateError, ArithmeticError, LookupError, TypeError, ValueError)
"""What a template can raise that parses but does not fit its values."""


def render(
    template: str, names: Sequence[str], values: Sequence[Any], types: Sequence[Attribute]
) -> str:
    """Return the text of a template whose hole `names[i]` holds `values[i]` of type `types[i]`.

    Raises: DataFailure with code `format-failed`.
    """
    tree = namespace(names, [to_json(v, t) for v, t in zip(values, types, strict=True)])
    try:
        return _compiled(template).render(tree)
    except RecursionError:
        raise DataFailure("format-failed", "the template is nested too deeply") from None
    except _RENDER_FAULTS as error:
        raise DataFailure("format-failed", f"the template cannot be filled in: {error}") from None


def namespace(names: Sequence[str], values: Sequence[Any]) -> Tree:
    """Return nested dictionaries in which each dotted name leads to its value.

    A shorter name comes first: `assess.level` then replaces a part of (a copy of) `assess`.
    """
    tree: Tree = {}
    for name, value in sorted(zip(names, values, strict=True), key=lambda pair: pair[0].count(".")):
        *outer, last = name.split(".")
        inner = tree
        for part in outer:
            below = inner.get(part)
            inner[part] = dict(cast(Tree, below)) if isinstance(below, dict) else {}
            inner = inner[part]
        inner[last] = value
    return tree


def shown(value: Any) -> Any:
    """Return a value as text: strings as they are, the rest as JSON. This is the only filter."""
    if isinstance(value, str | Undefined):
        return value
    return json.dumps(value, ensure_ascii=False)


class _Environment(SandboxedEnvironment):
    """A sandbox in which `a.b` means the entry `b` of `a` and nothing else."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Look up an entry; only the `loop` variable of Jinja2 has attributes."""
        if isinstance(obj, Mapping):
            entries = cast(Mapping[str, Any], obj)
            return (
                entries[attribute]
                if attribute in entries
                else self.undefined(obj=obj, name=attribute)
            )
        if isinstance(obj, LoopContext | Undefined):
            return super().getattr(obj, attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Look up an entry or an item, never an attribute."""
        try:
            return obj[argument]
        except (LookupError, TypeError):
            return self.undefined(obj=obj, name=str(argument))


_ENVIRONMENT = _Environment(
    undefined=StrictUndefined, finalize=shown, autoescape=False, keep_trailing_newline=True
)
_ENVIRONMENT.globals = {"range": _ENVIRONMENT.globals["range"]}


@lru_cache(maxsize=1024)
def _compiled(template: str) -> Template:
    return _ENVIRONMENT.from_string(template)
