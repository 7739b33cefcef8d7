"""Benchmarks of agents that ask: language models, people, knowledge."""
