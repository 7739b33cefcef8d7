"""`kumeo-opt` as a function: exit codes, streams and each flag."""

import io
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kumeo.passes.base import OpPass
from kumeo.tools import kumeo_opt
from kumeo.tools.listing import summary_of

Opt = Callable[..., Any]

SUM = """\
builtin.module {
  func.func @f(%x : i64) -> i64 {
    %a = arith.constant 2 : i64
    %b = arith.addi %a, %a : i64
    %c = arith.addi %x, %b : i64
    func.return %c : i64
  }
}
"""
UNKNOWN_OP = '"func.nothing"() : () -> ()\n'


def codes(text: str) -> list[str]:
    return re.findall(r"^\w+\[([\w-]+)\]", text, re.MULTILINE)


def test_run_stdin_is_printed_back(opt: Opt) -> None:
    ran = opt(stdin=SUM)
    assert (ran.code, ran.err) == (0, "")
    assert opt("-", stdin=ran.out).out == ran.out


def test_run_stdin_may_be_a_function() -> None:
    out, err = io.StringIO(), io.StringIO()
    assert kumeo_opt.run(["-"], lambda: "builtin.module {}", out, err) == 0
    assert out.getvalue() == "builtin.module {\n}\n"


def test_run_stdin_is_not_read_for_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.mlir").write_text(SUM)

    def never() -> str:
        raise AssertionError("standard input was read")

    assert kumeo_opt.run([str(tmp_path / "a.mlir")], never, io.StringIO(), io.StringIO()) == 0


def test_run_pipeline_changes_the_module(opt: Opt) -> None:
    ran = opt("-p", "canonicalize, cse", stdin=SUM)
    assert "arith.constant 4" in ran.out


def test_run_level_o_runs_its_pipeline(opt: Opt) -> None:
    assert "arith.constant 4" in opt("-O1", stdin=SUM).out
    assert "arith.constant 4" not in opt("-O0", stdin=SUM).out


@pytest.mark.parametrize("level", ["O0", "O1", "O2"])
def test_dump_pass_pipeline_is_read_back(opt: Opt, level: str) -> None:
    dumped = opt(f"-{level}", "--dump-pass-pipeline", stdin=SUM)
    assert dumped.code == 0
    again = opt("-p", dumped.err.strip(), "--dump-pass-pipeline", stdin=SUM)
    assert again == dumped


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--spilt-input-file"], "wrong-usage"),
        (["a.mlir", "b.mlir"], "wrong-usage"),
        (["-O1", "-p", "cse"], "wrong-usage"),
        (["--run-reproducer", "-p", "cse"], "wrong-usage"),
        (["--input-format", "yaml"], "wrong-usage"),
        (["-p"], "wrong-usage"),
        (["missing.mlir"], "cannot-read"),
        (["-p", "canonicalise"], "unknown-pass"),
        (["-p", "cse,,"], "invalid-pipeline"),
        (["-p", "cse{x=1}"], "unknown-pass-option"),
        (["-p", "verify-level{level=7}"], "invalid-pass-option"),
        (["-p", "func.func(verify-level)"], "invalid-pipeline"),
        (["-p", "func.fnc(cse)"], "invalid-pipeline"),
        (["--level", "stagez"], "unknown-level"),
        (["-t", "mlri"], "unknown-output"),
    ],
)
def test_run_wrong_usage_exits_2(opt: Opt, arguments: list[str], code: str) -> None:
    ran = opt(*arguments, stdin=SUM)
    assert (ran.code, ran.out, codes(ran.err)) == (2, "", [code])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--spilt-input-file"], "write `--split-input-file`"),
        (["-p", "canonicalise"], "write `canonicalize`"),
        (["-t", "jsn"], "write `-t json`"),
        (["-p", "func.fnc(cse)"], "write `func.func`"),
    ],
)
def test_run_wrong_usage_names_the_nearest(opt: Opt, arguments: list[str], words: str) -> None:
    assert words in opt(*arguments, stdin=SUM).err


def test_run_missing_file_names_the_nearest(opt: Opt) -> None:
    Path("flow.mlir").write_text(SUM)
    assert "did you mean `flow.mlir`?" in opt("flwo.mlir").err


def test_run_rejected_input_exits_1(opt: Opt) -> None:
    ran = opt(stdin=UNKNOWN_OP)
    assert (ran.code, ran.out, codes(ran.err)) == (1, "", ["ir-syntax"])
    assert "<stdin>:1:" in ran.err


def test_run_invalid_module_exits_1(opt: Opt) -> None:
    ran = opt(stdin='%a = "arith.addi"(%b, %b) : (i64, i64) -> i64\n%b = arith.constant 1 : i64')
    assert (ran.code, codes(ran.err)) == (1, ["ir-dominance"])


@pytest.mark.parametrize("data", [b"\x00\x01", b"\xff\xfe", "é".encode("latin-1")])
def test_run_binary_file_exits_1(opt: Opt, data: bytes) -> None:
    Path("a.mlir").write_bytes(data)
    ran = opt("a.mlir")
    assert (ran.code, len(codes(ran.err))) == (1, 1)


def test_run_byte_order_mark_and_crlf_are_accepted(opt: Opt) -> None:
    Path("a.mlir").write_bytes(b"\xef\xbb\xbf" + SUM.replace("\n", "\r\n").encode())
    assert opt("a.mlir").out == opt(stdin=SUM).out


def test_run_empty_input_is_an_empty_module(opt: Opt) -> None:
    for text in ("", "\n", "// only a comment\n"):
        assert opt(stdin=text).out == "builtin.module {\n}\n"


def test_run_deep_nesting_is_a_diagnostic(opt: Opt) -> None:
    ran = opt(stdin="builtin.module {" * 5000 + "}" * 5000)
    assert (ran.code, len(codes(ran.err))) == (1, 1)


def test_run_deepest_legal_nesting_passes_through_o2(opt: Opt) -> None:
    depth = 120
    ran = opt("-O2", stdin="builtin.module {" * depth + "}" * depth)
    assert (ran.code, ran.err) == (0, "")


def test_run_deep_attribute_is_hashed_by_a_pass(opt: Opt) -> None:
    deep = "[" * 900 + "]" * 900
    op = f'%x = "test.pureop"() {{a = {deep}}} : () -> i64\n"test.op"(%x) : (i64) -> ()\n'
    ran = opt("-p", "cse", stdin=op + op.replace("%x", "%y"))
    assert (ran.code, ran.err, ran.out.count("pureop")) == (0, "", 1)


def test_run_leaves_the_process_as_it_was(opt: Opt) -> None:
    before = (sys.getrecursionlimit(), os.getcwd(), dict(os.environ))
    opt("-O2", stdin=SUM)
    opt(stdin="builtin.module {" * 5000)
    assert (sys.getrecursionlimit(), os.getcwd(), dict(os.environ)) == before


def test_run_prints_nothing_to_the_real_streams(
    opt: Opt, capfd: pytest.CaptureFixture[str]
) -> None:
    opt("-O2", "--timing", "--print-ir-diff", stdin=SUM)
    opt("-p", "nonsense", stdin=SUM)
    opt("--help")
    assert capfd.readouterr() == ("", "")


def test_output_file_gets_the_text(opt: Opt) -> None:
    ran = opt("-o", "out.mlir", stdin=SUM)
    assert (ran.code, ran.out) == (0, "")
    assert Path("out.mlir").read_text() == opt(stdin=SUM).out


def test_output_file_is_not_touched_after_an_error(opt: Opt) -> None:
    Path("out.mlir").write_text("before")
    assert opt("-o", "out.mlir", stdin=UNKNOWN_OP).code == 1
    assert Path("out.mlir").read_text() == "before"


def test_output_file_that_cannot_be_written(opt: Opt) -> None:
    ran = opt("-o", "missing/out.mlir", stdin=SUM)
    assert (ran.code, codes(ran.err)) == (1, ["cannot-write"])


def test_target_dot_draws_ops_and_arrows(opt: Opt) -> None:
    out = opt("-t", "dot", stdin=SUM).out
    assert out.startswith("digraph module {")
    assert 'label="arith.addi"' in out
    assert "n2 -> n3;" in out


def test_target_json_has_the_structure(opt: Opt) -> None:
    import json

    module = json.loads(opt("-t", "json", stdin=SUM).out)
    function = module["regions"][0][0]["ops"][0]
    (block,) = function["regions"][0]
    assert [op["op"].split(".")[1] for op in block["ops"]] == ["constant", "addi", "addi", "return"]
    assert block["ops"][1]["operands"] == ["%1", "%1"]
    assert block["ops"][0]["place"] == {"path": "<stdin>", "line": 3, "column": 5}


def test_target_that_cannot_write_the_module(opt: Opt) -> None:
    ran = opt("-t", "riscv-asm", stdin=SUM)
    assert (ran.code, ran.out, codes(ran.err)) == (1, "", ["output-failed"])


def test_target_of_xdsl_that_needs_a_missing_package(
    opt: Opt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    monkeypatch.delitem(sys.modules, "xdsl.backend.llvm.convert", raising=False)
    ran = opt("-t", "llvm", stdin=SUM)
    assert (ran.code, codes(ran.err)) == (2, ["broken-plugin", "unknown-output"])


def test_print_generic(opt: Opt) -> None:
    assert '"arith.addi"(%a, %a) <{' in opt("--mlir-print-op-generic", stdin=SUM).out


def test_print_no_properties(opt: Opt) -> None:
    out = opt("--print-no-properties", stdin=SUM).out
    assert "<{" not in out
    assert '"arith.addi"(%a, %a) {' in out


def test_print_debuginfo_keeps_locations_in_a_pipe(opt: Opt) -> None:
    first = opt("--print-debuginfo", stdin=SUM).out
    assert 'loc("<stdin>":3:5)' in first
    assert opt("--print-debuginfo", stdin=first).out == first
    assert "loc(" not in opt(stdin=first).out


def test_allow_unregistered_dialect(opt: Opt) -> None:
    text = '"nobody.op"() : () -> ()'
    assert opt(stdin=text).code == 1
    assert '"nobody.op"()' in opt("--allow-unregistered-dialect", stdin=text).out


def test_level_of_a_module_that_names_none(opt: Opt) -> None:
    ran = opt("--level", "workflow", stdin=SUM)
    assert (ran.code, codes(ran.err)) == (1, ["ir-level"])


def test_level_that_fits(opt: Opt) -> None:
    text = 'builtin.module attributes {kumeo.level = "workflow"} {}'
    assert opt("--level", "workflow", stdin=text).code == 0
    assert opt("--level", "messaging", stdin=text).code == 1


SPLIT = f"{SUM}// -----\n{UNKNOWN_OP}// -----\nbuiltin.module {{}}\n"


def test_split_input_file_takes_the_parts_one_by_one(opt: Opt) -> None:
    ran = opt("--split-input-file", stdin=SPLIT)
    assert (ran.code, codes(ran.err)) == (1, ["ir-syntax"])
    assert ran.out.split("// -----\n")[1] == "builtin.module {\n}\n"


def test_split_input_file_keeps_line_numbers(opt: Opt) -> None:
    assert "<stdin>:10:" in opt("--split-input-file", stdin=SPLIT).err


def test_split_input_file_output_is_read_back(opt: Opt) -> None:
    out = opt("--split-input-file", stdin=f"{SUM}// -----\n{SUM}").out
    assert opt("--split-input-file", stdin=out).out == out


def test_print_ir_before_and_after_named_passes(opt: Opt) -> None:
    ran = opt("-p", "canonicalize,cse", "--print-ir-before=cse", "--print-ir-after=cse", stdin=SUM)
    titles = re.findall(r"IR dump (.*?) //", ran.err)
    assert titles == ["before cse", "after cse"]
    assert "arith.constant 4" in ran.err


@pytest.mark.parametrize("flag", ["--print-ir-before", "--print-ir-before-all"])
def test_print_ir_before_alone_means_every_pass(opt: Opt, flag: str) -> None:
    ran = opt(flag, "-p", "canonicalize,cse", stdin=SUM)
    assert re.findall(r"IR dump (.*?) //", ran.err) == ["before canonicalize", "before cse"]


def test_print_ir_after_all(opt: Opt) -> None:
    ran = opt("--print-ir-after-all", "-p", "canonicalize,cse", stdin=SUM)
    assert re.findall(r"IR dump (.*?) //", ran.err) == ["after canonicalize", "after cse"]


def test_print_ir_after_change_leaves_out_what_is_the_same(opt: Opt) -> None:
    ran = opt("--print-ir-after-change", "-p", "canonicalize,cse", stdin=SUM)
    assert re.findall(r"// (\w.*?) //", ran.err) == [
        "IR dump after canonicalize",
        "cse changed nothing",
    ]


def test_print_ir_diff_shows_changed_lines(opt: Opt) -> None:
    err = opt("--print-ir-diff", "-p", "canonicalize", stdin=SUM).err
    assert "-    %a = arith.constant 2 : i64" in err
    assert "+    %b = arith.constant 4 : i64" in err


def test_print_ir_tree_dir_writes_a_file_for_each_pass(opt: Opt) -> None:
    opt("--print-ir-tree-dir", "deep/tree", "-p", "canonicalize,cse", stdin=SUM)
    names = sorted(path.name for path in Path("deep/tree").iterdir())
    assert names == ["00-input.mlir", "01-canonicalize.mlir", "02-cse.mlir"]
    assert "constant 4" in Path("deep/tree/01-canonicalize.mlir").read_text()


def test_print_ir_tree_dir_that_cannot_be_made(opt: Opt) -> None:
    Path("file").write_text("")
    ran = opt("--print-ir-tree-dir", "file/tree", "-p", "cse", stdin=SUM)
    assert (ran.code, codes(ran.err)) == (1, ["cannot-write"])


def test_timing_is_a_tree_on_stderr(opt: Opt) -> None:
    ran = opt("--timing", "-p", "cse", stdin=SUM)
    lines = [line[18:].rstrip() for line in ran.err.splitlines()[1:]]
    assert [line for line in lines if line.strip() in ("pipeline", "cse")] == [
        " pipeline",
        "   cse",
    ]
    assert "timing" not in ran.out


def test_verify_roundtrip_of_a_good_module(opt: Opt) -> None:
    assert opt("--verify-roundtrip", stdin=SUM).code == 0


def test_help_explains_and_exits_0(opt: Opt) -> None:
    ran = opt("--help")
    assert (ran.code, ran.err) == (0, "")
    assert "kumeo-opt flow.kumeo" in ran.out


def test_version_names_all_versions(opt: Opt) -> None:
    assert re.fullmatch(
        r"kumeo-opt [\d.]+ \(xdsl 0\.74\.\d+, Python 3\.\d+\.\d+\)\n", opt("--version").out
    )


def test_list_passes_has_a_line_for_each_pass_of_kumeo(opt: Opt) -> None:
    from kumeo.passes.registry import PASSES

    out = opt("--list-passes").out
    for name in PASSES:
        assert re.search(rf"^  {name} +\w.*\.$", out, re.MULTILINE), name


def test_summary_of_a_pass_without_a_docstring_is_empty() -> None:
    @dataclass(frozen=True)
    class SilentPass(OpPass):
        name = "silent"

    assert summary_of(SilentPass) == ""


def test_show_dialects_has_kumeos_and_xdsls(opt: Opt) -> None:
    out = opt("--show-dialects").out
    assert re.search(r"^  workflow +\d+ ops", out, re.MULTILINE)
    assert "arith" in out


def test_internal_error_asks_for_the_input(
    opt: Opt, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(kumeo_opt, "read_input", fail)
    ran = opt(stdin=SUM)
    assert (ran.code, codes(ran.err)) == (1, ["internal-error"])
    assert "Traceback" not in ran.err
    (file,) = tmp_path.glob("kumeo-opt-internal-error-*.txt")
    assert str(file) in ran.err
    assert "ZeroDivisionError: oh" in file.read_text()
