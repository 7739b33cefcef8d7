// RUN: kumeo-opt %s --verify-roundtrip | filecheck %s
// RUN: kumeo-opt %s --print-op-generic | kumeo-opt - | filecheck %s
// RUN: kumeo-opt %s | kumeo-opt - | filecheck %s

// Arithmetic, comparison, logic and choice.

// CHECK: %i = data.constant 1 : i64
%i = data.constant 1 : i64
// CHECK-NEXT: %x = data.constant 1.0 : f64
%x = data.constant 1.0 : f64
// CHECK-NEXT: %t = data.constant 0 : !data.time
%t = data.constant 0 : !data.time
// CHECK-NEXT: %d = data.constant 1 : !data.duration
%d = data.constant 1 : !data.duration
// CHECK-NEXT: %c = data.constant true : i1
%c = data.constant true : i1
// CHECK-NEXT: %s = data.constant "a" : !data.str
%s = data.constant "a" : !data.str
// CHECK-NEXT: %sum = data.add %i, %i : i64
%sum = data.add %i, %i : i64
// CHECK-NEXT: %later = data.add %t, %d : !data.time
%later = data.add %t, %d : !data.time
// CHECK-NEXT: %age = data.sub %t, %t : !data.duration
%age = data.sub %t, %t : !data.duration
// CHECK-NEXT: %product = data.mul %d, %x : !data.duration
%product = data.mul %d, %x : !data.duration
// CHECK-NEXT: %quotient = data.div %d, %d : f64
%quotient = data.div %d, %d : f64
// CHECK-NEXT: %rest = data.rem %x, %x : f64
%rest = data.rem %x, %x : f64
// CHECK-NEXT: %minus = data.neg %x : f64
%minus = data.neg %x : f64
// CHECK-NEXT: %less = data.compare lt, %x, %x : f64
%less = data.compare lt, %x, %x : f64
// CHECK-NEXT: %same = data.compare eq, %s, %s : !data.str
%same = data.compare eq, %s, %s : !data.str
// CHECK-NEXT: %and = data.and %less, %same
%and = data.and %less, %same
// CHECK-NEXT: %or = data.or %and, %c
%or = data.or %and, %c
// CHECK-NEXT: %not = data.not %or
%not = data.not %or
// CHECK-NEXT: %chosen = data.select %not, %i, %sum : i64
%chosen = data.select %not, %i, %sum : i64
// CHECK-NEXT: %joined = data.concat %s, %s : !data.str
%joined = data.concat %s, %s : !data.str
