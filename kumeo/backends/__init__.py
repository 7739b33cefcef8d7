"""Output forms: each reads a module and writes text. One folder or file for each target."""
