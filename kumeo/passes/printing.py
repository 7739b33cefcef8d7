"""Observers that print the module around passes: `--print-ir-…`.

They get a writer and a function that prints a module; nothing is written to a file here.
"""

import difflib
from collections.abc import Callable
from dataclasses import dataclass, field

from xdsl.dialects.builtin import ModuleOp

from kumeo.passes.resolve import Step

Write = Callable[[str], object]
Print = Callable[[ModuleOp], str]


@dataclass(frozen=True)
class PrintAround:
    """Print the module before and after the named passes."""

    write: Write
    print: Print
    names_before: frozenset[str] = frozenset()
    names_after: frozenset[str] = frozenset()
    all_before: bool = False
    all_after: bool = False

    @property
    def prints(self) -> bool:
        """Whether there is anything to print at all."""
        return bool(self.names_before or self.names_after or self.all_before or self.all_after)

    def before(self, step: Step, module: ModuleOp) -> None:
        """Print the module before a pass."""
        if self.all_before or step.name in self.names_before:
            self.write(_titled(f"before {step.name}", self.print(module)))

    def after(self, step: Step, module: ModuleOp) -> None:
        """Print the module after a pass."""
        if self.all_after or step.name in self.names_after:
            self.write(_titled(f"after {step.name}", self.print(module)))


@dataclass
class PrintChanges:
    """Print the module, or how it differs, after each pass that changed it."""

    write: Write
    print: Print
    as_diff: bool
    _last: str = ""

    def before(self, step: Step, module: ModuleOp) -> None:
        """Remember the module."""
        self._last = self.print(module)

    def after(self, step: Step, module: ModuleOp) -> None:
        """Print what is new."""
        text = self.print(module)
        if text == self._last:
            self.write(f"// -----// {step.name} changed nothing //----- //\n")
        elif self.as_diff:
            self.write(_diff(self._last, text, step.name))
        else:
            self.write(_titled(f"after {step.name}", text))


@dataclass
class PrintTree:
    """Write the module after each pass to a file of its own, numbered in order."""

    write_file: Callable[[str, str], object]
    """Takes a file name and its text."""
    print: Print
    prefix: str = ""
    _names: list[str] = field(default_factory=list[str])

    def before(self, step: Step, module: ModuleOp) -> None:
        """Write the module that the first pass gets."""
        if not self._names:
            self._write("input", module)

    def after(self, step: Step, module: ModuleOp) -> None:
        """Write the module that a pass left."""
        self._write(step.name, module)

    def _write(self, name: str, module: ModuleOp) -> None:
        self._names.append(f"{self.prefix}{len(self._names):02}-{name}.mlir")
        self.write_file(self._names[-1], self.print(module))


def _titled(what: str, text: str) -> str:
    return f"// -----// IR dump {what} //----- //\n{text.rstrip()}\n\n"


def _diff(before: str, after: str, name: str) -> str:
    old, new = before.splitlines(), after.splitlines()
    lines = difflib.unified_diff(old, new, f"before {name}", f"after {name}", lineterm="")
    return "\n".join(lines) + "\n"
