"""What compiled Kumeo workflows import."""

__version__ = "0.1.0"
