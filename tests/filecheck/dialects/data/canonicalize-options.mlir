// RUN: kumeo-opt %s --split-input-file -p canonicalize --allow-unregistered-dialect | filecheck %s

// Options that are known.

// The value of an option that is some.
// CHECK-LABEL: "case"() {n = 0 : i64}
// CHECK-NEXT: %x = "any"() : () -> f64
// CHECK-NEXT: "use"(%x) : (f64) -> ()
"case"() {n = 0 : i64} : () -> ()
%x = "any"() : () -> f64
%o = data.some %x : !data.option<f64>
%b = data.unwrap %o : f64
"use"(%b) : (f64) -> ()

// -----

// A default that is never used.
// CHECK-LABEL: "case"() {n = 1 : i64}
// CHECK-NEXT: %x = "any"() : () -> f64
// CHECK-NEXT: %d = "any"() : () -> f64
// CHECK-NEXT: "use"(%x) : (f64) -> ()
"case"() {n = 1 : i64} : () -> ()
%x = "any"() : () -> f64
%d = "any"() : () -> f64
%o = data.some %x : !data.option<f64>
%b = data.coalesce %o, %d : f64
"use"(%b) : (f64) -> ()

// -----

// An optional default that is never used.
// CHECK-LABEL: "case"() {n = 2 : i64}
// CHECK-NEXT: %x = "any"() : () -> f64
// CHECK-NEXT: %d = "any"() : () -> !data.option<f64>
// CHECK-NEXT: %o = data.some %x : !data.option<f64>
// CHECK-NEXT: "use"(%o) : (!data.option<f64>) -> ()
"case"() {n = 2 : i64} : () -> ()
%x = "any"() : () -> f64
%d = "any"() : () -> !data.option<f64>
%o = data.some %x : !data.option<f64>
%b = data.coalesce %o, %d : !data.option<f64>
"use"(%b) : (!data.option<f64>) -> ()

// -----

// A default that is always used.
// CHECK-LABEL: "case"() {n = 3 : i64}
// CHECK-NEXT: %d = "any"() : () -> f64
// CHECK-NEXT: "use"(%d) : (f64) -> ()
"case"() {n = 3 : i64} : () -> ()
%d = "any"() : () -> f64
%o = data.none : !data.option<f64>
%b = data.coalesce %o, %d : f64
"use"(%b) : (f64) -> ()

// -----

// `is_some` of a value that may fail stays: the failure would be lost.
// CHECK-LABEL: "case"() {n = 4 : i64}
// CHECK-NEXT: %x = "any"() : () -> f64
// CHECK-NEXT: %o = data.some %x : !data.option<f64>
// CHECK-NEXT: %b = data.is_some %o
// CHECK-NEXT: "use"(%b) : (i1) -> ()
"case"() {n = 4 : i64} : () -> ()
%x = "any"() : () -> f64
%o = data.some %x : !data.option<f64>
%b = data.is_some %o
"use"(%b) : (i1) -> ()

// -----

// `is_some` of an item of a list holds: an item is no failure.
// CHECK-LABEL: "case"() {n = 5 : i64}
// CHECK-NEXT: %l = "any"() : () -> !data.list<f64>
// CHECK-NEXT: %b = data.all %x: f64 in %l {
// CHECK-NEXT: %c = data.constant true : i1
// CHECK-NEXT: data.yield %c : i1
// CHECK-NEXT: }
// CHECK-NEXT: "use"(%b) : (i1) -> ()
"case"() {n = 5 : i64} : () -> ()
%l = "any"() : () -> !data.list<f64>
%b = data.all %x : f64 in %l {
  %o = data.some %x : !data.option<f64>
  %c = data.is_some %o
  data.yield %c : i1
}
"use"(%b) : (i1) -> ()

// -----

// A field of an option that is some.
// CHECK-LABEL: "case"() {n = 6 : i64}
// CHECK-NEXT: %r = "any"() : () -> !data.record<{a: f64}>
// CHECK-NEXT: %b = data.get %r["a"] : f64
// CHECK-NEXT: %b_1 = data.some %b : !data.option<f64>
// CHECK-NEXT: "use"(%b_1) : (!data.option<f64>) -> ()
"case"() {n = 6 : i64} : () -> ()
%r = "any"() : () -> !data.record<{a: f64}>
%o = data.some %r : !data.option<!data.record<{a: f64}>>
%b = data.get %o["a"] : !data.option<f64>
"use"(%b) : (!data.option<f64>) -> ()
