"""The rule of `agent.model`: feeds an event's values to a model file and reads its outputs.

Without the file, or without the library that runs it, the work cannot be done here, and a stub that
depends on the inputs stands in. A file that cannot be read, and inputs that do not fit it, are the
failure `model-failed`.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from xdsl.ir import Attribute

from kumeo.dialects.agent import ModelOp
from kumeo.dialects.data import RecordType
from kumeo.dialects.data.failures import DataFailure
from kumeo.interp.features import Named, named_inputs, output_value
from kumeo.interp.session import Session, file_of
from kumeo.interp.values import CannotRunError

Runner: TypeAlias = Callable[[Named, Attribute], dict[str, Any]]
"""Runs an open model on the named inputs of one event; gives an output for each field."""


def predict(op: ModelOp, session: Session, values: Sequence[Any]) -> dict[str, Any]:
    """Return the result record of a model.

    Raises: DataFailure with code `model-failed`, and CannotRunError.
    """
    path = file_of(session, op.model_name)
    runner = session.once(("model", path), lambda: _open(op, session, path))
    if isinstance(runner, DataFailure):
        raise DataFailure(runner.code, runner.message)
    if runner is None:
        raise CannotRunError
    kind = op.result.type
    assert isinstance(kind, RecordType), "the verifier checks the result"
    outputs = runner(named_inputs(op, values), kind)
    return {name: output_value(outputs[name], field) for name, field in kind.fields}


def _open(op: ModelOp, session: Session, path: str) -> Runner | DataFailure | None:
    """Return the runner of a model file, None when it cannot be run, a failure when it is none."""
    data = session.world.read_file(path)
    if data is None:
        return None
    try:
        return _runner(session.kind_of(op.model_name), data)
    except ImportError:
        return None
    except DataFailure as failure:
        return DataFailure(failure.code, f"`{path}`: {failure.message}")


def _runner(kind: str, data: bytes) -> Runner | None:
    """Load the library for a kind of model by need: each takes a good part of a second."""
    if kind == "onnx":
        from kumeo.interp.onnx_models import open_onnx

        return open_onnx(data)
    if kind == "sklearn":
        from kumeo.interp.estimators import open_estimator

        return open_estimator(data)
    return None
