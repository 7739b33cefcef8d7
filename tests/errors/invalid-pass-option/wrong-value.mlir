// RUN: kumeo-opt %s -p 'verify-level{level=hardware}'
builtin.module {}
