"""A plug-in whose entry point is not a universe."""

UNIVERSE = {"all_dialects": {}}
