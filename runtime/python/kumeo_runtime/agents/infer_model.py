"""`InferModel`: the numeric agents of a service as one graph, run in batches.

    NUMERIC: InferModel[NumericResult] = InferModel(
        site="infer.risk",
        artifact="infer.risk.onnx",
        takes={"amount": float, "night": Night},
        result=NumericResult,
    )
    n = await NUMERIC(act, amount=source.amount, night=night)

It is pure: nothing is journaled. A row that cannot be run fails alone (`model-failed`, `timeout`);
the rows beside it have their results.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from kumeo_runtime.agents.base import Agent, Call, Path
from kumeo_runtime.agents.batcher import Batcher, Limits, Row, Stop
from kumeo_runtime.agents.infer_rows import Decoder, Encoder
from kumeo_runtime.agents.infer_session import InferSession, Part, isolated
from kumeo_runtime.agents.resources import AgentError, Resources, library
from kumeo_runtime.values import Failure, Fault

T = TypeVar("T")


class Prepared(NamedTuple):
    """A batch that can run: rows without numbers are replaced by one that has some."""

    rows: Sequence[Row]
    feeds: dict[str, Any]
    bad: dict[int, Failure]
    """Why rows have no numbers, by their places."""


class Ran(NamedTuple):
    """What came out of a batch."""

    parts: list[Part]
    bad: dict[int, Failure]


class InferModel(Agent[T]):
    """A graph of the package; each event is one row of a batch."""

    def __init__(
        self,
        *,
        site: str,
        artifact: str,
        takes: Mapping[str, Any],
        result: Any,
        id: str = "",
        inputs: Sequence[str] = (),
        max_batch: int | None = None,
        max_wait_s: float | None = None,
        deadline_s: float | None = None,
    ) -> None:
        super().__init__(site=site, id=id, result=result, inputs=inputs)
        self.artifact = artifact
        self.takes = dict(takes)
        """Types of the inputs, by their names in the graph."""
        own = {"max_batch": max_batch, "max_wait_s": max_wait_s, "deadline_s": deadline_s}
        self._limits: dict[str, Any] = {k: v for k, v in own.items() if v is not None}
        self._encoder: Encoder | None = None
        self._decoder = Decoder(result)
        self._session: InferSession | None = None
        self._batcher: Batcher | None = None

    async def start(self, resources: Resources) -> None:
        """Open the graph and find out how fast it is. Raises: AgentError."""
        data = resources.artifact(self.artifact)
        library("numpy")
        usual = resources.models
        self._encoder = Encoder(self.takes)
        self._session = InferSession(data, self.artifact, usual.memory_max)
        self._check(self._session)
        limits = Limits(usual.max_batch, usual.max_wait_s, usual.deadline_s)
        self._batcher = Batcher(self, limits._replace(**self._limits), self.counters)
        self._batcher.measure(self._encoder.blank())

    def _check(self, session: InferSession) -> None:
        has_inputs = set(session.inputs) <= set(self.takes)
        if has_inputs and len(session.outputs) == len(self._decoder.fields):
            return
        message = f"the model `{self.artifact}` does not fit its agent"
        raise AgentError("model-failed", message, "build the package again")

    async def stop(self) -> None:
        """Forget the graph."""
        if self._batcher is not None:
            self._batcher.close()
        self._batcher = self._session = None

    async def __call__(self, act: Call, /, *, path: Path = (), **inputs: Any) -> T | Failure:
        """Return the numbers for one event."""
        self.counters.calls += 1
        batcher, encoder = self._batcher, self._encoder
        if batcher is None or encoder is None:
            return self.blamed(Failure("model-failed", f"the model `{self.site}` is not open"))
        row = encoder.row(self.named(inputs) if self.inputs else inputs)
        outcome = None if batcher.is_taken else batcher.at_once(row)
        if outcome is None:
            outcome = await batcher.wait(row)
        if type(outcome) is Failure:
            return self.cancelled(act, inputs) or self.blamed(outcome)
        return outcome

    # -- the work of the batcher
    def prepare(self, rows: Sequence[Row]) -> Prepared:
        """Return the rows and their tensors."""
        encoder = self._encoder
        if encoder is None:
            return Prepared(rows, {}, {})
        try:
            return Prepared(rows, encoder.tensors(rows), {})
        except Fault:
            return _without_bad(rows, encoder)

    def run(self, prepared: Prepared, stop: Stop | None) -> Ran:
        """Run the graph; in parts, if it fails for some row."""
        rows, feeds, bad = prepared
        session, encoder = self._session, self._encoder
        if session is None or encoder is None:
            fault = Fault("model-failed", f"the model `{self.site}` is not open")
            return Ran([Part(len(rows), fault)], bad)

        def once(part: Sequence[Row]) -> list[Any]:
            given = feeds if len(part) == len(rows) else encoder.tensors(part)
            return session.run(given, stop)

        return Ran(isolated(once, rows, stop), bad)

    def outcomes(self, found: Ran) -> list[Any]:
        """Return a record or Failure for each row."""
        outcomes = [outcome for part in found.parts for outcome in self._outcomes(part)]
        for row, failure in found.bad.items():
            outcomes[row] = failure
        return outcomes

    def _outcomes(self, part: Part) -> list[Any]:
        if isinstance(part.found, Fault):
            return [part.found.failure()] * part.rows
        return self._decoder.records(part.found, part.rows)


def _without_bad(rows: Sequence[Row], encoder: Encoder) -> Prepared:
    """Return a batch in which some row has a value that is no number."""
    bad: dict[int, Failure] = {}
    for at, row in enumerate(rows):
        try:
            encoder.check(row)
        except Fault as fault:
            bad[at] = fault.failure()
    blank = encoder.blank()
    kept = [blank if at in bad else row for at, row in enumerate(rows)]
    return Prepared(kept, encoder.tensors(kept), bad)
