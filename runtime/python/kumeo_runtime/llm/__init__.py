"""Language models: wires, connections, budgets, caches, tools and conversations."""
