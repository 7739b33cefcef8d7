"""Diagnostics of pipelines and passes."""

from dataclasses import dataclass
from typing import ClassVar

from kumeo.diagnostics import Diagnostic, Severity


@dataclass(frozen=True)
class InvalidPipeline(Diagnostic):
    """The text of a pass pipeline cannot be read.

    A pipeline is a list of passes with commas between them. Options stand in braces, with spaces
    between them. A group in parentheses runs only inside ops of one kind.

    Example::

        kumeo-opt -p 'canonicalize,,cse' flow.mlir

    Fix::

        kumeo-opt -p 'canonicalize,workflow.on(cse,dce),verify-level{level=workflow}' flow.mlir
    """

    code = "invalid-pipeline"
    title = "the pass pipeline is not valid: {problem}"

    problem: str
    fix: str | None = None

    def help(self) -> str | None:
        """Return how to write it."""
        return self.fix


@dataclass(frozen=True)
class UnknownPass(Diagnostic):
    """A pipeline names a pass that neither Kumeo nor an installed plug-in has.

    Example::

        kumeo-opt -p canonicalise flow.mlir

    Fix::

        kumeo-opt -p canonicalize flow.mlir
    """

    code = "unknown-pass"
    title = "there is no pass named `{name}`"
    label = "not a pass"

    name: str
    nearest: str | None = None

    def help(self) -> str | None:
        """Return the nearest name, or how to list them."""
        if self.nearest:
            return f"write `{self.nearest}`"
        return "`kumeo-opt --list-passes` lists the passes"


@dataclass(frozen=True)
class UnknownPassOption(Diagnostic):
    """A pipeline gives a pass an option that the pass does not have.

    Example::

        kumeo-opt -p 'verify-level{lvl=workflow}' flow.mlir

    Fix::

        kumeo-opt -p 'verify-level{level=workflow}' flow.mlir
    """

    code = "unknown-pass-option"
    title = "pass `{pass_name}` has no option `{name}`"
    label = "not an option of `{pass_name}`"

    pass_name: str
    name: str
    known: tuple[str, ...]
    nearest: str | None = None

    def help(self) -> str | None:
        """Return the nearest option, or all of them."""
        if self.nearest:
            return f"write `{self.nearest}`"
        if not self.known:
            return f"remove it: `{self.pass_name}` has no options"
        return "its options are " + ", ".join(f"`{name}`" for name in self.known)


@dataclass(frozen=True)
class InvalidPassOption(Diagnostic):
    """An option of a pass is missing, is given twice or has a value of the wrong type.

    Example::

        kumeo-opt -p 'verify-level{level=1}' flow.mlir

    Fix::

        kumeo-opt -p 'verify-level{level=workflow}' flow.mlir
    """

    code = "invalid-pass-option"
    title = "option `{name}` of pass `{pass_name}` {problem}"

    pass_name: str
    name: str
    problem: str
    fix: str | None = None

    def help(self) -> str | None:
        """Return a value that fits."""
        return self.fix


@dataclass(frozen=True)
class WrongLevel(Diagnostic):
    """A pass or an output form gets a module of a level of the IR that it does not work at.

    A workflow is lowered level by level: `workflow`, then `stages`. Most passes look at whole
    workflows; those that place services need stages. At another level they would find nothing, and
    a check that finds nothing would look like a module without faults. So nothing is run.

    Example::

        kumeo-opt flow.kumeo -p agent-fuse

    Fix::

        kumeo-opt flow.kumeo -p split-stages,agent-fuse
    """

    code = "wrong-level"
    title = "{what} `{name}` works at the {wanted}, the module is at the level `{actual}`"

    what: str
    """`pass` or `target`."""
    name: str
    wanted: str
    actual: str
    fix: str | None = None

    def help(self) -> str | None:
        """Return where in a pipeline it belongs."""
        return self.fix


@dataclass(frozen=True)
class UnknownLevel(Diagnostic):
    """`--level` names a level of the IR that does not exist.

    Example::

        kumeo-opt flow.kumeo -O2 --level stage

    Fix::

        kumeo-opt flow.kumeo -O2 --level stages
    """

    code = "unknown-level"
    title = "there is no level named `{name}`"

    name: str
    known: tuple[str, ...]
    nearest: str | None = None

    def help(self) -> str | None:
        """Return the nearest name, or all of them."""
        if self.nearest:
            return f"write `{self.nearest}`"
        return "the levels are " + ", ".join(f"`{name}`" for name in self.known)


@dataclass(frozen=True)
class PassFailed(Diagnostic):
    """A pass found that it cannot do its work on this module and said why.

    Example::

        kumeo-opt -p 'apply-pdl{pdl-file="missing.mlir"}' flow.mlir

    Fix::

        Change what the message names, or take the pass out of the pipeline.
    """

    code = "pass-failed"
    title = "pass `{pass_name}` failed: {reason}"

    pass_name: str
    reason: str
    reproducer: str | None = None

    def help(self) -> str | None:
        """Return how to run it again."""
        return _replay(self.reproducer)


@dataclass(frozen=True)
class PassCrashed(Diagnostic):
    """A pass stopped with an unexpected exception. This is a bug in the pass.

    The reproducer file holds the module, the pipeline and the traceback.

    Example::

        kumeo-opt -p my-broken-pass flow.mlir

    Fix::

        Send the reproducer file to the authors of the pass.
    """

    code = "pass-crashed"
    title = "pass `{pass_name}` crashed: {exception}"

    pass_name: str
    exception: str
    reproducer: str | None = None

    def help(self) -> str | None:
        """Return how to run it again."""
        return _replay(self.reproducer)


@dataclass(frozen=True)
class PassBrokeIr(Diagnostic):
    """The module was valid before a pass and is not valid after it.

    The other errors of the run say what is wrong. The fault is in the pass, not in the input.

    Example::

        kumeo-opt -p my-broken-pass flow.mlir

    Fix::

        Take the pass out of the pipeline, and tell its authors.
    """

    code = "pass-broke-ir"
    title = "the module is not valid after pass `{pass_name}`"

    pass_name: str
    reproducer: str | None = None

    def help(self) -> str | None:
        """Return how to run it again, or how to get such a file."""
        return _replay(self.reproducer) or "add `--crash-reproducer FILE` to keep the input"


@dataclass(frozen=True)
class MeaningChanged(Diagnostic):
    """`--check-semantics`: a workflow does something else after a pass than before it.

    Both are run on generated events. A pass keeps the messages (id, target, payload), the reports
    of failures and the order for each key, and it adds no calls of agents. The message shows the
    smallest events that were found, and what is sent on either side. The fault is in the pass.

    Example::

        kumeo-opt -p my-broken-pass --check-semantics flow.mlir

    Fix::

        Take the pass out of the pipeline, and tell its authors. A pass that means to change what
        workflows do says so: `changes_meaning: ClassVar[bool] = True`.
    """

    code = "meaning-changed"
    title = "pass `{pass_name}` changes what workflow `{workflow}` does: {what} differ"

    pass_name: str
    workflow: str
    what: str
    """`messages`, `reports`, `order`, `calls`, `acts` or `replay`."""
    input: str
    before: str
    after: str

    def help(self) -> str | None:
        """Return the events, and what each side does on them."""
        return f"run it on\n{self.input}\nbefore the pass:\n{self.before}\nafter it:\n{self.after}"


@dataclass(frozen=True)
class RemovedAgent(Diagnostic):
    """A pass removed an agent that judges or checks something, because nothing reads its result.

    A model, a decision or a language model whose answer changes nothing may be a check that
    somebody forgot to connect. An agent that acts, such as a person's review, is never removed.

    Example::

        MLModel(id: "fraud", model: models.fraud, input: source)
        emit source to target.cleared

    Fix::

        MLModel(id: "fraud", model: models.fraud, input: source)
        if fraud.score < 0.5 {
          emit source to target.cleared
        }
    """

    code = "removed-agent"
    severity: ClassVar[Severity] = Severity.WARNING
    title = "agent `{agent}` is removed: nothing reads its result"
    label = "this never runs"

    agent: str

    def help(self) -> str | None:
        """Return both ways out."""
        return "read its result, or remove the agent from the source"


@dataclass(frozen=True)
class PassRemark(Diagnostic):
    """A pass tells what it did, or why it left something as it is.

    Example::

        kumeo-opt -p cse --remarks flow.mlir

    Fix::

        Nothing is wrong. Leave out `--remarks` to hide such lines.
    """

    code = "pass-remark"
    severity: ClassVar[Severity] = Severity.REMARK
    title = "{pass_name}: {text}"

    pass_name: str
    text: str


def _replay(reproducer: str | None) -> str | None:
    if reproducer is None:
        return None
    return f"run it again with `kumeo-opt --run-reproducer {reproducer}`"
