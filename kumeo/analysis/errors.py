"""Diagnostics about the IR itself. Users see them when they write IR, or when a pass is wrong."""

from dataclasses import dataclass

from kumeo.diagnostics import Diagnostic


@dataclass(frozen=True)
class IrSyntax(Diagnostic):
    """Text that is not IR: a spelling, an unknown op, or types that do not fit together.

    The rest of the file is not read.

    Example::

        workflow.emit %alert to @alerts site "alerts"

    Fix::

        workflow.emit %alert : !data.str to @alerts site "alerts"
    """

    code = "ir-syntax"
    title = "{message}"

    message: str
    hint: str | None = None

    def help(self) -> str | None:
        """Return the edit, if one is known."""
        return self.hint


@dataclass(frozen=True)
class IrInvalid(Diagnostic):
    """An op that breaks a rule of its dialect.

    `docs/dialects/` tells the rules of each op. If a pass printed this, the pass is wrong.

    Example::

        %m = agent.model @m () id "m" site "m" : () -> f64

    Fix::

        %m = agent.model @m (amount = %amount) id "m" site "m" : (f64) -> f64
    """

    code = "ir-invalid"
    title = "`{op}`: {message}"

    op: str
    message: str


@dataclass(frozen=True)
class IrDominance(Diagnostic):
    """A value that an op reads but that does not exist there.

    A value exists after the op that makes it, in the same region and in the regions inside.
    `agent.process`, `workflow.on` and `workflow.subworkflow` see only their arguments.

    Example::

        workflow.if %hot { %a = data.constant 1 : i64  workflow.yield }
        workflow.emit %a : i64 to @alerts site "alerts"

    Fix::

        %a = data.constant 1 : i64
        workflow.emit %a : i64 to @alerts site "alerts"
    """

    code = "ir-dominance"
    title = "`{op}` reads {value}, which {reason}"

    op: str
    value: str
    reason: str
    fix: str = ""

    def help(self) -> str | None:
        """Return how to make the value visible."""
        return self.fix or None


@dataclass(frozen=True)
class IrSymbol(Diagnostic):
    """A reference to a symbol that does not exist, or that is something else.

    A name is looked up in the workflow, then in the module.

    Example::

        workflow.emit %v : f64 to @transactions site "out"    // a source

    Fix::

        workflow.emit %v : f64 to @alerts site "out"
    """

    code = "ir-symbol"
    title = "`{op}` {message}"

    op: str
    message: str
    nearest: str | None = None

    def help(self) -> str | None:
        """Return the nearest name of the right kind."""
        return f"write `@{self.nearest}`" if self.nearest else None


@dataclass(frozen=True)
class IrLevel(Diagnostic):
    """An op at a level of the IR where it does not exist.

    The module says its level in the attribute `kumeo.level`: `workflow`, `numeric`, `stages` or
    `messaging`. A lowering raises it when nothing of the level before is left.

    Example::

        module attributes {kumeo.level = "workflow"} { func.func @f() { func.return } }

    Fix::

        module attributes {kumeo.level = "workflow"} { workflow.workflow @F { } }
    """

    code = "ir-level"
    title = "{message}"

    message: str
    known: str = ""

    def help(self) -> str | None:
        """Return what is allowed."""
        return f"at this level there is {self.known}" if self.known else None
