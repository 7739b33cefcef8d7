// RUN: kumeo-opt %s -p ' canonicalize ,  cse { } ' | filecheck %s

// Spaces may stand anywhere in a pipeline.

// CHECK: %{{.*}} = arith.constant 4 : i64
%a = arith.constant 2 : i64
%b = arith.addi %a, %a : i64
"test.op"(%b) : (i64) -> ()
