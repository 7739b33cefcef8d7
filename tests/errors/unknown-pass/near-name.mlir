// RUN: kumeo-opt %s -p 'cse, canonicalise'
builtin.module {}
