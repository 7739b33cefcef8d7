"""The pipelines behind `-O0`, `-O1` and `-O2`, as plain lists of passes.

A pipeline keeps the level `workflow`, unless a lower one is asked for: then the passes that lower
the program follow.

Passes are named the way a user names them, so `--dump-pass-pipeline` shows this text.
"""

from collections.abc import Mapping

PIPELINES: Mapping[str, tuple[str, ...]] = {
    "O0": (),
    "O1": ("inline-subworkflows", "fold-config", "canonicalize", "cse", "agent-dce"),
    "O2": (
        "inline-subworkflows",
        "fold-config",
        "canonicalize",
        "cse",
        "agent-dedupe",
        "push-guards",
        "prune-fields",
        "canonicalize",
        "cse",
        "agent-dce",
        "layout-prompts",
        "schedule",
    ),
}
"""`-O0` is only what lowering needs; `-O1` is cheap; `-O2` is the default of `kumeo build`."""

_ONE_EACH = ("inline-subworkflows", "split-stages", "assign-language", "place-services")
_NUMERIC = (
    "outline-infer",
    "fuse-infer",
    "fold-scalers",
    "drop-dead-features",
    "lower-decisions",
    "lower-bayes",
    "canonicalize",
    "cse",
    "agent-dce",
)
_FUSED = (
    "inline-subworkflows",
    *_NUMERIC,
    "split-stages",
    "agent-fuse",
    "agent-batch",
    "assign-language",
    "place-services",
)
_SENT = (
    "convert-to-messaging",
    "carry-live-values",
    "journal-effects",
    "compact-edges",
    "assign-subjects",
    "size-streams",
    "derive-permissions",
)
LOWERINGS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "workflow": {"O0": (), "O1": (), "O2": ()},
    "numeric": {"O0": (), "O1": (), "O2": _NUMERIC},
    "stages": {"O0": _ONE_EACH, "O1": _ONE_EACH, "O2": _FUSED},
    "messaging": {
        "O0": (*_ONE_EACH, *_SENT),
        "O1": (*_ONE_EACH, *_SENT),
        "O2": (*_FUSED, *_SENT),
    },
}
"""By level of the IR and of optimisation: what takes a program from `workflow` to the level."""


def pipeline_text(level: str, lower_to: str = "workflow", *, fold_config: bool = True) -> str:
    """Return the pipeline of an optimisation level as text; it ends at the level `lower_to`.

    Without `fold_config` the values of `config` may still be replaced afterwards, as tests do.
    Raises: KeyError for another name.
    """
    passes = (*PIPELINES[level], *LOWERINGS[lower_to][level])
    return ",".join(name for name in passes if fold_config or name != "fold-config")
