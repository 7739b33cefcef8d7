"""The pipelines behind `-O0`, `-O1` and `-O2`, as plain lists of passes.

Passes are named the way a user names them, so `--dump-pass-pipeline` shows this text.
"""

from collections.abc import Mapping

PIPELINES: Mapping[str, tuple[str, ...]] = {
    "O0": (),
    "O1": ("canonicalize", "cse"),
    "O2": (
        "canonicalize",
        "cse",
        "push-guards",
        "canonicalize",
        "dce",
        "layout-prompts",
        "schedule",
    ),
}
"""`-O0` is only what lowering needs; `-O1` is cheap; `-O2` is the default of `kumeo build`."""


def pipeline_text(level: str) -> str:
    """Return the pipeline of an optimisation level as text. Raises: KeyError for another name."""
    return ",".join(PIPELINES[level])
