// RUN: kumeo-opt %s --split-input-file | filecheck %s

// Each part is a module of its own, so a name may be used again.

// CHECK: func.func private @f() -> i64
func.func private @f() -> i64
// CHECK: // -----
// -----
// CHECK: func.func private @f() -> f64
func.func private @f() -> f64
