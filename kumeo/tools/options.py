"""The command line of `kumeo-opt`: text in, `Options` out. Nothing is printed and nothing exits."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from kumeo.diagnostics import nearest

INPUT_FORMATS = ("kumeo", "mlir")


@dataclass(frozen=True)
class Options:
    """What the user asked for. Field names are the long flags."""

    input: str
    input_format: str | None
    output: str | None
    target: str
    passes: str | None
    level_o: str | None
    level: str | None
    help: bool
    version: bool
    list_passes: bool
    show_dialects: bool
    dump_pass_pipeline: bool
    split_input_file: bool
    verify_each: bool
    verify_roundtrip: bool
    verify_diagnostics: bool
    allow_unregistered_dialect: bool
    print_generic: bool
    print_no_properties: bool
    print_debuginfo: bool
    print_ir_before: tuple[str, ...]
    print_ir_after: tuple[str, ...]
    print_ir_before_all: bool
    print_ir_after_all: bool
    print_ir_after_change: bool
    print_ir_diff: bool
    print_ir_tree_dir: str | None
    timing: bool
    pass_statistics: bool
    remarks: bool
    crash_reproducer: str | None
    run_reproducer: bool
    check_semantics: int | None
    """How many events each trial has; None not to check."""
    seed: int

    @property
    def prints_only(self) -> bool:
        """Whether the user asks about the tool and gives it no module."""
        return self.help or self.version or self.list_passes or self.show_dialects


class UsageError(Exception):
    """The command line is wrong."""

    def __init__(self, problem: str, fix: str | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.fix = fix


_DESCRIPTION = """\
Reads a workflow or a module, runs passes on it and prints the result.

  kumeo-opt flow.kumeo                          the program as the compiler sees it
  kumeo-opt flow.kumeo -p 'canonicalize, cse'   run two passes
  kumeo-opt flow.mlir -O2 --print-ir-diff       what does each pass of -O2 change?
  kumeo-opt - -t dot < flow.mlir | dot -Tsvg    a picture of the operations
"""

_EPILOG = """\
Pipelines: passes with commas between them, options in braces, spaces wherever you like.
`workflow.on(cse,dce)` runs passes only inside each op of that name.

Exit codes: 0 done, 1 the input or a pass failed, 2 wrong usage.
Every message has a code in brackets; `kumeo explain CODE` says more about it.
"""


def parse_arguments(arguments: Sequence[str]) -> Options:
    """Return the options. Raises: UsageError."""
    parser = make_parser()
    found, unknown = parser.parse_known_args(list(_spelled(arguments)))
    if unknown:
        raise _unknown_word(unknown[0], parser)
    values = vars(found)
    values["print_ir_before"] = _names(found.print_ir_before)
    values["print_ir_after"] = _names(found.print_ir_after)
    options = Options(**values)
    _check(options)
    return options


def make_parser() -> argparse.ArgumentParser:
    """Return the parser, which also writes the help text."""
    parser = _Parser(
        prog="kumeo-opt",
        usage="kumeo-opt [options] [FILE]",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        allow_abbrev=False,
    )
    _add_input(parser)
    _add_passes(parser)
    _add_output(parser)
    _add_checks(parser)
    _add_looking(parser)
    _add_about(parser)
    return parser


class _Parser(argparse.ArgumentParser):
    """argparse without its habit of printing and ending the process."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, "`kumeo-opt --help` lists the options")


def _add_input(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("input")
    add = group.add_argument
    add("input", metavar="FILE", nargs="?", default="-", help="a .kumeo or .mlir file; - is stdin")
    add("--input-format", choices=INPUT_FORMATS, help="what stdin holds (default: mlir)")
    _flag(group, "--split-input-file", "treat the parts between `// -----` lines one by one")
    _flag(group, "--allow-unregistered-dialect", "accept ops of unknown dialects")
    _flag(group, "--run-reproducer", "FILE was written by --crash-reproducer: replay it")


def _add_passes(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("passes")
    add = group.add_argument
    add("-p", "--pass-pipeline", "--passes", dest="passes", metavar="TEXT", help="run these passes")
    for level, text in (("O0", "what lowering needs"), ("O1", "cheap"), ("O2", "all")):
        add(f"-{level}", dest="level_o", action="store_const", const=level, help=f"passes: {text}")
    add("--level", metavar="NAME", help="fail unless the result is at this level; -O lowers to it")
    _flag(group, "--dump-pass-pipeline", "print the pipeline to stderr, as -p takes it")


def _add_output(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("output")
    add = group.add_argument
    add("-o", "--output", metavar="FILE", help="write here instead of stdout")
    add("-t", "--target", metavar="FORM", default="mlir", help="mlir (default), dot, json, ...")
    flags = ("--mlir-print-op-generic", "--print-op-generic")
    _flag(group, *flags, "print every op in generic form", dest="print_generic")
    _flag(group, "--print-no-properties", "generic form for LLVM 16: properties as attributes")
    flags = ("--print-debuginfo", "--mlir-print-debuginfo")
    _flag(group, *flags, "print source locations, so that pipes keep them")


def _add_checks(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("checks")
    group.add_argument(
        "--verify-each",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="verify the module after each pass (default: yes)",
    )
    _flag(group, "--verify-roundtrip", "fail if printing and parsing changes the module")
    group.add_argument(
        "--check-semantics",
        metavar="N",
        type=_count,
        help="run the workflows on N events (default 8) around each pass: do they mean the same?",
    )
    group.add_argument(
        "--seed", metavar="S", type=int, default=0, help="other events for --check-semantics"
    )
    _flag(group, "--verify-diagnostics", "compare messages with `// expected-error {{text}}`")
    group.add_argument(
        "--crash-reproducer", metavar="FILE", help="if a pass fails, write what repeats it here"
    )


def _add_looking(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("looking inside (all to stderr)")
    for when in ("before", "after"):
        flag = f"--print-ir-{when}"
        help_text = f"print the module {when} these passes; `{flag}` alone: every pass"
        group.add_argument(flag, metavar="PASS,...", action="append", default=[], help=help_text)
        _flag(group, f"{flag}-all", f"print the module {when} every pass")
    _flag(group, "--print-ir-after-change", "print the module after passes that change it")
    _flag(group, "--print-ir-diff", "print what each pass changes")
    group.add_argument("--print-ir-tree-dir", metavar="DIR", help="one file for each pass, in DIR")
    _flag(group, "--timing", "--time-passes", "print how long each part takes")
    _flag(group, "--pass-statistics", "print what the passes count")
    _flag(group, "--remarks", "print what the passes did and did not do")


def _add_about(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("about")
    _flag(group, "--list-passes", "list all passes, also those of plug-ins")
    _flag(group, "--show-dialects", "list all dialects, also those of plug-ins")
    _flag(group, "-h", "--help", "show this text", dest="help")
    _flag(group, "--version", "show the version")


def _flag(group: "argparse._ArgumentGroup", *words: str, dest: str | None = None) -> None:  # pyright: ignore[reportPrivateUsage]
    """Add a switch; the last word is its help text."""
    *flags, help_text = words
    name = dest or flags[0].lstrip("-").replace("-", "_")
    group.add_argument(*flags, dest=name, action="store_true", help=help_text)


def _spelled(arguments: Sequence[str]) -> Iterator[str]:
    """Yield the words, with the full form of each flag whose value was left out.

    A whole number behind `--check-semantics` is its value. A file of that name is written `./8`.
    """
    words = iter(arguments)
    for word in words:
        if word != "--check-semantics":
            yield _BARE.get(word, word)
            continue
        value = next(words, None)
        if value is not None and value.isdecimal():
            yield f"{word}={value}"
            continue
        yield f"{word}=8"
        if value is not None:
            yield from _spelled([value, *words])


_BARE = {
    "--print-ir-before": "--print-ir-before-all",
    "--print-ir-after": "--print-ir-after-all",
}


def _count(text: str) -> int:
    """Return a number of events. Raises: ArgumentTypeError, which argparse reports."""
    try:
        count = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of events") from None
    if count < 1:
        raise argparse.ArgumentTypeError(f"{text} events check nothing: write at least 1")
    return count


def _names(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.strip() for value in values for name in value.split(",") if name.strip())


def _unknown_word(word: str, parser: argparse.ArgumentParser) -> UsageError:
    if not word.startswith("-"):
        return UsageError(f"one FILE is enough, `{word}` is a second one")
    if word.startswith("-O"):
        return UsageError(f"there is no option `{word}`", "the levels are `-O0`, `-O1` and `-O2`")
    flag = word.split("=")[0]
    known = [text for action in parser._actions for text in action.option_strings]  # pyright: ignore[reportPrivateUsage]
    close = nearest(flag, known)
    fix = f"write `{close}`" if close else "`kumeo-opt --help` lists the options"
    return UsageError(f"there is no option `{flag}`", fix)


def _check(options: Options) -> None:
    """Refuse options that contradict each other."""
    if options.passes is not None and options.level_o is not None:
        problem = f"`-{options.level_o}` and `-p` both say which passes run"
        fix = f"`kumeo-opt -{options.level_o} --dump-pass-pipeline` prints its passes"
        raise UsageError(problem, fix)
    if options.run_reproducer and (options.passes is not None or options.level_o is not None):
        problem = "the passes of `--run-reproducer` are in its file"
        raise UsageError(problem, "leave out `-p` and `-O`")
