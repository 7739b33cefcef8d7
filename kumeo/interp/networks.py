"""The rule of `agent.bayes`: from evidence values to a record of distributions."""

from collections.abc import Sequence
from typing import Any

from kumeo.dialects.agent import BayesOp
from kumeo.dialects.data import RecordType
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.settings import strings_of
from kumeo.interp.bayes import (
    ImpossibleEvidenceError,
    Network,
    TooLargeError,
    network_from_rows,
    posterior,
)
from kumeo.interp.session import Session, file_of
from kumeo.interp.values import CannotRunError

IMPOSSIBLE_EVIDENCE = "the network gives the evidence probability zero"
"""The message is the same for every row and in every compiled form."""


def ask(op: BayesOp, session: Session, values: Sequence[Any]) -> dict[str, Any]:
    """Return the answer of an op's network.

    Evidence names a state, or is null for "not known". Raises: DataFailure, and
    CannotRunError when the file is missing.
    """
    path = file_of(session, op.network_name)
    network = session.once(("network", path), lambda: load(path, session.world.read_file(path)))
    if network is None:
        raise CannotRunError
    if isinstance(network, DataFailure):
        raise DataFailure(network.code, network.message)
    given = zip(strings_of(op.names), values, strict=True)
    evidence = {name: state_of(network, name, v) for name, v in given if v is not None}
    return {query: _distribution(op, network, query, evidence) for query in strings_of(op.query)}


def load(path: str, data: bytes | None) -> Network | DataFailure | None:
    """Return the network of a file, None when the file is missing, a failure when it is none."""
    from kumeo.frontend.signatures.network import read_network

    if data is None:
        return None
    signature, diagnostics = read_network(data, path, None)
    if signature is None:
        reason = diagnostics[0].headline if diagnostics else "it cannot be read"
        return DataFailure("model-failed", f"`{path}`: {reason}")
    return network_from_rows(signature.variables, signature.parents, signature.tables)


def state_of(network: Network, name: str, value: Any) -> str:
    """Return the state that a value names; a boolean names `true` or `false` in any case."""
    states = network.states.get(name)
    if states is None:
        raise DataFailure("unknown-variable", f"the network has no variable `{name}`")
    if isinstance(value, bool):
        word = "true" if value else "false"
        found = next((state for state in states if state.lower() == word), word)
    else:
        found = str(value)
    if found not in states:
        raise DataFailure("unknown-state", f"`{name}` has no state `{found}`")
    return found


def _distribution(
    op: BayesOp, network: Network, query: str, evidence: dict[str, str]
) -> dict[str, float]:
    if query not in network.states:
        raise DataFailure("unknown-variable", f"the network has no variable `{query}`")
    try:
        numbers = posterior(network, query, evidence)
    except ImpossibleEvidenceError:
        raise DataFailure("impossible-evidence", IMPOSSIBLE_EVIDENCE) from None
    except TooLargeError as error:
        raise DataFailure("model-failed", str(error)) from None
    return dict(zip(_names(op, query, network), numbers, strict=True))


def _names(op: BayesOp, query: str, network: Network) -> Sequence[str]:
    """Return the field names of the states: the result type has them as identifiers, in order."""
    states = network.states[query]
    kind = op.result.type
    field = kind.field(query) if isinstance(kind, RecordType) else None
    if isinstance(field, RecordType) and len(field.names) == len(states):
        return field.names
    return states
