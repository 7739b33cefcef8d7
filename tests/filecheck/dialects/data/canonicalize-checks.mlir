// RUN: kumeo-opt %s --split-input-file -p canonicalize --allow-unregistered-dialect | filecheck %s

// A condition that is known to hold checks nothing.
// CHECK-LABEL: "case"() {n = 0 : i64}
// CHECK-NEXT: %x = "any"() : () -> f64
// CHECK-NEXT: "use"(%x) : (f64) -> ()
"case"() {n = 0 : i64} : () -> ()
%x = "any"() : () -> f64
%c = data.constant true : i1
%b = data.require %c, %x "no" "never" : f64
"use"(%b) : (f64) -> ()

// -----

// A failure is no constant: it happens at its own place.
// CHECK-LABEL: "case"() {n = 1 : i64}
// CHECK: %b = data.require %c, %x "no" "never" : f64
// CHECK-NEXT: "use"(%b) : (f64) -> ()
"case"() {n = 1 : i64} : () -> ()
%x = data.constant 2.0 : f64
%c = data.constant false : i1
%b = data.require %c, %x "no" "never" : f64
"use"(%b) : (f64) -> ()
