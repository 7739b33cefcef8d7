"""IR text of the tools: which form is printed, and whether it can be read back."""

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.text import parse_module, print_module
from kumeo.diagnostics import Diagnostic, has_errors


@dataclass(frozen=True)
class Form:
    """How modules are printed."""

    generic: bool = False
    no_properties: bool = False
    """Properties are printed as attributes, which LLVM 16 and older need."""
    locations: bool = False

    def print(self, module: ModuleOp) -> str:
        """Return the text of a module, with a line break at its end."""
        generic = self.generic or self.no_properties
        return print_module(module, generic, self.locations, not self.no_properties)


EXACT = Form(generic=True, locations=True)
"""The form that loses nothing but value names."""


def check_roundtrip(ctx: Context, module: ModuleOp) -> list[Diagnostic]:
    """Return an error for each form in which the module is not the same when read back."""
    from kumeo.tools.errors import RoundTripDiffers

    found: list[Diagnostic] = []
    for name, form in (("custom", Form(locations=True)), ("generic", EXACT)):
        detail = _difference(ctx, module, form)
        if detail is not None:
            found.append(RoundTripDiffers(None, name, detail))
    return found


def _difference(ctx: Context, module: ModuleOp, form: Form) -> str | None:
    text = form.print(module)
    again, found = parse_module(text, "<roundtrip>", ctx)
    if again is None or has_errors(found):
        place = found[0].place
        line = text.splitlines()[place.line - 1].strip() if place is not None else ""
        return f"it cannot be parsed again: {found[0].headline}: {line}"
    changed = form.print(again)
    if changed != text:
        return _first_difference(text, changed)
    if is_same(module, again):
        return None
    return _first_difference(EXACT.print(module), EXACT.print(again))


def is_same(first: ModuleOp, second: ModuleOp) -> bool:
    """Return whether two modules are equal op for op, locations included.

    The order of properties and the names of values do not count.
    """
    if not first.is_structurally_equivalent(second):
        return False
    return [op.location for op in first.walk()] == [op.location for op in second.walk()]


def _first_difference(before: str, after: str) -> str:
    import difflib

    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    changed = [line for line in lines if line.startswith(("- ", "+ "))]
    return "\n".join(changed[:2])
