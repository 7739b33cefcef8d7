// RUN: not kumeo-opt %s --verify-diagnostics 2>&1 | filecheck %s

// A message that is expected and does not come is an error.

// CHECK: error[missing-diagnostic]: expected error did not come: nothing is wrong here
// CHECK: verify-diagnostics-missing.mlir:[[# @LINE + 1]]:4
// expected-error {{nothing is wrong here}}
builtin.module {}
