"""The delivery engine: one class per rule."""
