// RUN: kumeo-opt %s -p cse --remarks
%a = arith.constant 1 : i64
%b = arith.constant 1 : i64
"test.op"(%a, %b) : (i64, i64) -> ()
