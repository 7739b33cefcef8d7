// RUN: kumeo-opt %s --split-input-file --verify-diagnostics

// expected-error@+1 {{there is no op `func.nothing`}}
"func.nothing"() : () -> ()

// -----

func.func @f() -> i64 {
  // expected-error@below {{`arith.addi` reads}}
  %b = arith.addi %a, %b : i64 // expected-error {{[ir-dominance]}}
  %a = arith.constant 1 : i64
  func.return %b : i64
}
