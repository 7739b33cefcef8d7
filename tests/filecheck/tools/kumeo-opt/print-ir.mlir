// RUN: kumeo-opt %s -p canonicalize,cse --print-ir-diff 2>&1 | filecheck %s --check-prefix DIFF
// RUN: kumeo-opt %s -p canonicalize,cse --print-ir-after=cse 2>&1 | filecheck %s --check-prefix AFTER
// RUN: kumeo-opt %s -p canonicalize,cse --print-ir-after-change 2>&1 | filecheck %s --check-prefix CHANGE

// DIFF: -  %a = arith.constant 2 : i64
// DIFF: +  %b = arith.constant 4 : i64
// DIFF: // -----// cse changed nothing //----- //

// AFTER-NOT: IR dump after canonicalize
// AFTER: // -----// IR dump after cse //----- //

// CHANGE: // -----// IR dump after canonicalize //----- //
// CHANGE-NOT: IR dump after cse
%a = arith.constant 2 : i64
%b = arith.addi %a, %a : i64
"test.op"(%b) : (i64) -> ()
