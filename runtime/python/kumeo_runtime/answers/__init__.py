"""Reads what language models say as values of a type, without inventing anything."""

from kumeo_runtime.answers.reading import Answered, read_answer

__all__ = ["Answered", "read_answer"]
