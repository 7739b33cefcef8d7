"""Diagnostics of the command line tools."""

from dataclasses import dataclass
from typing import ClassVar

from kumeo.diagnostics import Diagnostic, Severity


@dataclass(frozen=True)
class WrongUsage(Diagnostic):
    """The command line cannot be understood. Nothing has been read; the exit code is 2.

    Example::

        kumeo-opt --spilt-input-file flow.mlir

    Fix::

        kumeo-opt --split-input-file flow.mlir
    """

    code = "wrong-usage"
    title = "{problem}"

    problem: str
    fix: str | None = None

    def help(self) -> str | None:
        """Return what to write instead."""
        return self.fix


@dataclass(frozen=True)
class CannotRead(Diagnostic):
    """An input file named on the command line cannot be read.

    Example::

        kumeo-opt flwo.mlir

    Fix::

        kumeo-opt flow.mlir
    """

    code = "cannot-read"
    title = "cannot read `{path}`: {reason}"

    path: str
    reason: str
    nearest: str | None = None

    def help(self) -> str | None:
        """Return the nearest file in the folder."""
        return f"did you mean `{self.nearest}`?" if self.nearest else None


@dataclass(frozen=True)
class CannotWrite(Diagnostic):
    """An output file cannot be written.

    Example::

        kumeo-opt flow.mlir -o missing-folder/out.mlir

    Fix::

        mkdir missing-folder
    """

    code = "cannot-write"
    title = "cannot write `{path}`: {reason}"

    path: str
    reason: str


@dataclass(frozen=True)
class UnknownOutput(Diagnostic):
    """`-t` names an output form that does not exist.

    Example::

        kumeo-opt -t mlri flow.mlir

    Fix::

        kumeo-opt -t mlir flow.mlir
    """

    code = "unknown-output"
    title = "there is no output form named `{name}`"

    name: str
    known: tuple[str, ...]
    nearest: str | None = None

    def help(self) -> str | None:
        """Return the nearest name, or all of them."""
        if self.nearest:
            return f"write `-t {self.nearest}`"
        return "write one of " + ", ".join(f"`{name}`" for name in self.known)


@dataclass(frozen=True)
class OutputFailed(Diagnostic):
    """The chosen output form cannot express this module.

    Example::

        kumeo-opt -t riscv-asm flow.mlir

    Fix::

        kumeo-opt -t mlir flow.mlir
    """

    code = "output-failed"
    title = "the module cannot be written as `{name}`: {reason}"

    name: str
    reason: str


@dataclass(frozen=True)
class BrokenPlugin(Diagnostic):
    """An installed package offers dialects or passes to Kumeo, and some cannot be used.

    Kumeo goes on without them. The fault is in the package, or two packages use one name.

    Example::

        [project.entry-points."xdsl.universe"]
        mine = "my_package.universe:WRONG_NAME"

    Fix::

        [project.entry-points."xdsl.universe"]
        mine = "my_package.universe:UNIVERSE"
    """

    code = "broken-plugin"
    severity: ClassVar[Severity] = Severity.WARNING
    title = "plug-in `{plugin}` of package `{package}` {problem}"

    plugin: str
    package: str
    problem: str

    def help(self) -> str | None:
        """Return what the user can do."""
        return f"update or remove `{self.package}`; Kumeo goes on without this part of it"


@dataclass(frozen=True)
class InternalError(Diagnostic):
    """Kumeo itself failed. This is a bug in Kumeo, whatever the input was.

    Example::

        Any input for which this message appears.

    Fix::

        Send the input and the file named in the message to the authors of Kumeo.
    """

    code = "internal-error"
    title = "Kumeo failed unexpectedly: {exception}"

    exception: str
    traceback_file: str | None = None

    def help(self) -> str | None:
        """Ask for the input."""
        file = f" and {self.traceback_file}" if self.traceback_file else ""
        return f"this is a bug in Kumeo: please report it with the input{file}"


@dataclass(frozen=True)
class NestsTooDeep(Diagnostic):
    """The regions or attributes of a module are nested deeper than the tool can follow.

    Example::

        A module with more than about a hundred regions inside each other.

    Fix::

        Move inner parts into functions or subworkflows of their own.
    """

    code = "ir-too-deep"
    title = "the module is nested too deep to {activity}"

    activity: str

    def help(self) -> str | None:
        """Return how to make it flatter."""
        return "move inner parts into functions or subworkflows"


@dataclass(frozen=True)
class RoundTripDiffers(Diagnostic):
    """`--verify-roundtrip`: the module changes when it is printed and parsed again.

    This is a bug in the parser or printer of a dialect.

    Example::

        kumeo-opt --verify-roundtrip flow.mlir

    Fix::

        Correct the assembly format of the op on the line that differs.
    """

    code = "roundtrip-differs"
    title = "the module changes when it is printed in {form} form and parsed again"

    form: str
    detail: str

    def help(self) -> str | None:
        """Return the first difference."""
        return self.detail


@dataclass(frozen=True)
class UnexpectedDiagnostic(Diagnostic):
    """`--verify-diagnostics`: a message that no comment of the file expects.

    Example::

        %0 = "nothing.like.this"() : () -> i64

    Fix::

        // expected-error@+1 {{not registered}}
        %0 = "nothing.like.this"() : () -> i64
    """

    code = "unexpected-diagnostic"
    title = "unexpected {severity_name}: {text}"
    label = "no comment expects it"

    severity_name: str
    text: str


@dataclass(frozen=True)
class MissingDiagnostic(Diagnostic):
    """`--verify-diagnostics`: a comment expects a message that did not come.

    Example::

        // expected-error@+1 {{is not used}}
        %0 = arith.constant 1 : i64

    Fix::

        %0 = arith.constant 1 : i64
    """

    code = "missing-diagnostic"
    title = "expected {severity_name} did not come: {text}"
    label = "expected for line {line}"

    severity_name: str
    text: str
    line: str

    def help(self) -> str | None:
        """Say how remarks are switched on."""
        if self.severity_name == "remark":
            return "remarks are made only with `--remarks`"
        return None


@dataclass(frozen=True)
class InvalidExpectation(Diagnostic):
    """`--verify-diagnostics`: a comment looks like an expectation and is not one.

    Example::

        // expected-eror {{is not used}}

    Fix::

        // expected-error {{is not used}}
    """

    code = "invalid-expectation"
    title = "this expectation cannot be read"
    label = "not understood"

    def help(self) -> str | None:
        """Return the form."""
        return (
            "write `expected-error {{text}}`; also `-warning` and `-remark`, "
            "`@+N`, `@-N`, `@above`, `@below` or `@unknown`, and a count before `{{`"
        )


@dataclass(frozen=True)
class NothingToReduce(Diagnostic):
    """`kumeo-reduce`: nothing is wrong with the module, so there is nothing to keep wrong.

    A command fails when its exit code is not 0 and, with `--expect`, its output holds the text.

    Example::

        kumeo-reduce flow.mlir --command 'kumeo-opt {}'

    Fix::

        kumeo-reduce flow.mlir --command 'kumeo-opt {} -p my-broken-pass'
    """

    code = "nothing-to-reduce"
    title = "the module does not fail with `{what}`"

    what: str


@dataclass(frozen=True)
class InvalidReproducer(Diagnostic):
    """`--run-reproducer`: the file is not one that `--crash-reproducer` wrote.

    Example::

        kumeo-opt --run-reproducer flow.mlir

    Fix::

        kumeo-opt -p canonicalize --crash-reproducer crash.mlir flow.mlir
        kumeo-opt --run-reproducer crash.mlir
    """

    code = "invalid-reproducer"
    title = "`{path}` is not a reproducer: {problem}"

    path: str
    problem: str


@dataclass(frozen=True)
class FileRefused(Diagnostic):
    """A file that a workflow names exists and is not read: too large, or not a regular file.

    Signatures of models are read in memory, so the size has a limit. Pipes and devices could
    block the compiler for ever.

    Example::

        models: { risk: { file: "/dev/zero", type: "onnx" } }

    Fix::

        models: { risk: { file: "models/risk.onnx", type: "onnx" } }
    """

    code = "file-refused"
    title = "`{path}` is not read: {reason}"
    label = "cannot be read"

    path: str
    reason: str

    def help(self) -> str | None:
        """Return what can be named instead."""
        return "name a regular file of less than 512 MiB"
