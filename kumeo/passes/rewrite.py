"""`rewrite`: apply patterns that stand in a file, written in MLIR's dialect `pdl`.

    pdl.pattern @not_twice : benefit(1) {
      %x = pdl.operand
      %i1 = pdl.type : i1
      %inner = pdl.operation "data.not" (%x : !pdl.value) -> (%i1 : !pdl.type)
      %once = pdl.result 0 of %inner
      %outer = pdl.operation "data.not" (%once : !pdl.value) -> (%i1 : !pdl.type)
      pdl.rewrite %outer {
        pdl.replace %outer with (%x : !pdl.value)
      }
    }

With `rewrite{file="logic.pdl.mlir"}` a condition that is negated twice becomes the condition.
Patterns are tried at each op, the one with the larger benefit first, until none fits; xDSL's
interpreter of `pdl` runs them. New ops are at the place of the op that was matched.

Whether it is sound is the author's matter: the pass knows nothing of what a pattern says, and
facts of the ops do not stop it. `--check-semantics` judges it like any other pass. The file is
checked before anything is rewritten: ops that no dialect has, and parts of `pdl` that the
interpreter lacks, are errors at their place. A pattern sees operands, attributes and types, no
regions. Patterns that never come to an end are stopped at `rewrites-max`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xdsl.context import Context
from xdsl.dialects import pdl
from xdsl.dialects.builtin import ModuleOp
from xdsl.interpreters.pdl import PDLRewritePattern
from xdsl.ir import Operation
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
)
from xdsl.utils.exceptions import PassFailedException

from kumeo.analysis.errors import IrInvalid
from kumeo.analysis.places import point_of
from kumeo.analysis.text import parse_module
from kumeo.analysis.verify import verify_module
from kumeo.diagnostics import Diagnostic, nearest
from kumeo.passes.base import OpPass
from kumeo.passes.locations import KeepLocations

_SUPPORTED = (
    pdl.PatternOp,
    pdl.OperandOp,
    pdl.TypeOp,
    pdl.AttributeOp,
    pdl.OperationOp,
    pdl.ResultOp,
    pdl.RewriteOp,
    pdl.ReplaceOp,
    pdl.EraseOp,
)


@dataclass(frozen=True)
class RewritePass(OpPass):
    """Apply the patterns of a file."""

    name = "rewrite"

    file: str
    """A file of `pdl.pattern` ops; its path starts at the working folder."""
    rewrites_max: int = 1_000_000
    """Stop after so many rewrites: the patterns undo one another, or make work without end."""

    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Apply the patterns inside `root` until none fits."""
        patterns = self._patterns(ctx)
        if not patterns:
            return
        named = [_Named(self, pattern, ctx) for pattern in patterns]
        walker = PatternRewriteWalker(GreedyRewritePatternApplier(list[RewritePattern](named)))
        for region in root.regions:
            walker.rewrite_region(region)

    def _patterns(self, ctx: Context) -> list[pdl.PatternOp]:
        """Return the patterns of the file, best first; none after an error was reported."""
        module, found = parse_module(self._read(), self.file, ctx)
        if module is not None:
            found = verify_module(module) or find_unsupported(module, ctx)
        for diagnostic in found:
            self.report(diagnostic)
        if module is None or found:
            return []
        patterns = [op for op in module.ops if isinstance(op, pdl.PatternOp)]
        if not patterns:
            raise PassFailedException(f"`{self.file}` holds no `pdl.pattern`")
        return sorted(patterns, key=lambda pattern: -pattern.benefit.value.data)

    def _read(self) -> str:
        try:
            return Path(self.file).read_text(encoding="utf-8")
        except OSError as error:
            raise PassFailedException(f"cannot read `{self.file}`: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise PassFailedException(f"cannot read `{self.file}`: it is no UTF-8") from error


class _Named(RewritePattern):
    """A pattern of the file; it counts what it does, and stops when that has no end."""

    def __init__(self, owner: RewritePass, pattern: pdl.PatternOp, ctx: Context) -> None:
        rewrite = pattern.body.block.last_op
        assert isinstance(rewrite, pdl.RewriteOp), "the file was verified"
        self.pattern = KeepLocations(PDLRewritePattern(rewrite, ctx))
        self.name = "a pattern" if pattern.sym_name is None else f"`{pattern.sym_name.data}`"
        self.owner = owner
        self.done = 0

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """Try the pattern at `op`."""
        before, rewriter.has_done_action = rewriter.has_done_action, False
        place = op.location
        self.pattern.match_and_rewrite(op, rewriter)
        if not rewriter.has_done_action:
            rewriter.has_done_action = before
            return
        self.done += 1
        self.owner.count(f"rewrites by {self.name}")
        op.location = place
        self.owner.remark(op, f"is rewritten by {self.name}")
        if self.done > self.owner.rewrites_max:
            limit = self.owner.rewrites_max
            raise PassFailedException(f"{self.name} was applied {limit} times and goes on")


def find_unsupported(module: ModuleOp, ctx: Context) -> list[Diagnostic]:
    """Return what the interpreter of patterns cannot run: parts of `pdl`, and unknown ops."""
    found: list[Diagnostic] = []
    for op in module.walk():
        problem = None if op is module else _problem(op, ctx)
        if problem is not None:
            found.append(IrInvalid(point_of(op), op.name, problem))
    return found


def _problem(op: Operation, ctx: Context) -> str | None:
    if not isinstance(op, _SUPPORTED):
        return "cannot be used in a file of patterns: Kumeo runs patterns of single values only"
    if isinstance(op, pdl.RewriteOp) and (op.root is None or not op.body):
        return "needs the operation that it starts from, and what to do in braces"
    if not isinstance(op, pdl.OperationOp):
        return None
    if op.opName is None:
        return "has to name an operation"
    name = op.opName.data
    return None if ctx.get_optional_op(name) is not None else _unknown(name, ctx)


def _unknown(name: str, ctx: Context) -> str:
    dialect = ctx.get_optional_dialect(name.partition(".")[0])
    known: Sequence[str] = () if dialect is None else [op.name for op in dialect.operations]
    close = nearest(name, known)
    return f"there is no op `{name}`" + (f": write `{close}`" if close else "")
