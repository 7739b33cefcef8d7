"""Diagnostics of the frontend, one module per kind of fault."""
