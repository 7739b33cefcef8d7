"""`kumeo test`: run the `test` blocks of files by the reference interpreter."""

import json
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import click

from kumeo.diagnostics import Diagnostic, has_errors
from kumeo.tools.console import DONE, REJECTED, WRONG_USAGE, ColorChoice, Console
from kumeo.tools.files import FolderFiles
from kumeo.tools.pickles import allow_pickle_option
from kumeo.tools.sources import Compiled, compile_file, find_sources, optimise

if TYPE_CHECKING:
    from kumeo.interp import Run
    from kumeo.tools.verdicts import Fault, Verdict

_EXAMPLES = """Run the `test` blocks of files.

Agents answer with the mocks of the test; models whose file is there run for real; all others
answer with fixed made-up values. Messages are compared in order for each target that a test
names; a pattern names only the fields that matter.

\b
  kumeo test flow.kumeo
  kumeo test flows/ -k payment        only tests with `payment` in the title
  kumeo test flow.kumeo --verbose     show what the agents did in failed tests
  kumeo test flow.kumeo -O2           the same after optimisation
  kumeo test flow.kumeo --record      ask agents without a mock for real, and write their answers
"""


@click.command("test", help=_EXAMPLES, short_help="Run the `test` blocks of files.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("-k", "wanted", metavar="TEXT", default="", help="Only tests whose title has TEXT.")
@click.option("--json", "as_json", is_flag=True, help="Write the results as JSON.")
@click.option("-v", "--verbose", is_flag=True, help="Show what happened in failed tests.")
@click.option("--record", is_flag=True, help="Write live answers of agents without a mock.")
@click.option("--record-again", is_flag=True, help="Write live answers of all agents but people.")
@click.option("-O0", "passes", flag_value="O0", default=True, help="Run no optional pass.")
@click.option("-O1", "passes", flag_value="O1", help="Run the cheap passes first.")
@click.option("-O2", "passes", flag_value="O2", help="Run all passes first.")
@click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Use colours."
)
@allow_pickle_option
@click.pass_obj
def command(
    console: Console,
    files: tuple[str, ...],
    wanted: str,
    as_json: bool,
    verbose: bool,
    passes: str,
    color: ColorChoice,
    record: bool,
    record_again: bool,
) -> int:
    """Run the tests of each file and report."""
    console.color = color
    run = _Runner(console, wanted.lower(), passes, verbose, as_json)
    for path in find_sources(files):
        if record or record_again:
            run.record(path, again=record_again)
        run.file(path)
    return run.finish()


class _Runner:
    """One run over several files."""

    def __init__(
        self, console: Console, wanted: str, passes: str, verbose: bool, as_json: bool
    ) -> None:
        self.console = console
        self.wanted = wanted
        self.passes = passes
        self.verbose = verbose
        self.as_json = as_json
        self.found: list[Diagnostic] = []
        self.verdicts: list[tuple[str, Verdict]] = []

    def file(self, path: str) -> None:
        """Run the tests of one file."""
        compiled = compile_file(path, self.console.stdin)
        found = list(compiled.diagnostics)
        if compiled.module is not None:
            found += optimise(compiled.module, self.passes, fold_config=False)
        self.console.show(found)
        self.found += found
        if compiled.module is not None and not has_errors(found):
            self._tests(compiled)

    def record(self, path: str, *, again: bool) -> None:
        """Write live answers into the tests of a file; what is wrong with it shows later."""
        if path == "-":
            raise click.UsageError("answers are written into a file: name one")
        compiled = compile_file(path, self.console.stdin)
        if compiled.module is None or has_errors(compiled.diagnostics):
            return
        from kumeo.tools.recording.files import record_file

        tests = [test for test in compiled.tests if self.wanted in test.title.lower()]
        with redirect_stdout(self.console.stderr):  # What code of users prints is no verdict.
            found = record_file(self.console, compiled, tests, again=again)
        self.console.show(found)
        self.found += found

    def _tests(self, compiled: Compiled) -> None:
        from kumeo.tools.verdicts import judge

        assert compiled.module is not None
        files = FolderFiles.beside(compiled.path)
        for test in compiled.tests:
            if self.wanted not in test.title.lower():
                continue
            trace = "agents" if self.verbose else "none"
            verdict = judge(compiled.module, test, files.read, trace)
            self.verdicts.append((compiled.path, verdict))
            if not self.as_json:
                self._report(verdict)

    def _report(self, verdict: "Verdict") -> None:
        word, style = ("ok", "green") if verdict.passed else ("FAILED", "red")
        self.console.write(f"{self.console.style(word, style)} {verdict.test.title}\n")
        if verdict.passed:
            return
        place = verdict.test.span
        self.console.write(f"  --> {place.path}:{place.line}\n")
        for fault in verdict.faults:
            self._fault(fault)
        if self.verbose:
            for line in trace_lines(verdict.run):
                self.console.write(self.console.style(f"  | {line}", "dim") + "\n")

    def _fault(self, fault: "Fault") -> None:
        self.console.write(f"  {self.console.style(fault.headline, 'bold')}\n")
        for line in fault.difference:
            style = {"-": "red", "+": "green"}.get(line[:1])
            self.console.write("    " + (self.console.style(line, style) if style else line) + "\n")
        if fault.difference:
            self.console.write(self.console.style("    (- expected, + what came)", "dim") + "\n")

    def finish(self) -> int:
        """Write the summary and return the exit code."""
        passed = sum(verdict.passed for _, verdict in self.verdicts)
        failed = len(self.verdicts) - passed
        if self.as_json:
            results = [_to_json(path, verdict) for path, verdict in self.verdicts]
            self.console.write(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
        elif self.verdicts:
            self.console.write(f"{passed} passed, {failed} failed\n")
        elif has_errors(self.found):
            self.console.write("no test was run\n")
        else:
            which = f" with `{self.wanted}` in the title" if self.wanted else ""
            self.console.write(f"there are no tests{which}\n")
        if any(d.code == "cannot-read" for d in self.found):
            return WRONG_USAGE
        return REJECTED if failed or not self.verdicts or has_errors(self.found) else DONE


def trace_lines(run: "Run") -> list[str]:
    """Return what happened: calls with their answers, messages, failures."""
    lines: list[str] = []
    for call in run.calls:
        again = f" (attempt {call.attempt})" if call.attempt > 1 else ""
        where = "".join(f"[{index}]" for index in call.path)
        lines.append(f"{call.event}: {call.agent}{where}{again} -> {_shown(call.outcome)}")
    for message in run.emitted:
        lines.append(f"sent to {message.target}: {_shown(message.payload)}")
    for report in run.reports:
        target = report.target or "dead letters"
        lines.append(f"{report.event.id} failed, to {target}: {report.failure.message}")
    return lines


def _shown(value: Any) -> str:
    from kumeo.interp import Failure

    if isinstance(value, Failure):
        return f"failure [{value.code}] {value.message}"
    return json.dumps(value, ensure_ascii=False, default=str)


def _to_json(path: str, verdict: "Verdict") -> dict[str, Any]:
    faults = [{"text": f.headline, "diff": list(f.difference)} for f in verdict.faults]
    place = verdict.test.span
    return {
        "file": path,
        "line": place.line,
        "title": verdict.test.title,
        "workflow": verdict.test.workflow,
        "passed": verdict.passed,
        "faults": faults,
        "sent": [{"target": m.target, "payload": m.payload} for m in verdict.run.emitted],
    }
