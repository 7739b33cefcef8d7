"""Agents: what a workflow asks models, files, databases, people and code of the user."""

from kumeo_runtime.agents.aggregate import Aggregate
from kumeo_runtime.agents.base import Agent, AwaitedAgent, Counters, Policy, PureAgent
from kumeo_runtime.agents.bayes_net import BayesNet
from kumeo_runtime.agents.database import Database
from kumeo_runtime.agents.decide import Decide
from kumeo_runtime.agents.infer_model import InferModel
from kumeo_runtime.agents.knowledge_base import KnowledgeBase
from kumeo_runtime.agents.language_model import LanguageModel
from kumeo_runtime.agents.onnx_model import OnnxModel
from kumeo_runtime.agents.resources import AgentError, ModelSettings, Resources, Secret
from kumeo_runtime.agents.review import Review
from kumeo_runtime.agents.user_code import BaseAgent, UserCode

__all__ = [
    "Agent",
    "AgentError",
    "Aggregate",
    "AwaitedAgent",
    "BaseAgent",
    "BayesNet",
    "Counters",
    "Database",
    "Decide",
    "InferModel",
    "KnowledgeBase",
    "LanguageModel",
    "ModelSettings",
    "OnnxModel",
    "Policy",
    "PureAgent",
    "Resources",
    "Review",
    "Secret",
    "UserCode",
]
