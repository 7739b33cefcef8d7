"""The dialects of Kumeo: `data` (values), `workflow` (the program), `agent` (work on a value)."""
