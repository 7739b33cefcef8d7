"""Which functions of declared agents lie in no file beside the workflow."""

import sys
from collections.abc import Iterator

from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.networks import ReadFile
from kumeo.analysis.places import point_of
from kumeo.dialects.agent import ExternOp
from kumeo.frontend.errors.own_code import CodeNotFound
from kumeo.frontend.signatures.python_code import files_of


def missing_code(module: ModuleOp, read_file: ReadFile) -> Iterator[CodeNotFound]:
    """Yield a warning for each function whose file is not there; the standard library is."""
    for op in module.ops:
        if not isinstance(op, ExternOp) or op.language.data != "python":
            continue
        target = op.function.data
        name = target.partition(":")[0]
        if name.partition(".")[0] in sys.stdlib_module_names:
            continue
        files = files_of(name)
        if all(read_file(path) is None for path in files):
            yield CodeNotFound(point_of(op), files[0], target)
