// RUN: kumeo-opt %s --split-input-file -p 'verify-level{level=workflow}' --verify-diagnostics | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'verify-level,verify-level' --verify-diagnostics | filecheck %s

// A module that is at the level stays as it is.
// CHECK:      builtin.module attributes {kumeo.level = "workflow"} {
// CHECK-NEXT:   workflow.target @t nats("t")
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.target @t nats("t")
}

// -----

// A module that names no level is refused.
// expected-error@below {{the module must name}}
builtin.module {}
