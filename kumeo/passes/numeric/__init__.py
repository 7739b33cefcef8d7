"""Passes on numeric agents: models, networks and decisions as programs on tensors."""
