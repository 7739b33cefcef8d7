// RUN: kumeo-opt --run-reproducer %s
builtin.module {}
