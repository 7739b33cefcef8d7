// RUN: kumeo-opt %s -t mps
builtin.module {}
