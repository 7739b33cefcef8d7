// RUN: kumeo-opt %s -p 'func.func(cse)' | filecheck %s

// A group runs its passes only inside the ops that it names.

// CHECK-LABEL: func.func @inside
// CHECK-COUNT-1: arith.addi
// CHECK-NOT: arith.addi
// CHECK: func.return
func.func @inside(%x: i64) -> (i64, i64) {
  %a = arith.addi %x, %x : i64
  %b = arith.addi %x, %x : i64
  func.return %a, %b : i64, i64
}

// CHECK: "test.op"() ({
// CHECK: arith.constant 7
// CHECK: arith.constant 7
"test.op"() ({
  %a = arith.constant 7 : i64
  %b = arith.constant 7 : i64
  "test.termop"(%a, %b) : (i64, i64) -> ()
}) : () -> ()
