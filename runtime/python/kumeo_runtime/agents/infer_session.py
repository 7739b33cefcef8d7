"""`InferSession`: ONNX Runtime for one graph that Kumeo has made, and what limits it.

- One thread: sums are done in one order, and services do not fight for cores.
- The sessions of a process share one store of memory with a limit; a run that needs more fails.
  Memory that was needed once is kept for the next run.
- A batch that fails is run again in halves, down to the rows that fail by themselves.
- A run with a `Stop` ends when it is asked to. Then all of its rows fail with `timeout`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from kumeo_runtime.agents.batcher import Stop
from kumeo_runtime.agents.onnx_check import has_external_data
from kumeo_runtime.agents.resources import AgentError, library
from kumeo_runtime.values import Fault

MEMORY_MAX = 2 * 2**30
"""Bytes that the models of a process may use, together."""
_ARENA_GROWS_AS_ASKED = 1
_limited: list[int] = []
"""The limit of this process, once it is set: it cannot be changed later."""


class InferSession:
    """A graph that is ready to run."""

    def __init__(self, data: bytes, label: str, memory_max: int = MEMORY_MAX) -> None:
        """Open a graph. Raises: AgentError."""
        if has_external_data(data):
            message = f"the model `{label}` keeps data in other files"
            raise AgentError("model-failed", message, "build the package again")
        runtime = library("onnxruntime")
        limit_memory(runtime, memory_max)
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        options.add_session_config_entry("session.use_env_allocators", "1")
        try:
            self._session = model_call(
                runtime.InferenceSession, data, options, providers=["CPUExecutionProvider"]
            )
        except Fault as fault:
            message = f"the model `{label}` cannot be opened: {fault.message}"
            raise AgentError("model-failed", message, "build the package again") from None
        self._options: Callable[[], Any] = runtime.RunOptions
        self.inputs = [each.name for each in self._session.get_inputs()]
        self.outputs = [each.name for each in self._session.get_outputs()]

    def run(self, tensors: Mapping[str, Any], stop: Stop | None = None) -> list[Any]:
        """Return the outputs. Raises: Fault with the code `model-failed` or `timeout`."""
        feeds = {name: tensors[name] for name in self.inputs}
        if stop is None:
            return model_call(self._session.run, None, feeds)
        options = self._options()
        options.log_severity_level = 4
        stop.ask = lambda: setattr(options, "terminate", True)
        if stop.is_asked:
            stop.ask()
        try:
            return model_call(self._session.run, None, feeds, options)
        except Fault:
            if stop.is_asked:
                raise Fault("timeout", "the model did not end in time") from None
            raise


class Part(NamedTuple):
    """Rows that ran together: the outputs, or why there are none."""

    rows: int
    found: "list[Any] | Fault"


def isolated(
    run: Callable[[Sequence[Any]], list[Any]], rows: Sequence[Any], stop: Stop | None = None
) -> list[Part]:
    """Run a batch, and again in halves as long as it fails: what fails alone fails alone."""
    try:
        return [Part(len(rows), run(rows))]
    except Fault as fault:
        if len(rows) == 1 or (stop is not None and stop.is_asked):
            return [Part(len(rows), fault)]
    half = len(rows) // 2
    return [*isolated(run, rows[:half], stop), *isolated(run, rows[half:], stop)]


def limit_memory(runtime: Any, memory_max: int) -> None:
    """Set the limit of the process, if it is not set."""
    if _limited:
        return
    _limited.append(memory_max)
    kind = runtime.OrtAllocatorType.ORT_ARENA_ALLOCATOR
    place = runtime.OrtMemoryInfo("Cpu", kind, 0, runtime.OrtMemType.DEFAULT)
    settings = runtime.OrtArenaCfg(memory_max, _ARENA_GROWS_AS_ASKED, -1, -1)
    runtime.create_and_register_allocator(place, settings)


def model_call(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Call a model library. Its errors have no common base, so all become a Fault."""
    try:
        return function(*arguments, **options)
    except Exception as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise Fault("model-failed", lines[0]) from None
