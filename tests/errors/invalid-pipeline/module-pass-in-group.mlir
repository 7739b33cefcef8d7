// RUN: kumeo-opt %s -p 'func.func(cse, verify-level)'
builtin.module {}
