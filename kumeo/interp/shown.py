"""How values are written into a `Run`: as JSON data, whatever they are."""

import json
from typing import Any

from xdsl.ir import Attribute

from kumeo.dialects.data.casting import encode
from kumeo.dialects.data.failures import DataFailure
from kumeo.interp.values import Failure, Value


def shown(value: Value, kind: Attribute) -> Any:
    """Return a value as JSON data; a failure stays one. What JSON cannot hold becomes text."""
    if isinstance(value, Failure):
        return value
    try:
        return encode(value, kind)
    except DataFailure:
        return json.dumps(value, default=str)
