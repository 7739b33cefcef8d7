// RUN: kumeo-opt %s -O2 -p cse
builtin.module {}
