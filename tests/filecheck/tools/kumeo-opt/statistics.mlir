// RUN: kumeo-opt %s -p dce,cse --pass-statistics 2>&1 | filecheck %s

// CHECK: ===- pass statistics -===
// CHECK-NEXT: dce
// CHECK-NEXT: 1  ops erased
// CHECK-NEXT: cse
// CHECK-NEXT: 1  ops joined
%a = arith.constant 2 : i64
%b = arith.constant 2 : i64
%dead = "test.pureop"(%a) : (i64) -> i64
"test.op"(%a, %b) : (i64, i64) -> ()
