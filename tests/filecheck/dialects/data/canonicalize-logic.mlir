// RUN: kumeo-opt %s --split-input-file -p canonicalize --allow-unregistered-dialect | filecheck %s

// Logic, choice and comparison.

// Two negations cancel.
// CHECK-LABEL: "case"() {n = 0 : i64}
// CHECK-NEXT: %x = "any"() : () -> i1
// CHECK-NEXT: "use"(%x) : (i1) -> ()
"case"() {n = 0 : i64} : () -> ()
%x = "any"() : () -> i1
%n = data.not %x
%b = data.not %n
"use"(%b) : (i1) -> ()

// -----

// A false first operand decides.
// CHECK-LABEL: "case"() {n = 1 : i64}
// CHECK-NEXT: %x = "any"() : () -> i1
// CHECK-NEXT: %f = data.constant false : i1
// CHECK-NEXT: "use"(%f) : (i1) -> ()
"case"() {n = 1 : i64} : () -> ()
%x = "any"() : () -> i1
%f = data.constant false : i1
%b = data.and %f, %x
"use"(%b) : (i1) -> ()

// -----

// A false second operand does not: the first may fail.
// CHECK-LABEL: "case"() {n = 2 : i64}
// CHECK-NEXT: %x = "any"() : () -> i1
// CHECK-NEXT: %f = data.constant false : i1
// CHECK-NEXT: %b = data.and %x, %f
// CHECK-NEXT: "use"(%b) : (i1) -> ()
"case"() {n = 2 : i64} : () -> ()
%x = "any"() : () -> i1
%f = data.constant false : i1
%b = data.and %x, %f
"use"(%b) : (i1) -> ()

// -----

// A true operand of `and` is neutral.
// CHECK-LABEL: "case"() {n = 3 : i64}
// CHECK-NEXT: %x = "any"() : () -> i1
// CHECK-NEXT: "use"(%x) : (i1) -> ()
"case"() {n = 3 : i64} : () -> ()
%x = "any"() : () -> i1
%t = data.constant true : i1
%b = data.and %x, %t
"use"(%b) : (i1) -> ()

// -----

// A true first operand of `or` decides.
// CHECK-LABEL: "case"() {n = 4 : i64}
// CHECK-NEXT: %x = "any"() : () -> i1
// CHECK-NEXT: %t = data.constant true : i1
// CHECK-NEXT: "use"(%t) : (i1) -> ()
"case"() {n = 4 : i64} : () -> ()
%x = "any"() : () -> i1
%t = data.constant true : i1
%b = data.or %t, %x
"use"(%b) : (i1) -> ()

// -----

// A false first operand of `or` is neutral.
// CHECK-LABEL: "case"() {n = 5 : i64}
// CHECK-NEXT: %x = "any"() : () -> i1
// CHECK-NEXT: "use"(%x) : (i1) -> ()
"case"() {n = 5 : i64} : () -> ()
%x = "any"() : () -> i1
%f = data.constant false : i1
%b = data.or %f, %x
"use"(%b) : (i1) -> ()

// -----

// A known condition chooses.
// CHECK-LABEL: "case"() {n = 6 : i64}
// CHECK-NEXT: %x = "any"() : () -> f64
// CHECK-NEXT: %y = "any"() : () -> f64
// CHECK-NEXT: "use"(%y) : (f64) -> ()
"case"() {n = 6 : i64} : () -> ()
%x = "any"() : () -> f64
%y = "any"() : () -> f64
%t = data.constant false : i1
%b = data.select %t, %x, %y : f64
"use"(%b) : (f64) -> ()

// -----

// A negated comparison of integers turns around.
// CHECK-LABEL: "case"() {n = 7 : i64}
// CHECK-NEXT: %x = "any"() : () -> i64
// CHECK-NEXT: %y = "any"() : () -> i64
// CHECK-NEXT: %b = data.compare ge, %x, %y : i64
// CHECK-NEXT: "use"(%b) : (i1) -> ()
"case"() {n = 7 : i64} : () -> ()
%x = "any"() : () -> i64
%y = "any"() : () -> i64
%c = data.compare lt, %x, %y : i64
%b = data.not %c
"use"(%b) : (i1) -> ()

// -----

// A negated order of floats stays: NaN.
// CHECK-LABEL: "case"() {n = 8 : i64}
// CHECK-NEXT: %x = "any"() : () -> f64
// CHECK-NEXT: %y = "any"() : () -> f64
// CHECK-NEXT: %c = data.compare lt, %x, %y : f64
// CHECK-NEXT: %b = data.not %c
// CHECK-NEXT: "use"(%b) : (i1) -> ()
"case"() {n = 8 : i64} : () -> ()
%x = "any"() : () -> f64
%y = "any"() : () -> f64
%c = data.compare lt, %x, %y : f64
%b = data.not %c
"use"(%b) : (i1) -> ()

// -----

// Empty text joins to the other.
// CHECK-LABEL: "case"() {n = 9 : i64}
// CHECK-NEXT: %x = "any"() : () -> !data.str
// CHECK-NEXT: "use"(%x) : (!data.str) -> ()
"case"() {n = 9 : i64} : () -> ()
%x = "any"() : () -> !data.str
%e = data.constant "" : !data.str
%b = data.concat %x, %e : !data.str
"use"(%b) : (!data.str) -> ()
