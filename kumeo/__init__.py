"""Kumeo: a compiler for event workflows of models, language models, rules and people."""

__version__ = "0.1.0"
