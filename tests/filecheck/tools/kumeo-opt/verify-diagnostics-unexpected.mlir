// RUN: not kumeo-opt %s --verify-diagnostics 2>&1 | filecheck %s

// A message that comes and is not expected is an error.

// CHECK: error[unexpected-diagnostic]: unexpected error: [ir-syntax]
"func.nothing"() : () -> ()
