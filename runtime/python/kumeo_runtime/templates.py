"""Templates with conditions, loops and filters: a sandbox of Jinja2 with values that are data."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, cast

from jinja2 import StrictUndefined, TemplateError, Undefined
from jinja2.runtime import LoopContext
from jinja2.sandbox import SandboxedEnvironment

from kumeo_runtime.prompts import Tree, shown
from kumeo_runtime.values import Fault

_RENDER_FAULTS = (TemplateError, ArithmeticError, LookupError, TypeError, ValueError)
"""What a template can raise that parses but does not fit its values."""


class _Environment(SandboxedEnvironment):
    """A sandbox in which `a.b` means the entry `b` of `a` and nothing else."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Look up an entry; only the `loop` variable of Jinja2 has attributes."""
        if isinstance(obj, Mapping):
            entries = cast(Mapping[str, Any], obj)
            if attribute in entries:
                return entries[attribute]
        elif isinstance(obj, LoopContext | Undefined):
            return super().getattr(obj, attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Look up an entry or an item, never an attribute."""
        try:
            return obj[argument]
        except (LookupError, TypeError):
            return self.undefined(obj=obj, name=str(argument))


def _finalize(value: Any) -> Any:
    return value if isinstance(value, Undefined) else shown(value)


_ENVIRONMENT = _Environment(
    undefined=StrictUndefined, finalize=_finalize, autoescape=False, keep_trailing_newline=True
)
_ENVIRONMENT.globals = {"range": _ENVIRONMENT.globals["range"]}


@lru_cache(maxsize=1024)
def compiled_template(text: str) -> Callable[[Tree], str]:
    """Return the function that fills in a template. It raises Fault with code `format-failed`."""
    template: Any = None

    def render(tree: Tree) -> str:
        nonlocal template
        try:
            if template is None:
                template = _ENVIRONMENT.from_string(text)
            return template.render(tree)
        except RecursionError:
            raise Fault("format-failed", "the template is nested too deeply") from None
        except _RENDER_FAULTS as error:
            raise Fault("format-failed", f"the template cannot be filled in: {error}") from None

    return render
