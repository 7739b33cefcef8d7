"""The programs that tests can run inside this process, by the name used on a command line."""

from collections.abc import Mapping
from typing import TextIO

from kumeo.testing.commands import Program


def kumeo(arguments: list[str], stdin: str, stdout: TextIO, stderr: TextIO) -> int:
    """Run `kumeo`; the tool is loaded at the first call."""
    from kumeo.tools.kumeo import run

    return run(arguments, stdin, stdout, stderr)


def kumeo_opt(arguments: list[str], stdin: str, stdout: TextIO, stderr: TextIO) -> int:
    """Run `kumeo-opt`; the tool is loaded at the first call."""
    from kumeo.tools.kumeo_opt import run

    return run(arguments, stdin, stdout, stderr)


def kumeo_reduce(arguments: list[str], stdin: str, stdout: TextIO, stderr: TextIO) -> int:
    """Run `kumeo-reduce`; the tool is loaded at the first call."""
    from kumeo.tools.reduce.main import run

    return run(arguments, stdin, stdout, stderr)


def filecheck(arguments: list[str], stdin: str, stdout: TextIO, stderr: TextIO) -> int:
    """Compare `stdin` with the `CHECK` lines of a file: 0 when all match, 2 for wrong usage."""
    from filecheck.finput import FInput
    from filecheck.matcher import Matcher
    from filecheck.options import parse_argv_options
    from filecheck.parser import Parser

    try:
        options = parse_argv_options(["filecheck", *arguments])
        checks = Parser.from_opts(options)
    except (RuntimeError, OSError) as error:
        print(f"filecheck: {error}", file=stderr)
        return 2
    piped = options.input_file == "-"
    text = FInput("-", FInput.canonicalize_line_ends(stdin)) if piped else FInput.from_opts(options)
    matcher = Matcher(options, text, checks)
    matcher.stderr = stderr
    return matcher.run()


def cat(arguments: list[str], stdin: str, stdout: TextIO, stderr: TextIO) -> int:
    """Print the named files, or the input when none is named."""
    try:
        texts = [_read(path) for path in arguments]
    except OSError as error:
        print(f"cat: {error}", file=stderr)
        return 1
    stdout.write("".join(texts) if arguments else stdin)
    return 0


def _read(path: str) -> str:
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


PROGRAMS: Mapping[str, Program] = {
    "cat": cat,
    "filecheck": filecheck,
    "kumeo": kumeo,
    "kumeo-opt": kumeo_opt,
    "kumeo-reduce": kumeo_reduce,
}
