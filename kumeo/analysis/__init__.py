"""Read-only facts about the IR: verification, dominance, symbols, levels, text."""
