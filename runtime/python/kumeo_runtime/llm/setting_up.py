"""What the conversations of an agent share, made from its settings when the process starts."""

from typing import TYPE_CHECKING

from kumeo_runtime.llm.budget import limits_of
from kumeo_runtime.llm.cache import Cache, ttl_of
from kumeo_runtime.llm.chain import Link
from kumeo_runtime.llm.conversation import Setup
from kumeo_runtime.llm.decisions import decision_of
from kumeo_runtime.llm.exchange import exchange_of
from kumeo_runtime.llm.forms import AnswerForm
from kumeo_runtime.llm.ledger import Ledger
from kumeo_runtime.llm.tools import Toolbox
from kumeo_runtime.llm.transcript import Transcript

if TYPE_CHECKING:
    from typing import Any

    from kumeo_runtime.agents.language_model import LanguageModel
    from kumeo_runtime.agents.resources import Resources

REASKS, STEPS_MAX = 1, 8
"""How often a malformed answer is asked for again, and how many rounds of tools there are, when the
settings do not say."""


def set_up(agent: "LanguageModel[Any]", resources: "Resources") -> Setup:
    """Return what the conversations of an agent share. Raises: AgentError."""
    settings, limits = agent.settings, limits_of(agent.settings)
    ttl_s, form = ttl_of(settings.get("cache")), AnswerForm(agent.result)
    decision = decision_of(form.schema) if settings.get("mode") == "decision" else None
    decides = decision is not None and not agent.tools
    return Setup(
        site=agent.site,
        id=agent.id,
        links=tuple(_link(agent, place, resources, decides) for place in range(len(agent.engines))),
        strategy=settings.get("strategy", "fallback"),
        form=form,
        settings=settings,
        limits=limits,
        ledgers=tuple(Ledger(agent.site, each) for each in limits if each.per != "event"),
        cache=None if ttl_s is None else Cache(agent.site, agent.result, ttl_s),
        toolbox=Toolbox(agent.tools),
        counters=agent.counters,
        transcript=Transcript(resources.environ),
        reasks=settings.get("reask", REASKS),
        decision=decision,
        max_steps=settings.get("max_steps", STEPS_MAX),
    )


def _link(agent: "LanguageModel[Any]", place: int, resources: "Resources", decides: bool) -> Link:
    engine = agent.engines[place]
    exchange = exchange_of(engine, agent.providers, resources, agent.id, agent.settings)
    price = exchange.decision_price if decides else exchange.price
    return Link(place, engine, engine.partition("/")[2], exchange, price, exchange.server)
