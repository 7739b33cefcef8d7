"""Diagnostics about outside files: models, networks, JSON Schemas and decision tables.

A fault inside a text file is placed in that file, and the `.kumeo` line that names the file is
the related place. A fault of a binary file is placed at the `.kumeo` line.
"""

from dataclasses import dataclass

from kumeo.diagnostics import Diagnostic


@dataclass(frozen=True)
class FileDiagnostic(Diagnostic):
    """Base of the diagnostics that reject an outside file. It has no code of its own."""

    label = "{mark}"

    file: str
    reason: str
    fix: str | None = None
    mark: str = ""

    def help(self) -> str | None:
        """Return the edit that the reader of the file knows, if any."""
        return self.fix


@dataclass(frozen=True)
class CorruptModel(FileDiagnostic):
    """A model or network file is damaged, or it contradicts itself.

    The compiler reads names, types and states from the file itself, so it has to be whole. For a
    network, every row of a table must have the right number of probabilities and sum to 1.

    Example::

        probability ( Fraud ) { table 0.5, 0.6; }

    Fix::

        probability ( Fraud ) { table 0.4, 0.6; }
    """

    code = "corrupt-model"
    title = "model file `{file}` cannot be used: {reason}"


@dataclass(frozen=True)
class UnsafeModel(FileDiagnostic):
    """A model file could run code or read other files when it is opened.

    A pickle (`.pkl`, `.joblib`) runs whatever its author put in it. Kumeo opens one only with
    `--allow-pickle`, in a process of its own with limits. ONNX files must hold their weights, use
    operators that are known to end, and ask for no more memory than an event can need. XML files
    must not declare entities.

    Example::

        models: { risk: { file: "risk.pkl", type: "sklearn" } }

    Fix::

        models: { risk: { file: "risk.skops", type: "sklearn" } }
    """

    code = "unsafe-model"
    title = "model file `{file}` is not safe to open: {reason}"


@dataclass(frozen=True)
class ModelNotCompiled(FileDiagnostic):
    """A model file is whole and safe, but the compiler has no rule for what it computes.

    Trees, forests, boosting, isolation forests, linear models and the usual scalers and encoders
    have rules. Other scikit-learn models go through ONNX, where the package `skl2onnx` can convert
    them.

    Example::

        models: { risk: { file: "own_estimator.skops", type: "sklearn" } }

    Fix::

        models: { risk: { file: "risk.onnx", type: "onnx" } }
    """

    code = "model-not-compiled"
    title = "model file `{file}` cannot be compiled: {reason}"


@dataclass(frozen=True)
class InvalidJsonSchema(FileDiagnostic):
    """A JSON Schema file is damaged, or it has no type of the language as its meaning.

    Definitions may refer to others of the same file, but not to themselves: events are finite
    records. Keywords that only restrict a value (`minLength`, `pattern`) are ignored.

    Example::

        { "type": "object", "properties": { "child": { "$ref": "#" } } }

    Fix::

        { "type": "object", "properties": { "child": { "type": "object" } } }
    """

    code = "invalid-json-schema"
    title = "JSON Schema `{file}` cannot be used: {reason}"


@dataclass(frozen=True)
class InvalidDecisionTable(FileDiagnostic):
    """A decision table has a form that cannot be read.

    The first row names the inputs and, last, the outcome. Every other row is a rule with one cell
    for each column.

    Example::

        amount, outcome
        >> 100, review

    Fix::

        amount, outcome
        > 100, review
    """

    code = "invalid-decision-table"
    title = "decision table `{file}` cannot be used: {reason}"


@dataclass(frozen=True)
class InvalidTable(FileDiagnostic):
    """A row of a CSV file does not have the type that the table declares.

    A blank cell is null. Every row is looked at when the file is there, so that one bad cell does
    not show at the first event that reads it.

    Example::

        sku,price
        a,twelve

    Fix::

        sku,price
        a,12
    """

    code = "invalid-table"
    title = "table `{file}` does not have this type: {reason}"
