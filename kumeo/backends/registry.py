"""Every output form of Kumeo: name -> where its class is. Imported when a user asks for it.

`LEVELS` of a class says which levels of the IR it reads; a module of another one is refused.
"""

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import cast

from xdsl.utils.target import Target

_CLASSES: Mapping[str, str] = {
    "dot": "kumeo.backends.dot:DotTarget",
    "json": "kumeo.backends.json:JsonTarget",
    "onnx": "kumeo.backends.onnx.target:OnnxTarget",
    "python": "kumeo.backends.python.target:PythonTarget",
}


def load_target(name: str) -> type[Target]:
    """Return the class of an output form. Raises: KeyError for another name."""
    module, class_name = _CLASSES[name].split(":")
    return cast(type[Target], getattr(import_module(module), class_name))


TARGETS: Mapping[str, Callable[[], type[Target]]] = {
    name: partial(load_target, name) for name in _CLASSES
}
