// RUN: kumeo-opt %s -p 'verify-level{level=workflow,numeric}'
builtin.module {}
