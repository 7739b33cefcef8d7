// RUN: kumeo-opt %s -p zzzzzzzz
builtin.module {}
