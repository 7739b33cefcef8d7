// RUN: kumeo-opt %s --level zzzzzz
builtin.module {}
