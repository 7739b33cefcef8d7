"""Readers of the outside files that a workflow names: bytes in, a signature or diagnostics out.

They are pure, they never raise for a bad file, and they run nothing that a file holds. A reader
returns a signature exactly when it found no fault.
"""

from kumeo.frontend.signatures.decision_table import read_decision_table
from kumeo.frontend.signatures.json_schema import read_json_schema
from kumeo.frontend.signatures.network import read_network
from kumeo.frontend.signatures.onnx import read_onnx
from kumeo.frontend.signatures.sklearn import read_sklearn
from kumeo.frontend.signatures.specs import (
    Cell,
    DecisionTable,
    ModelSignature,
    NetworkSignature,
    TableRule,
    TensorSpec,
)

__all__ = [
    "Cell",
    "DecisionTable",
    "ModelSignature",
    "NetworkSignature",
    "TableRule",
    "TensorSpec",
    "read_decision_table",
    "read_json_schema",
    "read_network",
    "read_onnx",
    "read_sklearn",
]
