"""Diagnostics about what a workflow names outside of itself.

Imports, files, models, networks, subworkflows."""

from dataclasses import dataclass

from kumeo.diagnostics import Diagnostic


@dataclass(frozen=True)
class UnknownModel(Diagnostic):
    """A name that the `models` (or `context`) section does not have.

    Example::

        MLModel(id: "m", model: models.risk, input: source)

    Fix::

        models: { risk: "models/risk.onnx" }
    """

    code = "unknown-model"
    title = "there is no {what} `{name}`"
    label = "not declared"

    what: str
    name: str
    nearest: str | None
    fix: str = ""

    def help(self) -> str | None:
        """Name the nearest one, or say how one is declared."""
        if self.nearest:
            return f"write `{self.nearest}`"
        form = _DECLARATIONS[self.what].format(name=self.name)
        return self.fix or f"declare it: `{form}`"


_DECLARATIONS = {
    "model": 'models: {{ {name}: "{name}.onnx" }}',
    "knowledge base": 'context: {{ {name}: KnowledgeBase("docs/*.md") }}',
    "database or table": 'context: {{ {name}: Database("sqlite:{name}.db") }}',
}


@dataclass(frozen=True)
class ImportCycle(Diagnostic):
    """Files import each other in a circle.

    Example::

        import "a.kumeo"    // in b.kumeo, which a.kumeo imports

    Fix::

        import "types.kumeo"    // what both need, in a third file
    """

    code = "import-cycle"
    title = "files import each other in a circle: {circle}"
    label = "the circle closes here"

    circle: str

    def help(self) -> str | None:
        """Say how to break it."""
        return "move what both need into a third file"


@dataclass(frozen=True)
class MissingFile(Diagnostic):
    """A file that the workflow names is not there.

    Paths are relative to the folder of the `.kumeo` file.

    Example::

        models: { risk: "model/risk.onnx" }

    Fix::

        models: { risk: "models/risk.onnx" }
    """

    code = "missing-file"
    title = "the file `{path}` is not there"
    label = "cannot be read"

    path: str
    fix: str | None = None

    def help(self) -> str | None:
        """Say where files are looked for."""
        return self.fix or "paths are relative to the folder of this file"


@dataclass(frozen=True)
class ModelInputs(Diagnostic):
    """What an agent hands to a model is not what the model file asks for.

    Names, element types and ranks come from the model file itself.

    Example::

        m = MLModel(model: models.three_features, input: { a: source.a })

    Fix::

        m = MLModel(model: models.three_features, input: { a: source.a, b: source.b, c: 0.0 })
    """

    code = "model-inputs"
    title = "the model `{model}` asks for {wanted}"
    label = "this gives {given}"

    model: str
    wanted: str
    given: str

    def help(self) -> str | None:
        """Repeat what the model asks for."""
        return f"give it {self.wanted}"


@dataclass(frozen=True)
class UnknownVariable(Diagnostic):
    """A variable that a Bayesian network does not have, or that cannot be asked for.

    Example::

        MLModel(id: "r", model: models.risk, evidence: { Foregin: true }, query: "Fraud")

    Fix::

        MLModel(id: "r", model: models.risk, evidence: { Foreign: true }, query: "Fraud")
    """

    code = "unknown-variable"
    title = "{problem}"
    label = "{detail}"

    problem: str
    detail: str
    fix: str | None = None

    def help(self) -> str | None:
        """Return the fix."""
        return self.fix


@dataclass(frozen=True)
class UnknownState(Diagnostic):
    """Evidence that is no state of its variable.

    Example::

        evidence: { Fraud: "maybe" }

    Fix::

        evidence: { Fraud: "yes" }
    """

    code = "unknown-state"
    title = "`{variable}` has no state {state}"
    label = "unknown state"

    variable: str
    state: str
    known: tuple[str, ...]
    nearest: str | None = None

    def help(self) -> str | None:
        """Name the states."""
        if self.nearest:
            return f'write `"{self.nearest}"`'
        return f"the states are {', '.join(f'`{k}`' for k in self.known)}"


@dataclass(frozen=True)
class SubworkflowCycle(Diagnostic):
    """Subworkflows call each other in a circle. A workflow handles each event in bounded time.

    Example::

        subworkflow A { input: { x: int }, output: x, agents: [ y = A(x: x) ] }

    Fix::

        subworkflow A { input: { x: int }, output: x, agents: [ ] }
    """

    code = "subworkflow-cycle"
    title = "subworkflows call each other in a circle: {circle}"
    label = "the circle closes here"

    circle: str

    def help(self) -> str | None:
        """Say how to repeat work."""
        return "to repeat work over a list, use `for`"
