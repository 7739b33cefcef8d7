"""Records the tests of one file: builds it, runs each test live, writes the answers."""

import asyncio
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kumeo.diagnostics import Diagnostic, Source
from kumeo.frontend.elaborate.cases import WorkflowTest
from kumeo.tools.commands.fmt import replace_file
from kumeo.tools.console import Console
from kumeo.tools.recording.edits import with_answers
from kumeo.tools.recording.errors import RecordingFailed
from kumeo.tools.recording.live import Recording, Trouble, record
from kumeo.tools.sources import Compiled, count_words


def record_file(
    console: Console, compiled: Compiled, tests: Sequence[WorkflowTest], *, again: bool
) -> list[Diagnostic]:
    """Write what real agents say into these tests of a file; return what went wrong.

    again: whether answers that are there are replaced.
    """
    assert compiled.source is not None, "a file with tests was read"
    text, found = compiled.source.text, list[Diagnostic]()
    for test in tests:
        console.stderr.write(f"recording {test.title}\n")
        recording, faults = _recorded(console, compiled.path, test, again)
        found += faults
        answers = {} if recording is None else recording.answers()
        if not answers:
            continue
        text = with_answers(Source(compiled.path, text), test.title, answers)
        said = ", ".join(f"{n} ({count_words(len(a), 'answer')})" for n, a in answers.items())
        console.stderr.write(f"  {said}\n")
    if text != compiled.source.text:
        found += replace_file(compiled.path, text)
    return found


def _recorded(
    console: Console, path: str, test: WorkflowTest, again: bool
) -> tuple[Recording | None, list[Diagnostic]]:
    from kumeo_runtime.service import Problem

    from kumeo.tools.engine_errors import told

    with _package(console, path, test) as (package, found):
        if package is None:
            return None, found
        from kumeo.tools.running.package import load_workflow

        root = Path(path).parent.resolve()
        folder = next(package.glob("*/workflow.py")).parent.resolve()
        try:
            made = asyncio.run(record(load_workflow(package), folder, root, test, again=again))
        except Problem as error:
            return None, [told(error)]
    troubles: list[Diagnostic] = [_failed(test, each) for each in made.troubles.values()]
    return (None if troubles else made), troubles


@contextmanager
def _package(
    console: Console, path: str, test: WorkflowTest
) -> Generator[tuple[Path | None, list[Diagnostic]]]:
    """Give the folder of the package of a test's workflow, or None and why there is none."""
    from kumeo.tools.running.package import make_package
    from kumeo.tools.running.tree import write_tree

    made, found = make_package(path, console.stdin, "O0", test.workflow)
    with tempfile.TemporaryDirectory(prefix="kumeo-record-") as folder:
        if made is None:
            yield None, found
            return
        write_tree(Path(folder), made.files, force=True)
        yield Path(folder), []


def _failed(test: WorkflowTest, trouble: Trouble) -> RecordingFailed:
    if trouble.code == "no-mock":
        fix = f"write the decision: `mock: {{ {trouble.agent}: {{ decision: approve }} }}`"
    else:
        fix = "mend that, or write the answer, or the failure, in `mock`"
    return RecordingFailed(test.span, trouble.agent, trouble.message, fix)
