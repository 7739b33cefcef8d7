"""How long an agent can take: timeouts, attempts and the pauses between them."""

from xdsl.dialects.builtin import DictionaryAttr

from kumeo.dialects.agent import AgentOp, LlmOp, PolicyAttr, ReviewOp
from kumeo.dialects.settings import from_setting


def backoff_us(policy: PolicyAttr) -> int:
    """Return the sum of all pauses between attempts."""
    pauses = policy.attempts - 1
    match policy.backoff:
        case "fixed":
            return policy.delay_us * pauses
        case "exponential":
            return policy.delay_us * (2**pauses - 1)
        case _:
            return 0


def attempts_of(op: AgentOp) -> int:
    """Return how often an agent is tried."""
    return 1 if op.policy is None else op.policy.attempts


def questions_of(op: AgentOp) -> int:
    """Return how often the work of an agent is asked for in one attempt, at most."""
    return op.questions_max if isinstance(op, LlmOp) else 1


def attempt_us(op: AgentOp) -> int:
    """Return the longest time of one attempt: its timeout, or the estimate without one."""
    if op.policy is not None and op.policy.timeout_us is not None:
        return op.policy.timeout_us
    return questions_of(op) * op.cost_estimate().latency_us


def agent_us(op: AgentOp) -> int:
    """Return the longest time of all attempts with the pauses between them; a wait is no work."""
    if waits_for_people(op):
        return 0
    pauses = 0 if op.policy is None else backoff_us(op.policy)
    return attempts_of(op) * attempt_us(op) + pauses


def waits_for_people(op: AgentOp) -> bool:
    """Say whether the activation is parked until somebody answers."""
    return isinstance(op, ReviewOp)


def setting_of(op: AgentOp, name: str) -> int | float | None:
    """Return a number in the settings of an agent."""
    settings = op.properties.get("settings")
    found = settings.data.get(name) if isinstance(settings, DictionaryAttr) else None
    value = None if found is None else from_setting(found)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
