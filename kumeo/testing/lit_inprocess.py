"""A lit test format that runs `RUN:` lines inside this process.

    // RUN: kumeo-opt %s -p canonicalize | filecheck %s
    // RUN: not kumeo-opt %s --verify-diagnostics 2>&1 | filecheck %s --check-prefix ERR

lit itself finds the tests, replaces `%s` and `%t` and splits the line, so a file means the same
here and in the shell. A file with anything but pipelines of `PROGRAMS` (`&&`, globs, other
programs) is handed to lit's own shell as a whole. `lit -Dshell=1 tests/filecheck` uses that shell
for every file. lit pickles the format, so it has to live in a module that can be imported.

lit has no type information: values that come from it are `Any` and are turned into
`kumeo.testing.Command` at once.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false

import contextlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import lit.ShCommands
import lit.ShUtil
import lit.Test
import lit.TestRunner
from lit.formats import ShTest

from kumeo.testing.commands import Command, Outcome, run_pipeline
from kumeo.testing.programs import PROGRAMS

_LABEL = re.compile(r"%dbg\([^)]*\)\s*")
"""lit puts the line number in front of each command; only its shell understands that."""


class InProcess(ShTest):  # pyright: ignore[reportUntypedBaseClass]
    """Run files of command pipelines here, all others in lit's shell."""

    def execute(self, test: Any, litConfig: Any) -> Any:  # noqa: N803 (lit's name)
        """Return lit's result of one test file."""
        script = expand(test)
        if isinstance(script, lit.Test.Result):
            return script
        pipelines = [parse_pipeline(line) for line in script]
        if test.config.unsupported or litConfig.noExecute or None in pipelines:
            return super().execute(test, litConfig)
        folder = Path(test.getExecPath()).parent
        (folder / "Output").mkdir(parents=True, exist_ok=True)
        return run_script(script, cast(list[tuple[Command, ...]], pipelines), folder)


def expand(test: Any) -> Any:
    """Return the commands of a test file as text, or lit's result when it must not run."""
    # lit adds what the file says to the test; the shell does that once more.
    before = [list(names) for names in (test.xfails, test.requires, test.unsupported)]
    script: Any = lit.TestRunner.parseIntegratedTestScript(test)
    if isinstance(script, lit.Test.Result):
        return script
    folder, base = lit.TestRunner.getTempPaths(test)
    names = lit.TestRunner.getDefaultSubstitutions(test, folder, base)
    facts = dict.fromkeys(test.config.available_features, True)
    limit = test.config.recursiveExpansionLimit
    lines = lit.TestRunner.applySubstitutions(list(script), names, facts, recursion_limit=limit)
    commands = [_LABEL.sub("", line, count=1) for line in lines]
    if any(parse_pipeline(command) is None for command in commands):
        test.xfails, test.requires, test.unsupported = before
    return commands


def run_script(script: Sequence[str], pipelines: list[tuple[Command, ...]], folder: Path) -> Any:
    """Run the pipelines in `folder` up to the first that fails; return lit's result."""
    with contextlib.chdir(folder):
        for text, pipeline in zip(script, pipelines, strict=True):
            outcome = run_pipeline(pipeline, PROGRAMS)
            if outcome.code != 0:
                return lit.Test.Result(lit.Test.FAIL, describe_failure(text, outcome))
    return lit.Test.Result(lit.Test.PASS, "")


def describe_failure(text: str, outcome: Outcome) -> str:
    """Return what the user needs to repeat and understand a failed command."""
    parts = [f"command failed with code {outcome.code}:\n  {text}\n"]
    if outcome.out:
        parts.append(f"stdout:\n{outcome.out}\n")
    if outcome.err:
        parts.append(f"stderr:\n{outcome.err}\n")
    return "\n".join(parts)


def parse_pipeline(text: str) -> tuple[Command, ...] | None:
    """Return the commands of a `RUN:` line, or None when only a shell can run it."""
    try:
        parsed = lit.ShUtil.ShParser(text, pipefail=True).parse()
    except ValueError:
        return None
    if not isinstance(parsed, lit.ShCommands.Pipeline):
        return None
    commands = [_command(command.args, command.redirects) for command in parsed.commands]
    if None in commands:
        return None
    return cast(tuple[Command, ...], tuple(commands))


def _command(words: list[Any], redirects: list[Any]) -> Command | None:
    if not all(isinstance(word, str) for word in words):
        return None
    negated = words[0] == "not"
    name, *arguments = words[1:] if negated and len(words) > 1 else words
    streams = _streams(redirects)
    if name not in PROGRAMS or streams is None:
        return None
    return Command(name, tuple(arguments), negated, **streams)


def _streams(redirects: list[Any]) -> dict[str, Any] | None:
    """Return the stream fields of `Command`, or None for a redirection of another kind."""
    streams: dict[str, Any] = {}
    for operator, target in redirects:
        match (*operator, target):
            case (">&", 2, "1"):
                streams["merged"] = True
            case ("<", str(path)):
                streams["stdin"] = path
            case (">", str(path)):
                streams["stdout"] = path
            case (">", 2, str(path)):
                streams["stderr"] = path
            case _:
                return None
    return streams
