"""One run of `kumeo-opt` over one module after the other: parse, verify, run passes, print.

Nothing is printed here except what the user wants to see while passes run. Each module gives a
`Result`; the tool renders it.
"""

import re
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from io import StringIO
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.text import parse_module
from kumeo.analysis.walk import MAX_NESTING
from kumeo.diagnostics import Diagnostic, Severity, Source, has_errors
from kumeo.passes.timing import Timer
from kumeo.tools.catalog import Catalog
from kumeo.tools.io import Input, make_folder, scratch_path, write_file
from kumeo.tools.options import Options
from kumeo.tools.texts import EXACT, Form, check_roundtrip

if TYPE_CHECKING:
    from kumeo.passes.manager import Check, Manager, Observer, Outcome, Statistic
    from kumeo.passes.resolve import Step


_COMMENT = re.compile(r"//[^\n]*")
_STACK_FRAMES = 50 * MAX_NESTING
"""xDSL's rewriters take up to 10 Python frames for each level of regions."""


class Result(NamedTuple):
    """What became of one module; no text when there are errors."""

    text: str | None
    diagnostics: list[Diagnostic]
    statistics: "list[Statistic]"


@dataclass
class Session:
    """The settings of a run. `process` may be called for several modules."""

    options: Options
    catalog: Catalog
    steps: "Sequence[Step]"
    target: Any | None
    """What writes the module, or None for IR text."""
    timer: Timer
    log: TextIO
    """Takes what the user wants to see while passes run."""
    modules: int = 0
    reproducers: list[str] = field(default_factory=list[str])

    @property
    def form(self) -> Form:
        """How modules are printed."""
        options = self.options
        return Form(options.print_generic, options.print_no_properties, options.print_debuginfo)

    def process(self, given: Input) -> Result:
        """Take one module through the whole run."""
        self.modules += 1
        module, found = self._guard("read", lambda: self._read(given))
        if module is not None and not has_errors(found):
            found += self._judge(module)
        statistics: list[Statistic] = []
        if module is not None and not has_errors(found) and self.steps:
            with self.timer.measure("pipeline"):
                found += self._run_passes(module, given, statistics)
        if module is None or has_errors(found):
            return Result(None, self._wanted(found), statistics)
        text, late = self._guard("print", lambda: self._print(module, given))
        return Result(text, self._wanted(found + late), statistics)

    def _judge(self, module: ModuleOp) -> list[Diagnostic]:
        """Return what in the pipeline, or after it, will get a module of the wrong level."""
        if not self.steps and self.target is None:
            return []
        from kumeo.passes.levels import judge_pipeline

        found = judge_pipeline(self.steps, module, self.target)
        return [] if found is None else [found]

    def _run_passes(
        self, module: ModuleOp, given: Input, statistics: "list[Statistic]"
    ) -> list[Diagnostic]:
        with deep_stack(), _files_of(given):
            outcome = self._manager().run(self.steps, module)
        statistics += outcome.statistics
        found = self._with_reproducer(outcome, given)
        if not has_errors(found) and not self.options.verify_each:
            found += self._guard("verify", lambda: (None, self._verify(module)))[1]
        return found

    def _guard(
        self, activity: str, act: "Callable[[], tuple[Any, list[Diagnostic]]]"
    ) -> tuple[Any, list[Diagnostic]]:
        """Measure an activity; xDSL's recursion may run out of stack in any of them."""
        with self.timer.measure(activity):
            try:
                return act()
            except RecursionError:
                from kumeo.tools.errors import NestsTooDeep

                return None, [NestsTooDeep(None, activity)]

    def _read(self, given: Input) -> tuple[ModuleOp | None, list[Diagnostic]]:
        with self.timer.measure("parse"):
            module, found = parse_input(given, self.catalog)
        if module is None or has_errors(found):
            return None, found
        found += self._verify(module)
        if self.options.verify_roundtrip and not has_errors(found):
            with self.timer.measure("roundtrip"):
                found += check_roundtrip(self.catalog.ctx, module)
        return module, found

    def _verify(self, module: ModuleOp) -> list[Diagnostic]:
        if is_empty(module):
            # Nothing can be wrong with it, and the verifier loads every dialect of Kumeo.
            return []
        from kumeo.analysis.verify import verify_module

        with self.timer.measure("verify"):
            return verify_module(module)

    def _manager(self) -> "Manager":
        from kumeo.analysis.verify import verify_module
        from kumeo.passes.manager import Manager

        checks = self.options.check_semantics is not None
        # Only valid modules can be run.
        verify = verify_module if self.options.verify_each or checks else None
        check = self._semantics_check() if checks else None
        return Manager(self.catalog.ctx, self.timer, verify, self._observers(), check)

    def _semantics_check(self) -> "Check":
        from kumeo.tools.semantics import SemanticsCheck

        events, seed = self.options.check_semantics or 0, self.options.seed
        return SemanticsCheck(events, seed, rules=self.catalog.rules)

    def _observers(self) -> "list[Observer]":
        from kumeo.passes.printing import PrintAround, PrintChanges, PrintTree

        options, write, show = self.options, self.log.write, self.form.print
        around = PrintAround(
            write,
            show,
            frozenset(options.print_ir_before),
            frozenset(options.print_ir_after),
            options.print_ir_before_all,
            options.print_ir_after_all,
        )
        observers: list[Observer] = [around] if around.prints else []
        if options.print_ir_after_change or options.print_ir_diff:
            observers.append(PrintChanges(write, show, options.print_ir_diff))
        if options.print_ir_tree_dir is not None:
            prefix = f"{self.modules:03}-" if options.split_input_file else ""
            observers.append(PrintTree(self._write_tree, show, prefix))
        return observers

    def _write_tree(self, name: str, text: str) -> None:
        folder = self.options.print_ir_tree_dir or "."
        faults = make_folder(folder) or write_file(f"{folder}/{name}", text)
        if faults:
            raise ToolError(faults[0])

    def _print(self, module: ModuleOp, given: Input) -> tuple[str | None, list[Diagnostic]]:
        if self.target is None:
            return self.form.print(module), []
        from kumeo.passes.levels import judge_pipeline

        misplaced = judge_pipeline((), module, self.target)
        if misplaced is not None:
            # A pass changed the level and did not say that it would.
            return None, [misplaced]
        output = StringIO()
        try:
            with _files_of(given):
                self.target.emit(self.catalog.ctx, module, output)
        except RecursionError:
            raise
        except Exception as error:
            # A target is foreign code, and xDSL's targets raise whatever they like.
            told = getattr(error, "diagnostic", None)
            if isinstance(told, Diagnostic):
                return None, [told]
            from kumeo.tools.errors import OutputFailed

            reason = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
            return None, [OutputFailed(None, self.target.name, reason)]
        return output.getvalue(), []

    def _wanted(self, found: Sequence[Diagnostic]) -> list[Diagnostic]:
        remarks = self.options.remarks
        return [d for d in found if remarks or d.severity is not Severity.REMARK]

    def _with_reproducer(self, outcome: "Outcome", given: Input) -> list[Diagnostic]:
        """Return the diagnostics of the passes; failures name a file that repeats them."""
        wanted = outcome.crash is not None or self.options.crash_reproducer is not None
        if outcome.failed is None or not wanted:
            return list(outcome.diagnostics)
        text = self._reproducer(outcome, given)
        path = self._reproducer_path(text)
        faults = write_file(path, text)
        told = outcome.diagnostics if faults else name_reproducer(outcome.diagnostics, path)
        return [*told, *faults]

    def _reproducer(self, outcome: "Outcome", given: Input) -> str:
        from kumeo.passes.resolve import format_steps
        from kumeo.tools.reproducer import Settings, make_reproducer

        pipeline = format_steps(self.steps[: outcome.failed_index + 1])
        options = self.options
        settings = Settings(
            pipeline,
            options.verify_each,
            options.allow_unregistered_dialect,
            options.check_semantics or 0,
            options.seed,
        )
        return make_reproducer(settings, self._original(given), outcome.crash)

    def _original(self, given: Input) -> str:
        """Return the module as it was before all passes, or its text when it cannot be printed."""
        try:
            module, _ = parse_input(given, self.catalog)
            return EXACT.print(module) if module is not None else given.source.text
        except RecursionError:
            return given.source.text

    def _reproducer_path(self, text: str) -> str:
        """Return the file that the user named, once; later failures get files of their own."""
        named = self.options.crash_reproducer
        if named is None or named in self.reproducers:
            return scratch_path("kumeo-opt-crash", ".mlir", text)
        self.reproducers.append(named)
        return named


@contextmanager
def _files_of(given: Input) -> Generator[None]:
    """Let passes and output forms read what lies beside an input."""
    from kumeo.passes.files import reading
    from kumeo.tools.files import FolderFiles

    with reading(FolderFiles.beside(given.source.path).read):
        yield


@contextmanager
def deep_stack() -> Generator[None]:
    """Let passes recurse as deep as the regions of a valid module may nest."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _STACK_FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


class ToolError(Exception):
    """A fault that ends the run of a tool; carries its diagnostic."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.headline)
        self.diagnostic = diagnostic


def name_reproducer(found: Sequence[Diagnostic], path: str) -> list[Diagnostic]:
    """Return the diagnostics with the file that repeats the failure, in one of them."""
    from kumeo.passes.errors import PassBrokeIr, PassCrashed, PassFailed

    last = found[-1]
    if isinstance(last, PassFailed | PassCrashed | PassBrokeIr):
        return [*found[:-1], replace(last, reproducer=path)]
    note = f"run it again with `kumeo-opt --run-reproducer {path}`"
    return [*found[:-1], replace(last, notes=(*last.notes, note))]


def is_empty(module: ModuleOp) -> bool:
    """Return whether the module is one block without ops, and says nothing about itself."""
    block = module.body.first_block
    if block is None or block is not module.body.last_block:
        return False
    return block.first_op is None and not block.args and not module.attributes


def parse_input(given: Input, catalog: Catalog) -> tuple[ModuleOp | None, list[Diagnostic]]:
    """Return the module of a source text in either language, not verified yet."""
    if given.format == "kumeo":
        return _compile(given.source)
    if not _COMMENT.sub("", given.source.text).strip():
        # xDSL wants at least one op; `mlir-opt` takes an empty file for an empty module.
        return ModuleOp([]), []
    module, found = parse_module(given.source.text, given.source.path, catalog.ctx)
    return module, list(found)


def _compile(source: Source) -> tuple[ModuleOp | None, list[Diagnostic]]:
    from kumeo.frontend.compile import compile_source
    from kumeo.tools.files import FolderFiles

    files = FolderFiles.beside(source.path)
    compiled = compile_source(source, files)
    return compiled.module, list(files.explain(compiled.diagnostics))
