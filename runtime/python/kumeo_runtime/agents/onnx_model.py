"""`OnnxModel`: runs a model file in ONNX Runtime, with one thread: sums are done in one order.

A model with one input tensor takes all numbers of the event as one row; a model with several takes
them by name. The file is read from bytes and must hold all of its data.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

from msgspec import Struct

from kumeo_runtime.agents.base import Policy, PureAgent
from kumeo_runtime.agents.infer_session import model_call
from kumeo_runtime.agents.onnx_check import has_external_data
from kumeo_runtime.agents.resources import AgentError, Resources, library
from kumeo_runtime.decoding import reader_of
from kumeo_runtime.shapes import Shape, fields_of, shape_of
from kumeo_runtime.values import Fault

T = TypeVar("T")
NARROWED = "kumeo.narrowed"
"""Marks a model whose author has fed float64: a number that float32 cannot hold is refused."""
_DTYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(float16)": "float16",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(int16)": "int16",
    "tensor(int8)": "int8",
    "tensor(uint8)": "uint8",
    "tensor(bool)": "bool",
    "tensor(string)": "object",
}


class OnnxModel(PureAgent[T]):
    """A model file of the package."""

    def __init__(
        self,
        *,
        site: str,
        artifact: str,
        result: Any,
        id: str = "",
        policy: Policy | None = None,
        acts: bool = False,
        inputs: Sequence[str] = (),
    ) -> None:
        super().__init__(site=site, id=id, result=result, policy=policy, acts=acts, inputs=inputs)
        self.artifact = artifact
        self._fields = [(f.name, f.json_name, shape_of(f.type)) for f in fields_of(result)]
        self._numpy: Any = None
        self._session: Any = None
        self._specs: list[Any] = []
        self._outputs: list[str] = []
        self._is_narrowed = False

    async def start(self, resources: Resources) -> None:
        """Open the model. Raises: AgentError."""
        data = resources.artifact(self.artifact)
        self._open(data, library("onnxruntime"), library("numpy"))

    def _open(self, data: bytes, runtime: Any, numpy: Any) -> None:
        if has_external_data(data):
            message = f"the model `{self.artifact}` keeps data in other files"
            raise AgentError("model-failed", message, "save it as one file")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session = model_call(
                runtime.InferenceSession, data, options, providers=["CPUExecutionProvider"]
            )
        except Fault as fault:
            message = f"the model `{self.artifact}` cannot be opened: {fault.message}"
            raise AgentError("model-failed", message, "check the file") from None
        self._numpy = numpy
        self._specs = list(self._session.get_inputs())
        self._outputs = [output.name for output in self._session.get_outputs()]
        self._is_narrowed = NARROWED in self._session.get_modelmeta().custom_metadata_map

    async def stop(self) -> None:
        """Forget the model."""
        self._session = None

    def compute(self, inputs: Mapping[str, Any]) -> T:
        """Run the model on one event. Raises: Fault with code `model-failed`."""
        found = model_call(self._session.run, None, self._feeds(_taken_apart(self.named(inputs))))
        outputs = self._by_field(cast(list[Any], found))
        fields = zip(self._fields, outputs, strict=True)
        return self.result(**{name: _value(out, shape) for (name, _, shape), out in fields})

    def _by_field(self, outputs: list[Any]) -> list[Any]:
        """Return outputs by field: in the order of the outputs, or by name when some are unused."""
        if len(outputs) == len(self._fields):
            return outputs
        by_name = dict(zip(self._outputs, outputs, strict=True))
        return [by_name.get(json_name) for _, json_name, _ in self._fields]

    def _feeds(self, named: Mapping[str, Any]) -> dict[str, Any]:
        specs = self._specs
        if len(specs) == 1:
            return {specs[0].name: self._tensor(specs[0], _row(named.values()))}
        missing = [spec.name for spec in specs if spec.name not in named]
        if missing:
            raise Fault("model-failed", f"the model's input `{missing[0]}` is not given")
        return {spec.name: self._tensor(spec, _numbers(named[spec.name])) for spec in specs}

    def _tensor(self, spec: Any, row: list[Any]) -> Any:
        """Return one event's input: a batch of one row, or the row alone where the rank is one."""
        try:
            with self._numpy.errstate(over="ignore"):
                flat = self._numpy.asarray(row, dtype=_DTYPES.get(spec.type, "float32"))
        except (TypeError, ValueError, OverflowError) as error:
            raise Fault("model-failed", f"input `{spec.name}`: {error}") from None
        if self._is_narrowed and self._numpy.isinf(flat).any():
            raise Fault("model-failed", "the model does not take these numbers")
        return flat if len(spec.shape) == 1 else flat.reshape(1, -1)


def _taken_apart(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the inputs by name; a single record is taken apart."""
    if len(inputs) == 1:
        (value,) = inputs.values()
        if isinstance(value, Struct):
            return {f.json_name: getattr(value, f.name) for f in fields_of(type(value))}
    return inputs


def _row(values: Iterable[Any]) -> list[Any]:
    """Return all inputs as one row."""
    row = [*values]
    if all(type(value) is float for value in row):
        return row
    return [number for value in row for number in _numbers(value)]


def _numbers(value: Any) -> list[Any]:
    """Return the entries of a list, or one entry; null is "not a number"."""
    items = cast(list[Any], value) if isinstance(value, list) else [value]
    return [float("nan") if item is None else item for item in items]


def _value(output: Any, shape: Shape) -> Any:
    """Return an output as a value of its field; a float may be infinite or not a number.

    The first axis of an array counts events and has length one. It goes, unless the field's type
    has as many list levels as the array has axes.
    """
    if shape.type is float and getattr(output, "size", 0) == 1:
        return _plain(output.item(), shape)
    data = output.tolist() if hasattr(output, "tolist") else output
    while isinstance(data, list) and len(cast(list[Any], data)) == 1 and _is_deeper(data, shape):
        data = cast(list[Any], data)[0]
    return _plain(data, shape)


def _is_deeper(data: Any, shape: Shape) -> bool:
    while isinstance(data, list) and shape.kind == "list":
        items = cast(list[Any], data)
        data, shape = (items[0] if items else None), shape_of(shape.inner)
    return isinstance(data, list)


def _plain(data: Any, shape: Shape) -> Any:
    if shape.type is float and isinstance(data, int | float):
        return float(data)
    if shape.kind == "list" and isinstance(data, list):
        return _plain_list(cast(Sequence[Any], data), shape_of(shape.inner))
    if shape.kind == "map" and isinstance(data, dict):
        inner = shape_of(shape.inner)
        entries = cast(dict[Any, Any], data)
        return {str(key): _plain(item, inner) for key, item in entries.items()}
    return reader_of(shape.type)(data, "")


def _plain_list(data: Sequence[Any], inner: Shape) -> list[Any]:
    return [_plain(item, inner) for item in data]
