"""Diagnostics about branches: `if`, `match`, `parallel`."""

from dataclasses import dataclass

from kumeo.diagnostics import Diagnostic, Severity


@dataclass(frozen=True)
class BranchMismatch(Diagnostic):
    """One name has types in the branches of an `if`, `match` or `try` that do not fit together.

    Example::

        if source.big { x = "text" } else { x = 5 }

    Fix::

        if source.big { x = "text" } else { x = "5" }
    """

    code = "branch-mismatch"
    title = "`{name}` is {left} in one branch and {right} in another"
    label = "{right} here"

    name: str
    left: str
    right: str

    def help(self) -> str | None:
        """Ask for one type or two names."""
        return "give both the same type, or use two names"


@dataclass(frozen=True)
class DeadCode(Diagnostic):
    """A part of the program that never runs.

    Example::

        match source.big { true => { } false => { } else => { emit source to target } }

    Fix::

        match source.big { true => { } false => { emit source to target } }
    """

    code = "dead-code"
    severity = Severity.WARNING
    title = "this never runs"
    label = "{reason}"

    reason: str

    def help(self) -> str | None:
        """Ask to remove it."""
        return "remove it"


@dataclass(frozen=True)
class UnreachableCase(Diagnostic):
    """A pattern of a `match` that an earlier case already handles.

    Example::

        match source.level { low => { } low => { } else => { } }

    Fix::

        match source.level { low => { } else => { } }
    """

    code = "unreachable-case"
    title = "this pattern is already handled"
    label = "never reached"

    def help(self) -> str | None:
        """Ask to remove it."""
        return "remove the pattern, or the earlier one"


@dataclass(frozen=True)
class IncompleteMatch(Diagnostic):
    """A `match` on an enum or bool that leaves values unhandled and has no `else`.

    Example::

        match source.level { low => { emit source to target } }

    Fix::

        match source.level { low => { emit source to target } else => { } }
    """

    code = "incomplete-match"
    severity = Severity.WARNING
    title = "nothing happens for {missing}"
    label = "not all values are handled"

    missing: str

    def help(self) -> str | None:
        """Ask for cases."""
        return f"add a case for {self.missing}, or `else => {{ }}`"


@dataclass(frozen=True)
class ParallelDependence(Diagnostic):
    """A statement in `parallel` reads a name that another statement of the same block defines.

    Example::

        parallel { a = lower(source.x)  b = upper(a) }

    Fix::

        a = lower(source.x)
        b = upper(a)
    """

    code = "parallel-dependence"
    title = "`{name}` is defined in the same `parallel` block"
    label = "so this has to wait for it"

    name: str

    def help(self) -> str | None:
        """Ask to move one out."""
        return f"move `{self.name}` out of the block"
