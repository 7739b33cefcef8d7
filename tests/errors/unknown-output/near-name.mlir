// RUN: kumeo-opt %s -t jsn
builtin.module {}
