"""Explains the numeric agents of a `.kumeo` file: compiles it, runs `-O2`, looks at the graphs."""

import time
from typing import TYPE_CHECKING

from kumeo.diagnostics import Diagnostic, has_errors
from kumeo.tools.files import FolderFiles
from kumeo.tools.io import Stdin
from kumeo.tools.sources import compile_file

if TYPE_CHECKING:
    from xdsl.dialects.builtin import ModuleOp

    from kumeo.backends.explain import Explanation
    from kumeo.dialects.agent import InferOp

_CUT = "split-stages"
"""Graphs are made before this pass; what follows does not change them."""


def explain_flow(path: str, stdin: Stdin) -> "tuple[Explanation | None, tuple[Diagnostic, ...]]":
    """Return the explanation of a workflow file, or why there is none."""
    compiled = compile_file(path, stdin)
    if compiled.module is None:
        return None, compiled.diagnostics
    from kumeo.backends.explain.workflows import explain_workflow

    files = FolderFiles.beside(path)
    before = compiled.module.clone()
    found = _optimise(compiled.module, files)
    if has_errors(found):
        return None, tuple(found)

    def size_of(graph: "InferOp") -> int | None:
        from kumeo.backends.onnx.build import emit_infer
        from kumeo.backends.onnx.errors import Unemitted

        try:
            return len(emit_infer(graph, files.read))
        except Unemitted:
            return None

    return explain_workflow(before, compiled.module, found, size_of, path), compiled.diagnostics


def _optimise(module: "ModuleOp", files: FolderFiles) -> list[Diagnostic]:
    """Run the passes of `-O2` that stand before the stages; return all that they say."""
    from kumeo.analysis.verify import verify_module
    from kumeo.passes.files import reading
    from kumeo.passes.manager import Manager
    from kumeo.passes.pipelines import pipeline_text
    from kumeo.passes.resolve import PassTable, resolve
    from kumeo.passes.timing import Timer
    from kumeo.tools.catalog import make_catalog
    from kumeo.tools.session import deep_stack

    names = pipeline_text("O2", "stages").split(",")
    text = ",".join(names[: names.index(_CUT)])
    catalog = make_catalog()
    table = PassTable(catalog.find_pass, catalog.pass_names, catalog.nearest_op)
    steps, _ = resolve(text, table)
    with reading(files.read), deep_stack():
        outcome = Manager(catalog.ctx, Timer(time.perf_counter), verify_module).run(steps, module)
    return list(outcome.diagnostics)
