"""Trained models as plain data: files are checked, read, and turned into ops of `infer`."""
