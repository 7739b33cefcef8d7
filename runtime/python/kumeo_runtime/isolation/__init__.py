"""Code of users in processes of their own: one for each agent, started when it is needed."""

from kumeo_runtime.isolation.process import OwnProcess, Plan

__all__ = ["OwnProcess", "Plan"]
